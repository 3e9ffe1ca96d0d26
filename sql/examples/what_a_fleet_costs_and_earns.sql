-- What do a raw, a levelised and a sold Gbps-month of each fleet cost on the newest day, and what does a deployed Gbps earn in a month?
-- Means over satellites at work, recomputed from the inputs of each generation, beside what core.economics_daily states.
WITH input AS (
    SELECT * FROM core.economics_input_daily
),

economics AS (
    SELECT * FROM core.economics_daily
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
        count(*) FILTER (WHERE economics_input IN ('build_cost', 'launch_cost', 'down')) = 3 AS known
    FROM input
    WHERE generation <> 'all'
    GROUP BY day, constellation, generation
),

fleet AS (
    SELECT
        day,
        constellation,
        sum(operational * capital) FILTER (WHERE known) / sum(operational * gbps) FILTER (WHERE known) AS capex_usd_per_gbps,
        sum(operational * capital / (12 * years)) FILTER (WHERE known)
        / sum(operational * gbps) FILTER (WHERE known) AS raw_usd_per_gbps_month
    FROM satellite
    GROUP BY day, constellation
    -- A fleet of whose capacity less than nine tenths is known in cost has no cost.
    HAVING sum(operational * gbps) FILTER (WHERE known) >= 0.9 * sum(operational * gbps)
),

revenue AS (
    SELECT
        day,
        constellation,
        max(value_number) FILTER (WHERE economics_input = 'quarter_revenue')
        / 3 / max(value_number) FILTER (WHERE economics_input = 'quarter_installed') AS revenue_usd_per_deployed_gbps_month
    FROM input
    WHERE generation = 'all'
    GROUP BY day, constellation
)

SELECT
    fleet.constellation,
    fleet.capex_usd_per_gbps,
    fleet.raw_usd_per_gbps_month,
    economics.raw_usd_per_gbps_month AS stated_raw_usd_per_gbps_month,
    economics.levelised_usd_per_gbps_month,
    economics.sold_levelised_usd_per_gbps_month,
    economics.sellable_fraction,
    revenue.revenue_usd_per_deployed_gbps_month,
    economics.revenue_basis
FROM fleet
INNER JOIN economics ON fleet.day = economics.day AND fleet.constellation = economics.constellation AND economics.generation = 'all'
INNER JOIN revenue ON fleet.day = revenue.day AND fleet.constellation = revenue.constellation
WHERE fleet.day = (SELECT max(newest.day) FROM economics AS newest)
ORDER BY fleet.raw_usd_per_gbps_month;
