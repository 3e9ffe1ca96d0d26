-- What share of people and of AI demand has a given rate at a given delay over each constellation, on the newest day?
-- Change the pairs in `promise`. Alone: one of few users, with the median rates that Starlink measures in the country (elsewhere their median; of others no rate is told here).
-- At once: a fifth of all lines, 3.5 people each, ask for it together of what the cell can be sold (both as in core.workload_daily); where it does not suffice, the part that it carries counts.
-- Delay is the 95th percentile of the day to the nearest compute, a listed site or a cloud region. Null is not known: no gateway, no uplink, or no rate of a terminal.
WITH capacity AS (
    SELECT * FROM core.capacity_daily
),

latency AS (
    SELECT * FROM core.latency_daily
),

cell AS (
    SELECT * FROM dim.cell
),

cell_country AS (
    SELECT * FROM dim.cell_country
),

demand AS (
    SELECT * FROM core.demand_daily
),

market AS (
    SELECT * FROM core.market_daily
),

promise AS (
    SELECT * FROM (
        VALUES
        ('25/3 Mbit/s, 100 ms', 25.0, 3.0, 100.0),
        ('100/20 Mbit/s, 60 ms', 100.0, 20.0, 60.0),
        ('voice', 0.1, 0.1, 150.0),
        ('video up', 0.0, 3.0, 250.0)
    ) AS pair (promise, down_mbps, up_mbps, rtt_ms)
),

most AS (
    SELECT
        cell_id,
        arg_max(country_iso3, area_fraction) AS country_iso3
    FROM cell_country
    GROUP BY cell_id
),

ai AS (
    SELECT
        cell_id,
        sum(down_gbps + up_gbps) AS ai_gbps
    FROM demand
    WHERE day = (SELECT max(newest.day) FROM demand AS newest)
    GROUP BY cell_id
),

measured AS (
    SELECT
        country_iso3,
        measured_down_p50_mbps,
        measured_up_p50_mbps
    FROM market
    WHERE constellation = 'starlink' AND measured_down_p50_mbps IS NOT NULL AND day = (SELECT max(newest.day) FROM market AS newest)
),

middle AS (
    SELECT
        median(measured_down_p50_mbps) AS down_mbps,
        median(measured_up_p50_mbps) AS up_mbps
    FROM measured
),

user_cell AS (
    SELECT
        capacity.constellation,
        cell.population_count,
        coalesce(ai.ai_gbps, 0) AS ai_gbps,
        -- A gateway is known and no way ever leads there: endless, not unknown.
        if(latency.reachable_fraction = 0, 'infinity'::DOUBLE, least(latency.rtt_gpu_p50_ms, latency.rtt_cloud_p50_ms) + latency.rtt_pop_p95_ms - latency.rtt_pop_p50_ms) AS rtt_ms,
        1000 * capacity.supply_down_gbps / (cell.population_count / 3.5 * 0.2) AS line_down_mbps,
        1000 * capacity.supply_up_gbps / (cell.population_count / 3.5 * 0.2) AS line_up_mbps,
        if(capacity.constellation = 'starlink', coalesce(measured.measured_down_p50_mbps, middle.down_mbps), NULL) AS terminal_down_mbps,
        if(capacity.constellation = 'starlink', coalesce(measured.measured_up_p50_mbps, middle.up_mbps), NULL) AS terminal_up_mbps
    FROM capacity
    INNER JOIN latency
        ON capacity.day = latency.day AND capacity.constellation = latency.constellation AND capacity.cell_id = latency.cell_id
    INNER JOIN cell ON capacity.cell_id = cell.cell_id
    LEFT JOIN ai ON capacity.cell_id = ai.cell_id
    LEFT JOIN most ON capacity.cell_id = most.cell_id
    LEFT JOIN measured ON most.country_iso3 = measured.country_iso3
    CROSS JOIN middle
    WHERE cell.population_count > 0 AND capacity.day = (SELECT max(newest.day) FROM capacity AS newest)
),

kept AS (
    SELECT
        user_cell.constellation,
        user_cell.population_count,
        user_cell.ai_gbps,
        promise.*,
        (user_cell.rtt_ms <= promise.rtt_ms)::INTEGER AS in_time,
        ((promise.down_mbps = 0 OR user_cell.terminal_down_mbps >= promise.down_mbps) AND (promise.up_mbps = 0 OR user_cell.terminal_up_mbps >= promise.up_mbps))::INTEGER AS alone,
        if(promise.down_mbps = 0, 1, least(1, user_cell.line_down_mbps / nullif(promise.down_mbps, 0))) AS down_part,
        if(promise.up_mbps = 0, 1, least(1, user_cell.line_up_mbps / nullif(promise.up_mbps, 0))) AS up_part
    FROM user_cell
    CROSS JOIN promise
)

SELECT
    constellation,
    promise,
    any_value(down_mbps) AS down_mbps,
    any_value(up_mbps) AS up_mbps,
    any_value(rtt_ms) AS rtt_ms,
    round(100 * if(bool_or(in_time IS NULL), NULL, sum(in_time * population_count) / sum(population_count)), 2) AS in_time_people_percent,
    round(100 * if(bool_or(in_time * alone IS NULL), NULL, sum(in_time * alone * population_count) / sum(population_count)), 2) AS alone_people_percent,
    round(100 * if(bool_or(in_time * alone IS NULL), NULL, sum(in_time * alone * ai_gbps) / sum(ai_gbps)), 2) AS alone_ai_demand_percent,
    round(100 * if(bool_or(in_time * down_part * up_part IS NULL), NULL, sum(in_time * alone * if(down_part < up_part, down_part, up_part) * population_count) / sum(population_count)), 2) AS at_once_people_percent,
    round(100 * if(bool_or(in_time * down_part * up_part IS NULL), NULL, sum(in_time * alone * if(down_part < up_part, down_part, up_part) * ai_gbps) / sum(ai_gbps)), 2) AS at_once_ai_demand_percent
FROM kept
GROUP BY constellation, promise
ORDER BY constellation, any_value(down_mbps) DESC, any_value(up_mbps) DESC;
