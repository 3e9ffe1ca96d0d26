-- How much capacity did each constellation add or lose since the day before, and over seven days, beside the 5 Tbps a week that SpaceX tells of?
-- Installed: all broadband satellites in the catalog x the figure of their generation (dim.generation), low, base and high. Days that were not landed are reconstructed from launches and losses.
WITH history AS (
    SELECT * FROM core.fleet_history_daily
),

generation AS (
    SELECT * FROM dim.generation
),

fleet AS (
    SELECT * FROM core.fleet_capacity_daily
),

installed AS (
    SELECT
        history.day,
        history.constellation,
        bool_or(history.basis = 'reconstructed') AS reconstructed,
        sum(history.satellite_count * generation.down_low_gbps) / 1000 AS low_tbps,
        sum(history.satellite_count * generation.down_gbps) / 1000 AS base_tbps,
        sum(history.satellite_count * generation.down_high_gbps) / 1000 AS high_tbps,
        if(bool_or(generation.up_gbps IS NULL), NULL, sum(history.satellite_count * generation.up_gbps)) / 1000 AS up_tbps
    FROM history
    INNER JOIN generation ON history.generation = generation.generation
    WHERE history.payload_class = 'broadband'
    GROUP BY history.day, history.constellation
),

published AS (
    SELECT DISTINCT day FROM fleet
)

SELECT
    today.day,
    today.constellation,
    round(today.base_tbps, 2) AS installed_down_tbps,
    round(today.low_tbps - yesterday.low_tbps, 3) AS change_1d_low_tbps,
    round(today.base_tbps - yesterday.base_tbps, 3) AS change_1d_tbps,
    round(today.high_tbps - yesterday.high_tbps, 3) AS change_1d_high_tbps,
    round(today.up_tbps - yesterday.up_tbps, 3) AS change_1d_up_tbps,
    round((today.base_tbps - week.base_tbps) / 7, 3) AS mean_of_7_days_tbps,
    round(today.low_tbps - week.low_tbps, 2) AS week_low_tbps,
    round(today.base_tbps - week.base_tbps, 2) AS week_tbps,
    round(today.high_tbps - week.high_tbps, 2) AS week_high_tbps,
    round(today.up_tbps - week.up_tbps, 2) AS week_up_tbps,
    round((today.base_tbps - week.base_tbps) / 5, 2) AS of_5_tbps_a_week_factor,
    week.reconstructed AS week_reconstructed
FROM installed AS today
INNER JOIN published ON today.day = published.day
LEFT JOIN installed AS yesterday ON today.constellation = yesterday.constellation AND today.day = yesterday.day + 1
LEFT JOIN installed AS week ON today.constellation = week.constellation AND today.day = week.day + 7
ORDER BY today.day DESC, today.base_tbps DESC, today.constellation;
