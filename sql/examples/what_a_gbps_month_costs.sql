-- What does a Gbps-month cost, by generation, computed anew from the inputs alone, with who says so?
-- core.economics_daily states the same; a fleet's row is the mean of its satellites at work.
WITH input AS (
    SELECT * FROM core.economics_input_daily
),

shared AS (
    SELECT
        day,
        constellation,
        max(value_number) FILTER (WHERE economics_input = 'discount_rate') AS rate,
        max(value_number) FILTER (WHERE economics_input = 'opex_fraction') AS opex,
        max(low_number) FILTER (WHERE economics_input = 'opex_fraction') AS opex_low,
        max(high_number) FILTER (WHERE economics_input = 'opex_fraction') AS opex_high,
        max(value_number) FILTER (WHERE economics_input = 'gateway_site_cost') AS site,
        max(low_number) FILTER (WHERE economics_input = 'gateway_site_cost') AS site_low,
        max(high_number) FILTER (WHERE economics_input = 'gateway_site_cost') AS site_high,
        max(value_number) FILTER (WHERE economics_input = 'sites_per_satellite') AS sites,
        max(value_number) FILTER (WHERE economics_input = 'in_service') AS in_service,
        max(value_number) FILTER (WHERE economics_input = 'sellable') AS sellable,
        max(low_number) FILTER (WHERE economics_input = 'sellable') AS sellable_low,
        max(high_number) FILTER (WHERE economics_input = 'sellable') AS sellable_high
    FROM input
    WHERE generation = 'all'
    GROUP BY day, constellation
),

satellite AS (
    SELECT
        day,
        constellation,
        generation,
        max(value_number) FILTER (WHERE economics_input = 'operational') AS operational,
        max(value_number) FILTER (WHERE economics_input = 'down') AS gbps,
        max(value_number) FILTER (WHERE economics_input = 'life') AS years,
        sum(value_number) FILTER (WHERE economics_input IN ('build_cost', 'launch_cost')) AS capital,
        sum(low_number) FILTER (WHERE economics_input IN ('build_cost', 'launch_cost')) AS capital_low,
        sum(high_number) FILTER (WHERE economics_input IN ('build_cost', 'launch_cost')) AS capital_high,
        string_agg(economics_input || ': ' || source_title, '; ' ORDER BY economics_input)
            FILTER (WHERE economics_input IN ('build_cost', 'launch_cost', 'down')) AS sources
    FROM input
    WHERE generation <> 'all'
    GROUP BY day, constellation, generation
    HAVING count(*) FILTER (WHERE economics_input IN ('build_cost', 'launch_cost', 'down')) = 3
),

month AS (
    SELECT
        satellite.*,
        shared.in_service,
        shared.sellable,
        shared.sellable_low,
        shared.sellable_high,
        rate * pow(1 + rate, years) / (pow(1 + rate, years) - 1) AS recovery,
        (capital + site * sites) * (recovery + opex) / 12 AS levelised,
        (capital_low + site_low * sites) * (recovery + opex_low) / 12 AS levelised_low,
        (capital_high + site_high * sites) * (recovery + opex_high) / 12 AS levelised_high
    FROM satellite
    INNER JOIN shared USING (day, constellation)
)

SELECT
    constellation,
    generation,
    capital / gbps AS capex_usd_per_gbps,
    capital / (12 * years) / gbps AS raw_usd_per_gbps_month,
    capital_low / (12 * years) / gbps AS raw_low_usd_per_gbps_month,
    capital_high / (12 * years) / gbps AS raw_high_usd_per_gbps_month,
    levelised / gbps AS levelised_usd_per_gbps_month,
    levelised_low / gbps AS levelised_low_usd_per_gbps_month,
    levelised_high / gbps AS levelised_high_usd_per_gbps_month,
    CASE WHEN operational > 0 THEN capital / (12 * years) / gbps / (sellable / in_service) END AS sold_usd_per_gbps_month,
    CASE WHEN operational > 0 THEN levelised / gbps / (sellable / in_service) END AS sold_levelised_usd_per_gbps_month,
    CASE WHEN operational > 0 THEN levelised_low / gbps / (sellable_high / in_service) END AS sold_levelised_low_usd_per_gbps_month,
    CASE WHEN operational > 0 THEN levelised_high / gbps / (sellable_low / in_service) END AS sold_levelised_high_usd_per_gbps_month,
    sources
FROM month
WHERE day = (SELECT max(newest.day) FROM input AS newest)
ORDER BY constellation, generation;
