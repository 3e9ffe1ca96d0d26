-- Which are the largest underserved markets within reach of Starlink, how sure is their rank, and where is the price known?
WITH market AS (
    SELECT * FROM marts.underserved_market
)

SELECT
    rank_number,
    rank_low_number,
    rank_high_number,
    country_title,
    round(no_fixed_line_reachable_people_count / 1e6, 1) AS no_fixed_line_reachable_millions,
    market_access,
    round(price_of_income_fraction, 3) AS price_of_income,
    price_as_of_text,
    price_note,
    round(affordable_market_people_count / 1e6, 1) AS affordable_market_millions,
    affordable_rank_number,
    affordable_rank_low_number,
    affordable_rank_high_number
FROM market
WHERE constellation = 'starlink' AND day = (SELECT max(newest.day) FROM market AS newest)
ORDER BY rank_number
LIMIT 20;
