-- What does an hour of a GPU cost today, on demand and spot?
-- Each provider has one vote; where no list is landed the row is a shipped figure and says so.
WITH price AS (
    SELECT * FROM core.price_daily
)

SELECT
    item,
    market,
    round(median_usd, 2) AS median_usd,
    round(quartile_low_usd, 2) AS quartile_low_usd,
    round(quartile_high_usd, 2) AS quartile_high_usd,
    offer_count,
    as_of_text,
    price_basis
FROM price
WHERE
    price_kind = 'gpu_hour'
    AND day = (SELECT max(newest.day) FROM price AS newest)
ORDER BY offer_count DESC NULLS LAST, item, market
LIMIT 12;
