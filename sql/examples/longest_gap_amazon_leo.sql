-- In which countries do people wait longest for a satellite of Amazon Leo, on the newest day?
-- 86,400 s means never. Change the constellation to compare.
WITH access AS (
    SELECT * FROM marts.country_access
),

newest AS (
    SELECT * FROM access WHERE day = (SELECT max(day) FROM access) AND constellation = 'amazon_leo'
)

SELECT
    country_iso3,
    country_title,
    round(population_count)::BIGINT AS population_count,
    longest_gap_s,
    round(covered_fraction, 4) AS covered_fraction
FROM newest
ORDER BY longest_gap_s DESC, newest.population_count DESC
LIMIT 20;
