-- What do GPUs, tokens and electricity cost on the newest day, and how did it change since the first published day?
WITH price AS (
    SELECT * FROM core.price_daily
),

earliest AS (
    SELECT * FROM price
    WHERE day = (SELECT min(oldest.day) FROM price AS oldest)
)

SELECT
    price.price_kind,
    price.item,
    price.region,
    price.market,
    round(price.median_usd, 3) AS median_usd,
    round(price.lowest_usd, 3) AS lowest_usd,
    round(price.highest_usd, 3) AS highest_usd,
    price.offer_count,
    price.as_of_text,
    price.price_basis,
    earliest.day AS since_day,
    round(100 * (price.median_usd / earliest.median_usd - 1), 1) AS change_percent,
    price.source
FROM price
LEFT JOIN earliest
    ON
        price.price_kind = earliest.price_kind
        AND price.item = earliest.item
        AND price.region = earliest.region
        AND price.market = earliest.market
WHERE price.day = (SELECT max(newest.day) FROM price AS newest)
ORDER BY price.price_kind, price.item, price.region, price.market;
