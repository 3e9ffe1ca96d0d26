-- What does the market price come to per Gbps and subscriber, and which revenue, subscribers, price and utilisation does it imply?
-- Arithmetic at stated margins and multiples, no advice: docs/operators.md has the formulas. A stale price is used, with its day.
WITH valuation AS (
    SELECT * FROM core.valuation_daily
)

SELECT
    operator,
    valuation_basis,
    attribution,
    priced_day,
    is_stale,
    round(market_value_usd / 1e9) AS market_value_billion,
    valued_as,
    round(installed_usd_per_gbps, -3) AS installed_usd_per_gbps,
    round(per_subscriber_usd, -3) AS per_subscriber_usd,
    round(implied_revenue_usd / 1e9) AS implied_revenue_billion,
    round(implied_revenue_factor, 1) AS implied_revenue_factor,
    round(implied_subscriber_count / 1e6) AS implied_subscriber_million,
    round(implied_price_usd_per_gbps_month, -3) AS implied_price_usd_per_gbps_month,
    round(price_now_usd_per_gbps_month, -3) AS price_now_usd_per_gbps_month,
    round(utilisation_now_fraction, 2) AS utilisation_now_fraction,
    round(implied_utilisation_fraction, 2) AS implied_utilisation_fraction,
    round(implied_utilisation_low_fraction, 2) AS implied_utilisation_low_fraction,
    round(implied_utilisation_high_fraction, 2) AS implied_utilisation_high_fraction,
    missing
FROM valuation
WHERE day = (SELECT max(newest.day) FROM valuation AS newest)
ORDER BY operator, valuation_basis, attribution;
