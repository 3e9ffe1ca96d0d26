-- The countries: where most people are without a path, Starlink beside Amazon Leo
with
starlink as (
    select * from core.access_daily where day = $day and constellation = 'starlink'
),
amazon_leo as (
    select * from core.access_daily where day = $day and constellation = 'amazon_leo'
)
select
    starlink.country_iso3,
    coalesce(dim.title, starlink.country_iso3) as title,
    starlink.population_count,
    starlink.covered_fraction,
    starlink.always_covered_fraction,
    starlink.visible_mean_count,
    starlink.reachable_fraction,
    starlink.rtt_pop_p50_ms,
    amazon_leo.covered_fraction as amazon_leo_covered_fraction
from starlink
left join amazon_leo using (country_iso3)
left join dim.country as dim using (country_iso3)
-- A path needs a satellite in view, so people without a path include people without a satellite.
order by
    starlink.population_count * (1 - coalesce(starlink.reachable_fraction, starlink.covered_fraction)) desc,
    starlink.population_count desc,
    starlink.country_iso3
limit 12
