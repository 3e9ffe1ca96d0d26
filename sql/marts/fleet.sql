-- one row per constellation, generation and payload class of the newest day or the published day before it
CREATE OR REPLACE VIEW marts.fleet AS
WITH history AS (
    SELECT * FROM core.fleet_history_daily WHERE basis <> 'reconstructed'
),

days AS (
    SELECT
        max(day) AS day,
        (SELECT max(day) FROM history WHERE day < (SELECT max(day) FROM history)) AS previous_day
    FROM history
),

latest AS (
    SELECT history.* FROM history INNER JOIN days ON history.day = days.day
),

previous AS (
    SELECT history.* FROM history INNER JOIN days ON history.day = days.previous_day
),

compared AS (
    SELECT
        constellation,
        generation,
        payload_class,
        coalesce(latest.satellite_count, 0) AS satellite_count,
        coalesce(latest.operational_count, 0) AS operational_count,
        coalesce(previous.satellite_count, 0) AS previous_satellite_count,
        coalesce(previous.operational_count, 0) AS previous_operational_count,
        coalesce(latest.down_gbps_per_satellite, previous.down_gbps_per_satellite) AS down_gbps_per_satellite,
        latest.installed_down_gbps,
        latest.operational_down_gbps,
        coalesce(latest.flagged, previous.flagged) AS flagged
    FROM latest
    FULL JOIN previous USING (constellation, generation, payload_class)
)

SELECT
    days.day,
    days.previous_day,
    compared.constellation,
    compared.generation,
    compared.payload_class,
    compared.satellite_count,
    if(days.previous_day IS NULL, NULL, compared.satellite_count - compared.previous_satellite_count) AS satellite_change_count,
    compared.operational_count,
    if(days.previous_day IS NULL, NULL, compared.operational_count - compared.previous_operational_count) AS operational_change_count,
    compared.down_gbps_per_satellite,
    compared.installed_down_gbps,
    compared.operational_down_gbps,
    compared.flagged
FROM compared
CROSS JOIN days
ORDER BY compared.constellation, compared.payload_class, compared.generation;

COMMENT ON VIEW marts.fleet IS 'one row per constellation, generation and payload class of the newest day or the published day before it. The fleets of the newest day, and how they changed since the published day before it.';
COMMENT ON COLUMN marts.fleet.day IS 'Newest published day [UTC date].';
COMMENT ON COLUMN marts.fleet.previous_day IS 'Published day before it; null when there is none [UTC date].';
COMMENT ON COLUMN marts.fleet.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.fleet.generation IS 'Generation.';
COMMENT ON COLUMN marts.fleet.payload_class IS 'What the satellites carry.';
COMMENT ON COLUMN marts.fleet.satellite_count IS 'Satellites in the catalog.';
COMMENT ON COLUMN marts.fleet.satellite_change_count IS 'Change since previous_day; null when there is none.';
COMMENT ON COLUMN marts.fleet.operational_count IS 'Satellites at work.';
COMMENT ON COLUMN marts.fleet.operational_change_count IS 'Change since previous_day; null when there is none.';
COMMENT ON COLUMN marts.fleet.down_gbps_per_satellite IS 'Downlink capacity of one satellite, base [Gbps].';
COMMENT ON COLUMN marts.fleet.installed_down_gbps IS 'Broadband downlink of all satellites, base [Gbps].';
COMMENT ON COLUMN marts.fleet.operational_down_gbps IS 'Broadband downlink of the satellites at work, base [Gbps].';
COMMENT ON COLUMN marts.fleet.flagged IS 'Generation unknown: conservative figures stand in.';
