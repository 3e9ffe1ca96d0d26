-- How far is Starlink ahead of the others on the newest day (satellites, Tbps, markets, launches), and in how many days do they reach their next goals?
-- Goals are what is planned or due (Amazon Leo: 578 to begin service, 1,618 by July 2026); days are at the pace of the last 90.
WITH rival AS (
    SELECT * FROM core.rival_daily
),

kpi AS (
    SELECT * FROM core.operator_kpi
),

newest AS (
    SELECT * FROM rival
    WHERE rival_kind = 'constellation' AND day = (SELECT max(latest.day) FROM rival AS latest)
),

goal AS (
    SELECT
        newest.rival,
        kpi.reported_value AS goal_count,
        row_number() OVER (PARTITION BY newest.rival ORDER BY kpi.reported_value) AS goal_number
    FROM newest
    INNER JOIN kpi ON newest.operator = kpi.operator
    WHERE
        kpi.kpi IN ('satellites_planned', 'satellites_due')
        AND NOT kpi.is_restated
        AND kpi.reported_value > newest.satellite_count
),

pace AS (
    SELECT
        newest.rival,
        max(goal.goal_count) FILTER (WHERE goal.goal_number = 1) AS next_goal_count,
        max(goal.goal_count) FILTER (WHERE goal.goal_number = 2) AS second_goal_count,
        any_value(newest.launched_satellite_90d_count) / 90.0 AS per_day
    FROM newest
    LEFT JOIN goal ON newest.rival = goal.rival
    GROUP BY newest.rival
)

SELECT
    newest.rival,
    newest.satellite_count,
    round(newest.starlink_satellite_factor, 1) AS starlink_satellite_factor,
    round(newest.starlink_installed_factor, 1) AS starlink_installed_factor,
    round(newest.starlink_sellable_factor, 1) AS starlink_sellable_factor,
    newest.market_count,
    newest.launch_90d_count,
    newest.launched_satellite_90d_count,
    round(newest.starlink_launch_factor, 1) AS starlink_launch_factor,
    pace.next_goal_count,
    round((pace.next_goal_count - newest.satellite_count) / nullif(pace.per_day, 0)) AS next_goal_days,
    pace.second_goal_count,
    round((pace.second_goal_count - newest.satellite_count) / nullif(pace.per_day, 0)) AS second_goal_days,
    newest.missing
FROM newest
LEFT JOIN pace ON newest.rival = pace.rival
ORDER BY newest.satellite_count DESC;
