-- In how many countries does a sold Gbps-month cost at most three times transit, by the kind of market?
WITH country_cost AS (
    SELECT * FROM core.country_cost_daily
)

SELECT
    constellation,
    transit_class,
    count(*) AS country_count,
    count(*) FILTER (WHERE within_3_of_transit) AS within_count,
    min(of_transit_low_factor) AS of_transit_low_factor,
    min(of_transit_factor) AS of_transit_factor,
    max(of_transit_high_factor) AS of_transit_high_factor
FROM country_cost
WHERE day = (SELECT max(newest.day) FROM country_cost AS newest)
GROUP BY constellation, transit_class
ORDER BY constellation, of_transit_factor;
