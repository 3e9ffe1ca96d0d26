-- How many people never lack a satellite, by country and constellation, on the newest day?
WITH access AS (
    SELECT * FROM marts.country_access
),

newest AS (
    SELECT * FROM access WHERE day = (SELECT max(day) FROM access)
)

SELECT
    constellation,
    country_iso3,
    country_title,
    round(population_count * always_covered_fraction)::BIGINT AS always_covered_population_count,
    always_covered_fraction
FROM newest
WHERE always_covered_fraction > 0
ORDER BY constellation, always_covered_population_count DESC;
