-- Which assumptions move what a constellation can sell the most on the newest day?
WITH driver AS (
    SELECT * FROM core.capacity_driver_daily
)

SELECT
    constellation,
    rank_number,
    driver,
    low_number,
    base_number,
    high_number,
    unit,
    round(sellable_at_low_tbps, 2) AS sellable_at_low_tbps,
    round(sellable_at_high_tbps, 2) AS sellable_at_high_tbps,
    round(swing_tbps, 2) AS swing_tbps
FROM driver
WHERE day = (SELECT max(day) FROM driver) AND rank_number <= 5
ORDER BY constellation, rank_number;
