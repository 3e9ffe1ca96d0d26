-- What the mesh of each constellation carries between regions, beside cables on the same cut
select
    dim.title,
    trunk.trunk,
    trunk.trunk_direction,
    trunk.mesh_cut_gbps,
    trunk.landing_a_gbps,
    trunk.landing_b_gbps,
    trunk.transit_gbps,
    trunk.trunk_gbps,
    trunk.subsea_design_tbps
from core.trunk_daily as trunk
join dim.constellation as dim using (constellation)
where trunk.day = $day and trunk.mesh_cut_gbps > 0
order by dim.title, trunk.trunk, trunk.trunk_direction
