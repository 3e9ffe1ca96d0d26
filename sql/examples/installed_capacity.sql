-- How much downlink is installed and in service, by constellation, with its interval, day by day?
-- The interval comes from the low and the high figure of every generation (dim.generation cites them).
WITH fleet AS (
    SELECT * FROM core.fleet_capacity_daily
)

SELECT
    day,
    constellation,
    satellite_count,
    round(installed_down_tbps, 2) AS installed_down_tbps,
    round(installed_down_low_tbps, 2) AS installed_down_low_tbps,
    round(installed_down_high_tbps, 2) AS installed_down_high_tbps,
    round(in_service_down_tbps, 2) AS in_service_down_tbps
FROM fleet
ORDER BY day, installed_down_tbps DESC NULLS LAST, constellation;
