-- The people: each constellation's figures, weighted by where people live, and the same on the last published day before
with
before as (
    select max(day) as previous_day from core.fleet_capacity_daily where day < $day
),
world as (
    select
        day,
        constellation,
        sum(population_count) as population_count,
        sum(population_count * covered_fraction) / sum(population_count) as covered_fraction,
        sum(population_count * always_covered_fraction) / sum(population_count) as always_covered_fraction,
        sum(population_count * visible_mean_count) / sum(population_count) as visible_mean_count,
        sum(population_count * usable_mean_count) / sum(population_count) as usable_mean_count,
        sum(population_count * reachable_fraction) / sum(population_count) as reachable_fraction,
        -- A country weighs as much as it has people and time with a path; no path anywhere, no figure.
        sum(population_count * reachable_fraction * rtt_pop_p50_ms)
        / nullif(sum(population_count * reachable_fraction) filter (where rtt_pop_p50_ms is not null), 0) as rtt_pop_p50_ms,
        sum(population_count * reachable_fraction * rtt_pop_p95_ms)
        / nullif(sum(population_count * reachable_fraction) filter (where rtt_pop_p95_ms is not null), 0) as rtt_pop_p95_ms
    from core.access_daily
    where day = $day or day = (select previous_day from before)
    group by day, constellation
    having sum(population_count) > 0
)
select
    today.* exclude (day),
    earlier.covered_fraction as previous_covered_fraction,
    earlier.always_covered_fraction as previous_always_covered_fraction,
    earlier.rtt_pop_p50_ms as previous_rtt_pop_p50_ms
from world as today
left join world as earlier on earlier.constellation = today.constellation and earlier.day <> $day
where today.day = $day
order by today.constellation
