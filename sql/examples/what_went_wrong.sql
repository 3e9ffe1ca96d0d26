-- What went wrong on the newest day: satellites lost or off their shells, rows left out, checks that failed, sources that are old?
-- Outages of networks and storms on the sun are not landed: nothing is said of them.
WITH event AS (
    SELECT * FROM core.fleet_event_daily
),

fleet AS (
    SELECT * FROM core.fleet_capacity_daily
),

failure AS (
    SELECT * FROM marts.check_failure
),

exclusion AS (
    SELECT * FROM meta.exclusion
),

landing AS (
    SELECT * FROM meta.landing
),

newest AS (
    SELECT max(day) AS day FROM fleet
)

SELECT
    'satellite' AS anomaly,
    constellation || ': ' || event AS subject,
    count(*) AS event_count,
    min(evidence) AS example
FROM event
WHERE event IN ('vanished', 'left_shell', 'decayed', 'decay_predicted') AND day = (SELECT newest.day FROM newest)
GROUP BY constellation, event
UNION ALL
SELECT
    'check' AS anomaly,
    check_id AS subject,
    failed_count AS event_count,
    left(message, 160) AS example
FROM failure
WHERE day = (SELECT newest.day FROM newest)
UNION ALL
SELECT
    'left out' AS anomaly,
    source || ': ' || left(reason, 160) AS subject,
    count(*) AS event_count,
    min(row_key) AS example
FROM exclusion
WHERE day = (SELECT newest.day FROM newest)
GROUP BY subject
UNION ALL
SELECT
    'old source' AS anomaly,
    source AS subject,
    age_days AS event_count,
    'landed ' || landed_day AS example
FROM landing
WHERE age_days > 0 AND day = (SELECT newest.day FROM newest)
ORDER BY anomaly DESC, event_count DESC NULLS LAST, subject;
