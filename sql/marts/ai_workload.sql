-- one row per day and workload of AI
CREATE OR REPLACE VIEW marts.ai_workload AS
WITH ledger AS (
    SELECT * FROM core.ai_ledger_daily
),

fleet AS (
    SELECT * FROM core.fleet_capacity_daily
),

starlink AS (
    SELECT
        day,
        in_service_down_tbps,
        in_service_up_tbps
    FROM fleet
    WHERE constellation = 'starlink'
)

SELECT
    ledger.day,
    ledger.workload,
    ledger.units_per_day_count,
    ledger.unit,
    ledger.payload_down_gbps + ledger.payload_up_gbps AS payload_gbps,
    ledger.down_gbps,
    ledger.down_low_gbps,
    ledger.down_high_gbps,
    ledger.up_gbps,
    ledger.up_low_gbps,
    ledger.up_high_gbps,
    starlink.in_service_down_tbps * 1000 / ledger.down_gbps AS times_to_fill_down,
    starlink.in_service_up_tbps * 1000 / ledger.up_gbps AS times_to_fill_up
FROM ledger
LEFT JOIN starlink ON ledger.day = starlink.day
ORDER BY ledger.day, ledger.down_gbps + ledger.up_gbps DESC;

COMMENT ON VIEW marts.ai_workload IS 'one row per day and workload of AI. The whole world''s use, beside what Starlink has in service: which workload could ever fill it.';
COMMENT ON COLUMN marts.ai_workload.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.ai_workload.workload IS 'Workload.';
COMMENT ON COLUMN marts.ai_workload.units_per_day_count IS 'Units a day in the world, base.';
COMMENT ON COLUMN marts.ai_workload.unit IS 'What is counted.';
COMMENT ON COLUMN marts.ai_workload.payload_gbps IS 'What users send and read, itself, both ways, mean of the day [Gbps].';
COMMENT ON COLUMN marts.ai_workload.down_gbps IS 'To users with framing and headers, mean of the day, base [Gbps].';
COMMENT ON COLUMN marts.ai_workload.down_low_gbps IS 'The same, low [Gbps].';
COMMENT ON COLUMN marts.ai_workload.down_high_gbps IS 'The same, high [Gbps].';
COMMENT ON COLUMN marts.ai_workload.up_gbps IS 'From users with headers, mean of the day, base [Gbps].';
COMMENT ON COLUMN marts.ai_workload.up_low_gbps IS 'The same, low [Gbps].';
COMMENT ON COLUMN marts.ai_workload.up_high_gbps IS 'The same, high [Gbps].';
COMMENT ON COLUMN marts.ai_workload.times_to_fill_down IS 'How many times the world''s use of the workload Starlink''s downlink in service is.';
COMMENT ON COLUMN marts.ai_workload.times_to_fill_up IS 'How many times the world''s use of the workload Starlink''s uplink in service is.';
