-- How far is Starlink ahead of the others on the newest day: satellites, Tbps, markets, launches in 90 days, and when does Amazon Leo reach 578 and 1,618?
WITH rival AS (
    SELECT * FROM core.rival_daily
),

kpi AS (
    SELECT * FROM core.operator_kpi
),

goal AS (
    SELECT
        operator,
        min(reported_value) AS first_count,
        max(reported_value) FILTER (WHERE kpi = 'satellites_due') AS due_count
    FROM kpi
    WHERE
        kpi IN ('satellites_planned', 'satellites_due')
        AND period_end_day <= DATE '2026-12-31'
    GROUP BY operator
)

-- Days at the pace of the last 90; an operator without a goal, or without launches, has none.
SELECT
    rival.rival,
    rival.satellite_count,
    round(rival.starlink_satellite_factor, 1) AS starlink_satellite_factor,
    round(rival.starlink_installed_factor, 1) AS starlink_installed_factor,
    round(rival.starlink_sellable_factor, 1) AS starlink_sellable_factor,
    rival.market_count,
    rival.launch_90d_count,
    rival.launched_satellite_90d_count,
    round(rival.starlink_launch_factor, 1) AS starlink_launch_factor,
    round(
        greatest(goal.first_count - rival.satellite_count, 0) / nullif(rival.launched_satellite_90d_count, 0) * 90
    ) AS first_goal_days,
    round(
        greatest(goal.due_count - rival.satellite_count, 0) / nullif(rival.launched_satellite_90d_count, 0) * 90
    ) AS due_goal_days,
    rival.missing
FROM rival
LEFT JOIN goal ON rival.operator = goal.operator
WHERE
    rival.rival_kind = 'constellation'
    AND rival.day = (SELECT max(newest.day) FROM rival AS newest)
ORDER BY rival.satellite_count DESC;
