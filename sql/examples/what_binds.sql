-- Beams, satellites, gateways or mesh: what limits each constellation where, on the newest day?
-- By part of the cells with demand, by part of their demand, and by what is not served because of it; "demand" is where all of it is served.
-- Only constellations of which it is known what they can sell: without known gateways nothing is said.
WITH capacity AS (
    SELECT * FROM core.capacity_daily
),

fleet AS (
    SELECT * FROM core.fleet_capacity_daily
),

known AS (
    SELECT constellation FROM fleet
    WHERE sellable_down_tbps IS NOT NULL AND day = (SELECT max(latest.day) FROM fleet AS latest)
),

newest AS (
    SELECT
        constellation,
        binding,
        demand_down_gbps,
        CASE binding
            WHEN 'beam' THEN beam_short_down_gbps
            WHEN 'satellite' THEN satellite_short_down_gbps
            WHEN 'gateway' THEN gateway_short_down_gbps
            WHEN 'mesh' THEN mesh_short_down_gbps
            ELSE 0
        END AS short_down_gbps
    FROM capacity
    WHERE
        demand_down_gbps > 0
        AND constellation IN (SELECT known.constellation FROM known)
        AND day = (SELECT max(latest.day) FROM capacity AS latest)
)

SELECT
    constellation,
    binding,
    count(*) AS cell_count,
    round(count(*) / sum(count(*)) OVER whole, 4) AS cell_fraction,
    round(sum(demand_down_gbps) / sum(sum(demand_down_gbps)) OVER whole, 4) AS demand_fraction,
    round(sum(short_down_gbps) / 1000, 2) AS short_down_tbps
FROM newest
GROUP BY constellation, binding
WINDOW whole AS (PARTITION BY constellation)
ORDER BY constellation, cell_fraction DESC, binding;
