-- In which countries did underserved people come within reach of a constellation since the day before, and what is the price of income there?
-- Starlink reaches everybody by geometry, so that for it nothing changes but what is sold; of fleets without known gateways nothing is said.
WITH market AS (
    SELECT * FROM core.market_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    market.constellation,
    country.title,
    market.before_day,
    round(market.newly_reachable_people_count / 1e6, 3) AS newly_reachable_millions,
    round(market.newly_unreachable_people_count / 1e6, 3) AS newly_unreachable_millions,
    round(market.reachable_people_count / 1e6, 1) AS reachable_millions,
    round(market.no_fixed_line_reachable_people_count / 1e6, 1) AS no_fixed_line_reachable_millions,
    market.market_access,
    round(market.price_of_income_fraction, 3) AS price_of_income
FROM market
INNER JOIN country ON market.country_iso3 = country.country_iso3
WHERE
    market.reachable_people_count IS NOT NULL
    AND market.day = (SELECT max(newest.day) FROM market AS newest)
ORDER BY
    market.newly_reachable_people_count DESC NULLS LAST,
    market.newly_unreachable_people_count DESC NULLS LAST,
    market.no_fixed_line_reachable_people_count DESC NULLS LAST,
    country.title
LIMIT 20;
