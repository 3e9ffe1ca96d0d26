-- The countries: first where most people are without a path, then those with most people; Starlink beside Amazon Leo
with
starlink as (
    select * from core.access_daily where day = $day and constellation = 'starlink'
),
amazon_leo as (
    select * from core.access_daily where day = $day and constellation = 'amazon_leo'
),
delay as (
    select * from core.latency_country_daily where day = $day and constellation = 'starlink'
)
select
    starlink.country_iso3,
    coalesce(dim.title, starlink.country_iso3) as title,
    starlink.population_count,
    starlink.covered_fraction,
    starlink.always_covered_fraction,
    starlink.visible_mean_count,
    starlink.reachable_fraction,
    delay.rtt_pop_p50_ms,
    delay.measured_p50_ms,
    delay.rtt_gpu_p50_ms,
    delay.mesh_path_fraction,
    amazon_leo.covered_fraction as amazon_leo_covered_fraction
from starlink
left join amazon_leo using (country_iso3)
left join delay using (country_iso3)
left join dim.country as dim using (country_iso3)
-- A path needs a satellite in view, so people without a path include people without a satellite.
order by
    starlink.population_count * (1 - coalesce(starlink.reachable_fraction, starlink.covered_fraction)) desc,
    starlink.population_count desc,
    starlink.country_iso3
limit 12
