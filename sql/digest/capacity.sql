-- What can be sold of each constellation, between which bounds, and what limits it; the same on the last published day before
with
before as (
    select max(day) as previous_day from core.fleet_capacity_daily where day < $day
),
earlier as (
    select fleet.* from core.fleet_capacity_daily as fleet
    join before on fleet.day = before.previous_day
)
select
    today.constellation,
    dim.title,
    today.gateway_count,
    today.in_service_down_tbps,
    today.in_service_up_tbps,
    today.demand_down_tbps,
    today.sellable_down_tbps,
    today.sellable_down_p10_tbps,
    today.sellable_down_p90_tbps,
    today.sellable_up_tbps,
    today.most_down_tbps,
    today.bound_down_demand_fraction,
    today.bound_down_beam_fraction,
    today.bound_down_satellite_fraction,
    today.bound_down_gateway_fraction,
    today.bound_down_mesh_fraction,
    earlier.sellable_down_tbps as previous_sellable_down_tbps
from core.fleet_capacity_daily as today
join dim.constellation as dim using (constellation)
left join earlier using (constellation)
where today.day = $day
order by today.sellable_down_tbps desc nulls last, today.constellation
