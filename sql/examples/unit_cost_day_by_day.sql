-- How does the cost of a Gbps-month of each fleet, and what it earns, move from day to day?
WITH economics AS (
    SELECT * FROM core.economics_daily
)

SELECT
    day,
    constellation,
    round(capex_usd_per_gbps) AS capex_usd_per_gbps,
    round(raw_usd_per_gbps_month, 1) AS raw_usd_per_gbps_month,
    round(levelised_usd_per_gbps_month, 1) AS levelised_usd_per_gbps_month,
    round(sold_levelised_p10_usd_per_gbps_month) AS sold_levelised_p10_usd_per_gbps_month,
    round(sold_levelised_usd_per_gbps_month) AS sold_levelised_usd_per_gbps_month,
    round(sold_levelised_p90_usd_per_gbps_month) AS sold_levelised_p90_usd_per_gbps_month,
    round(100 * (sold_levelised_usd_per_gbps_month / lag(sold_levelised_usd_per_gbps_month) OVER days - 1), 2) AS sold_levelised_change_percent,
    round(revenue_usd_per_deployed_gbps_month) AS revenue_usd_per_deployed_gbps_month,
    missing
FROM economics
WHERE generation = 'all'
WINDOW days AS (PARTITION BY constellation ORDER BY day)
ORDER BY constellation, day DESC;
