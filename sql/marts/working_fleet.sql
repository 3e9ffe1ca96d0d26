-- one row per published day and constellation
CREATE OR REPLACE VIEW marts.working_fleet AS
WITH history AS (
    SELECT * FROM core.fleet_history_daily
),

fleet AS (
    SELECT
        day,
        constellation,
        bool_and(basis <> 'reconstructed') AS published,
        bool_or(basis = 'standing') AS standing,
        sum(satellite_count)::BIGINT AS satellite_count,
        if(bool_or(operational_count IS NULL), NULL, sum(operational_count))::BIGINT AS working_count,
        if(bool_or(operational_count IS NULL), NULL, coalesce(sum(operational_count) FILTER (payload_class = 'broadband'), 0))::BIGINT AS broadband_working_count,
        if(bool_or(operational_count IS NULL), NULL, coalesce(sum(operational_count) FILTER (payload_class = 'direct_to_cell'), 0))::BIGINT AS direct_to_cell_working_count,
        if(
            bool_or(installed_down_gbps IS NULL AND payload_class = 'broadband'),
            NULL,
            sum(installed_down_gbps) FILTER (payload_class = 'broadband') / 1000
        ) AS installed_down_tbps
    FROM history
    GROUP BY day, constellation
)

SELECT
    today.day,
    today.constellation,
    today.standing,
    today.satellite_count,
    today.working_count,
    today.broadband_working_count,
    today.direct_to_cell_working_count,
    today.installed_down_tbps,
    today.satellite_count - before_1.satellite_count AS satellite_change_1d_count,
    today.working_count - before_1.working_count AS working_change_1d_count,
    today.installed_down_tbps - before_1.installed_down_tbps AS installed_change_1d_tbps,
    NOT before_1.published AS reconstructed_1d,
    today.satellite_count - before_7.satellite_count AS satellite_change_7d_count,
    today.working_count - before_7.working_count AS working_change_7d_count,
    today.installed_down_tbps - before_7.installed_down_tbps AS installed_change_7d_tbps,
    NOT before_7.published AS reconstructed_7d,
    today.satellite_count - before_30.satellite_count AS satellite_change_30d_count,
    today.working_count - before_30.working_count AS working_change_30d_count,
    today.installed_down_tbps - before_30.installed_down_tbps AS installed_change_30d_tbps,
    NOT before_30.published AS reconstructed_30d,
    today.satellite_count - before_90.satellite_count AS satellite_change_90d_count,
    today.working_count - before_90.working_count AS working_change_90d_count,
    today.installed_down_tbps - before_90.installed_down_tbps AS installed_change_90d_tbps,
    NOT before_90.published AS reconstructed_90d
FROM fleet AS today
LEFT JOIN fleet AS before_1 ON today.constellation = before_1.constellation AND today.day = before_1.day + 1
LEFT JOIN fleet AS before_7 ON today.constellation = before_7.constellation AND today.day = before_7.day + 7
LEFT JOIN fleet AS before_30 ON today.constellation = before_30.constellation AND today.day = before_30.day + 30
LEFT JOIN fleet AS before_90 ON today.constellation = before_90.constellation AND today.day = before_90.day + 90
WHERE today.published
ORDER BY today.day, today.constellation;

COMMENT ON VIEW marts.working_fleet IS 'one row per published day and constellation. Who works, who is in orbit, and how that changed over 1, 7, 30 and 90 days.';
COMMENT ON COLUMN marts.working_fleet.day IS 'Published day [UTC date].';
COMMENT ON COLUMN marts.working_fleet.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.working_fleet.standing IS 'Whether no elements were landed on the day: those of an earlier day stand, and nobody was looked for.';
COMMENT ON COLUMN marts.working_fleet.satellite_count IS 'Satellites in the catalog, all payload classes.';
COMMENT ON COLUMN marts.working_fleet.working_count IS 'Satellites at work: operational in a learned, steady shell, direct-to-cell ones included.';
COMMENT ON COLUMN marts.working_fleet.broadband_working_count IS 'Broadband satellites at work.';
COMMENT ON COLUMN marts.working_fleet.direct_to_cell_working_count IS 'Direct-to-cell satellites at work.';
COMMENT ON COLUMN marts.working_fleet.installed_down_tbps IS 'Broadband downlink of all satellites, base [Tbps].';
COMMENT ON COLUMN marts.working_fleet.satellite_change_1d_count IS 'Change of satellite_count over 1 day; null where that day is neither published nor reconstructed.';
COMMENT ON COLUMN marts.working_fleet.working_change_1d_count IS 'Change of working_count over 1 day; null where that day was not published, for who worked cannot be reconstructed.';
COMMENT ON COLUMN marts.working_fleet.installed_change_1d_tbps IS 'Change of installed_down_tbps over 1 day [Tbps].';
COMMENT ON COLUMN marts.working_fleet.reconstructed_1d IS 'Whether the day 1 day before is reconstructed.';
COMMENT ON COLUMN marts.working_fleet.satellite_change_7d_count IS 'Change of satellite_count over 7 days; null where that day is neither published nor reconstructed.';
COMMENT ON COLUMN marts.working_fleet.working_change_7d_count IS 'Change of working_count over 7 days; null where that day was not published, for who worked cannot be reconstructed.';
COMMENT ON COLUMN marts.working_fleet.installed_change_7d_tbps IS 'Change of installed_down_tbps over 7 days [Tbps].';
COMMENT ON COLUMN marts.working_fleet.reconstructed_7d IS 'Whether the day 7 days before is reconstructed.';
COMMENT ON COLUMN marts.working_fleet.satellite_change_30d_count IS 'Change of satellite_count over 30 days; null where that day is neither published nor reconstructed.';
COMMENT ON COLUMN marts.working_fleet.working_change_30d_count IS 'Change of working_count over 30 days; null where that day was not published, for who worked cannot be reconstructed.';
COMMENT ON COLUMN marts.working_fleet.installed_change_30d_tbps IS 'Change of installed_down_tbps over 30 days [Tbps].';
COMMENT ON COLUMN marts.working_fleet.reconstructed_30d IS 'Whether the day 30 days before is reconstructed.';
COMMENT ON COLUMN marts.working_fleet.satellite_change_90d_count IS 'Change of satellite_count over 90 days; null where that day is neither published nor reconstructed.';
COMMENT ON COLUMN marts.working_fleet.working_change_90d_count IS 'Change of working_count over 90 days; null where that day was not published, for who worked cannot be reconstructed.';
COMMENT ON COLUMN marts.working_fleet.installed_change_90d_tbps IS 'Change of installed_down_tbps over 90 days [Tbps].';
COMMENT ON COLUMN marts.working_fleet.reconstructed_90d IS 'Whether the day 90 days before is reconstructed.';
