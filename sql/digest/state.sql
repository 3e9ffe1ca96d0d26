-- State of the day: which day came before, how old the catalog and its elements are, whether it is a sample
with
before as (
    select max(day) as previous_day from core.fleet_capacity_daily where day < $day
),
catalog as (
    select landed_day, synthetic, fetched_at_utc
    from meta.landing
    where day = $day and source = 'celestrak_active'
),
elements as (
    select
        median(element_age_h) as element_age_p50_h,
        quantile_cont(element_age_h, 0.95) as element_age_p95_h,
        median(state_day_count) as state_day_p50_count
    from core.satellite_daily
    where day = $day
)
select
    $day::date as day,
    before.previous_day,
    catalog.landed_day as catalog_day,
    catalog.synthetic,
    catalog.fetched_at_utc,
    elements.element_age_p50_h,
    elements.element_age_p95_h,
    elements.state_day_p50_count
from before
cross join elements
left join catalog on true
