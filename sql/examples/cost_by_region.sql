-- What does a sold Gbps-month cost against transit, by region and constellation, on the newest day?
-- Space and gateways cost the same everywhere: what differs is the price of transit (by class of market, assumed). Own cables: mesh_against_cable_in_cost.sql.
WITH country_cost AS (
    SELECT * FROM core.country_cost_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    country_cost.constellation,
    coalesce(country.region, 'not known') AS region,
    count(*) AS country_count,
    count(country_cost.transit_usd_per_gbps_month) AS priced_country_count,
    round(any_value(country_cost.sold_levelised_low_usd_per_gbps_month)) AS sold_levelised_low_usd_per_gbps_month,
    round(any_value(country_cost.sold_levelised_usd_per_gbps_month)) AS sold_levelised_usd_per_gbps_month,
    round(any_value(country_cost.sold_levelised_high_usd_per_gbps_month)) AS sold_levelised_high_usd_per_gbps_month,
    round(median(country_cost.transit_usd_per_gbps_month)) AS transit_median_usd_per_gbps_month,
    round(median(country_cost.of_transit_factor), 2) AS of_transit_median_factor,
    count(*) FILTER (WHERE country_cost.within_3_of_transit) AS within_3_of_transit_count
FROM country_cost
INNER JOIN country ON country_cost.country_iso3 = country.country_iso3
WHERE country_cost.day = (SELECT max(newest.day) FROM country_cost AS newest)
GROUP BY country_cost.constellation, country.region
ORDER BY country_cost.constellation, of_transit_median_factor NULLS LAST, region;
