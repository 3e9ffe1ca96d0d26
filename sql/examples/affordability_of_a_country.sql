-- How many people of Nigeria can pay for Starlink at which part of their income, and between what bounds?
-- Incomes in dollars are estimated from those at purchasing power parity; the bounds hold what prices, incomes and their spread may be.
WITH affordable AS (
    SELECT * FROM core.affordable_daily
)

SELECT
    income_share_fraction,
    round(affordable_low_people_count / 1e6, 2) AS least_millions,
    round(affordable_people_count / 1e6, 2) AS base_millions,
    round(affordable_high_people_count / 1e6, 2) AS most_millions,
    round(affordable_people_count / people_count, 3) AS base_fraction,
    round(cost_usd_per_month, 2) AS cost_usd_per_month,
    round(income_usd_per_month) AS income_usd_per_month
FROM affordable
WHERE
    constellation = 'starlink'
    AND country_iso3 = 'NGA'
    AND day = (SELECT max(newest.day) FROM affordable AS newest)
ORDER BY income_share_fraction;
