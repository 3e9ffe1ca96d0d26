-- Which PoP serves most of each country, why, and how far is it from its people?
WITH served AS (
    SELECT * FROM dim.country_pop
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    country.title,
    served.pop_code,
    round(served.share_fraction, 2) AS share_fraction,
    round(served.distance_km) AS distance_km,
    served.pop_reason
FROM served
INNER JOIN country ON served.country_iso3 = country.country_iso3
WHERE served.is_main AND served.region_code = 'all'
ORDER BY served.distance_km DESC NULLS LAST, country.title
LIMIT 15;
