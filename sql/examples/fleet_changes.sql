-- How did each fleet change from one published day to the next?
WITH fleet AS (
    SELECT * FROM core.fleet_capacity_daily
)

SELECT
    day,
    constellation,
    satellite_count,
    satellite_count - lag(satellite_count) OVER fleet_days AS satellite_change_count,
    operational_count,
    operational_count - lag(operational_count) OVER fleet_days AS operational_change_count
FROM fleet
WINDOW fleet_days AS (PARTITION BY constellation ORDER BY day)
ORDER BY constellation, day;
