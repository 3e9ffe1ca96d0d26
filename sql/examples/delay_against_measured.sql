-- In which countries is the modelled delay of Starlink most wrong on the newest day, and are they among those it was fitted on?
WITH place AS (
    SELECT * FROM core.model_place_daily
),

delay AS (
    SELECT * FROM core.latency_country_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    country.title,
    place.sample,
    round(place.measured_p50_ms, 1) AS measured_p50_ms,
    round(place.rtt_pop_p50_ms, 1) AS rtt_pop_p50_ms,
    round(place.error_ms, 1) AS error_ms,
    delay.pop_code,
    round(delay.mesh_path_fraction, 2) AS mesh_path_fraction
FROM place
INNER JOIN delay ON place.day = delay.day AND place.country_iso3 = delay.country_iso3
INNER JOIN country ON place.country_iso3 = country.country_iso3
WHERE delay.constellation = 'starlink' AND place.day = (SELECT max(day) FROM place)
ORDER BY abs(place.error_ms) DESC NULLS FIRST, country.title;
