-- The generations: what each fleet is made of, and what one satellite of each can carry
with
before as (
    select max(day) as previous_day from core.fleet_capacity_daily where day < $day
),
earlier as (
    select history.* from core.fleet_history_daily as history
    join before on history.day = before.previous_day
)
select
    today.constellation,
    dim.title,
    today.generation,
    today.payload_class,
    today.satellite_count,
    today.operational_count,
    today.down_gbps_per_satellite,
    figure.down_low_gbps,
    figure.down_high_gbps,
    figure.confidence,
    today.flagged,
    (
        select count(*)
        from core.satellite_daily as satellite
        where satellite.day = today.day
            and satellite.constellation = today.constellation
            and satellite.generation = today.generation
            and satellite.object_name is null
    ) as nameless_count,
    earlier.operational_count as previous_operational_count
from core.fleet_history_daily as today
join dim.constellation as dim using (constellation)
left join dim.generation as figure on figure.generation = today.generation
left join earlier
    on earlier.constellation = today.constellation
    and earlier.generation = today.generation
    and earlier.payload_class = today.payload_class
where today.day = $day
order by
    sum(today.satellite_count) over (partition by today.constellation) desc,
    today.constellation,
    today.satellite_count desc,
    today.generation,
    today.payload_class
