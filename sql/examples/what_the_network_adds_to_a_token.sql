-- What does carrying a million tokens, a minute of voice and an hour of video cost, by network, and what part of a token's price is that?
WITH unit_cost AS (
    SELECT * FROM core.unit_cost_daily
)

SELECT
    traffic_unit,
    network,
    gbps_month_usd,
    unit_low_usd,
    unit_usd,
    unit_high_usd,
    100 * of_price_fraction AS of_price_percent,
    price_item,
    source
FROM unit_cost
WHERE day = (SELECT max(newest.day) FROM unit_cost AS newest) AND constellation = 'starlink'
ORDER BY traffic_unit, unit_usd;
