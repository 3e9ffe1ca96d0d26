-- Which ten cells have the most AI demand, to users, at 18:00 UTC of the newest day?
-- A cell's local solar hour is the UTC hour plus its longitude / 15; the hour's share of a day x 24 turns a mean into that hour's demand.
WITH demand AS (
    SELECT * FROM core.demand_daily
),

cell AS (
    SELECT * FROM dim.cell
),

hour_of_day AS (
    SELECT * FROM core.ai_hour_daily
)

SELECT
    demand.cell_id,
    round(any_value(cell.latitude_deg), 2) AS latitude_deg,
    round(any_value(cell.longitude_deg), 2) AS longitude_deg,
    round(sum(demand.down_gbps * hour_of_day.use_fraction * 24), 3) AS down_gbps,
    round(sum(demand.up_gbps * hour_of_day.use_fraction * 24), 3) AS up_gbps
FROM demand
INNER JOIN cell ON demand.cell_id = cell.cell_id
INNER JOIN hour_of_day
    ON
        demand.day = hour_of_day.day
        AND demand.workload = hour_of_day.workload
        AND hour_of_day.solar_hour_number = CAST(floor(18 + cell.longitude_deg / 15 + 24) AS BIGINT) % 24
WHERE demand.day = (SELECT max(newest.day) FROM demand AS newest)
GROUP BY demand.cell_id
ORDER BY down_gbps DESC NULLS LAST, demand.cell_id
LIMIT 10;
