-- What is in the sky and what could be sold, by latitude, on the newest day?
-- Means over cells within 5 degrees of each tenth degree, by area; the least in view is the least of the day in any cell. What is in view is shared with the rest of its footprint: it is no supply of the cell. Supply is null of constellations whose gateways are not known.
WITH coverage AS (
    SELECT * FROM core.coverage_daily
),

capacity AS (
    SELECT * FROM core.capacity_daily
),

cell AS (
    SELECT * FROM dim.cell
),

fleet AS (
    SELECT * FROM core.fleet_capacity_daily
)

SELECT
    coverage.constellation,
    10 * round(cell.latitude_deg / 10)::BIGINT AS about_latitude_deg,
    round(sum(coverage.visible_mean_count * cell.area_km2) / sum(cell.area_km2), 1) AS visible_mean_count,
    min(coverage.visible_min_count) AS visible_min_count,
    round(sum(coverage.usable_mean_count * cell.area_km2) / sum(cell.area_km2), 1) AS usable_mean_count,
    round(sum(capacity.visible_down_gbps * cell.area_km2) / sum(cell.area_km2)) AS in_view_down_gbps,
    round(1000 * sum(capacity.supply_down_gbps) FILTER (WHERE fleet.sellable_down_tbps IS NOT NULL) / sum(cell.area_km2), 3) AS supply_down_gbps_per_1000_km2,
    round(1000 * sum(capacity.supply_up_gbps) FILTER (WHERE fleet.sellable_up_tbps IS NOT NULL) / sum(cell.area_km2), 3) AS supply_up_gbps_per_1000_km2,
    round(1000 * sum(capacity.served_down_gbps) FILTER (WHERE fleet.sellable_down_tbps IS NOT NULL) / sum(cell.area_km2), 3) AS served_down_gbps_per_1000_km2,
    round(1000 * sum(capacity.demand_down_gbps) / sum(cell.area_km2), 3) AS demand_down_gbps_per_1000_km2
FROM coverage
INNER JOIN capacity
    ON coverage.day = capacity.day AND coverage.constellation = capacity.constellation AND coverage.cell_id = capacity.cell_id
INNER JOIN cell ON coverage.cell_id = cell.cell_id
INNER JOIN fleet ON coverage.day = fleet.day AND coverage.constellation = fleet.constellation
WHERE coverage.day = (SELECT max(newest.day) FROM coverage AS newest)
GROUP BY coverage.constellation, about_latitude_deg
ORDER BY coverage.constellation, about_latitude_deg DESC;
