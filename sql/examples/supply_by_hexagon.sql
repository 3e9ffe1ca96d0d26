-- In which hexagons of the H3 grid do most people share what Starlink could sell there on the newest day, and how much is it a head?
-- A cell's people and supply are divided among its hexagons by area, in sixteenths.
WITH capacity AS (
    SELECT * FROM core.capacity_daily
),

cell AS (
    SELECT * FROM dim.cell
),

bridge AS (
    SELECT * FROM dim.cell_h3
)

SELECT
    bridge.h3_id,
    round(sum(bridge.area_fraction * cell.area_km2)) AS area_km2,
    round(sum(bridge.area_fraction * cell.population_count) / 1e6, 2) AS people_millions,
    round(1000 * sum(bridge.area_fraction * capacity.supply_down_gbps) / sum(bridge.area_fraction * cell.area_km2), 3) AS supply_down_gbps_per_1000_km2,
    round(1e6 * sum(bridge.area_fraction * capacity.supply_down_gbps) / nullif(sum(bridge.area_fraction * cell.population_count), 0), 2) AS supply_down_kbps_per_head
FROM bridge
INNER JOIN cell ON bridge.cell_id = cell.cell_id
INNER JOIN capacity ON bridge.cell_id = capacity.cell_id
WHERE capacity.constellation = 'starlink' AND capacity.day = (SELECT max(newest.day) FROM capacity AS newest)
GROUP BY bridge.h3_id
ORDER BY sum(bridge.area_fraction * cell.population_count) DESC, bridge.h3_id
LIMIT 20;
