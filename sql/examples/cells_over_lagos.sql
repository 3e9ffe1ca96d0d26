-- What is in the sky over Lagos (6.5 degrees north, 3.4 degrees east), on the newest day?
-- The four cells whose centres are nearest on the sphere, for each constellation.
WITH cell AS (
    SELECT * FROM dim.cell
),

coverage AS (
    SELECT * FROM core.coverage_daily
),

capacity AS (
    SELECT * FROM core.capacity_daily
),

latency AS (
    SELECT * FROM core.latency_daily
),

near AS (
    SELECT
        cell_id,
        population_count,
        6371 * acos(least(1, sin(radians(6.5)) * sin(radians(latitude_deg)) + cos(radians(6.5)) * cos(radians(latitude_deg)) * cos(radians(longitude_deg - 3.4)))) AS distance_km
    FROM cell
    ORDER BY distance_km
    LIMIT 4
)

SELECT
    coverage.day,
    coverage.constellation,
    near.cell_id,
    round(near.distance_km) AS distance_km,
    round(near.population_count)::BIGINT AS population_count,
    round(coverage.visible_mean_count, 2) AS visible_mean_count,
    coverage.visible_min_count,
    coverage.longest_gap_s,
    round(capacity.visible_down_gbps) AS visible_down_gbps,
    round(latency.rtt_pop_p50_ms, 1) AS rtt_pop_p50_ms
FROM near
INNER JOIN coverage ON near.cell_id = coverage.cell_id
INNER JOIN capacity
    ON coverage.day = capacity.day AND coverage.constellation = capacity.constellation AND coverage.cell_id = capacity.cell_id
INNER JOIN latency
    ON coverage.day = latency.day AND coverage.constellation = latency.constellation AND coverage.cell_id = latency.cell_id
WHERE coverage.day = (SELECT max(day) FROM coverage)
ORDER BY coverage.constellation, distance_km, near.cell_id;
