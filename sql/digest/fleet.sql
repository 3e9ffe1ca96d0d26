-- The fleets: satellites and installed downlink of each constellation, and the same on the last published day before
with
before as (
    select max(day) as previous_day from core.fleet_capacity_daily where day < $day
),
apart as (
    select constellation, sum(operational_count)::bigint as direct_to_cell_count
    from core.fleet_history_daily
    where day = $day and payload_class = 'direct_to_cell'
    group by constellation
),
earlier as (
    select fleet.* from core.fleet_capacity_daily as fleet
    join before on fleet.day = before.previous_day
)
select
    today.constellation,
    dim.title,
    dim.min_elevation_deg,
    today.satellite_count,
    today.broadband_operational_count,
    coalesce(apart.direct_to_cell_count, 0) as direct_to_cell_count,
    today.installed_down_tbps,
    today.installed_down_low_tbps,
    today.installed_down_high_tbps,
    earlier.broadband_operational_count as previous_broadband_operational_count,
    earlier.installed_down_tbps as previous_installed_down_tbps
from core.fleet_capacity_daily as today
join dim.constellation as dim using (constellation)
left join apart using (constellation)
left join earlier using (constellation)
where today.day = $day
order by today.broadband_operational_count desc, today.constellation
