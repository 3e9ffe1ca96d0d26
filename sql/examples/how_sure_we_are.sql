-- How sure are we on the newest day: how old are the inputs, how wide are the intervals of the headline figures, and how wrong is the modelled delay?
-- Width is the 90th less the 10th percentile, over the median. Delay is judged in countries that nothing was fitted on, against medians that Starlink publishes.
WITH landing AS (
    SELECT * FROM meta.landing
),

satellite AS (
    SELECT * FROM core.satellite_daily
),

fleet AS (
    SELECT * FROM core.fleet_capacity_daily
),

economics AS (
    SELECT * FROM core.economics_daily
),

readiness AS (
    SELECT * FROM core.readiness_daily
),

model_error AS (
    SELECT * FROM core.model_error_daily
),

newest AS (
    SELECT max(day) AS day FROM fleet
),

told AS (
    SELECT
        1 AS part_number,
        'age of ' || source AS subject,
        age_days::DOUBLE AS figure,
        'days' AS unit,
        NULL::DOUBLE AS p10,
        NULL::DOUBLE AS p90
    FROM landing
    WHERE day = (SELECT newest.day FROM newest)
    UNION ALL
    SELECT
        2 AS part_number,
        'age of the elements of ' || constellation AS subject,
        median(element_age_h) AS figure,
        'h' AS unit,
        quantile_cont(element_age_h, 0.1) AS p10,
        quantile_cont(element_age_h, 0.9) AS p90
    FROM satellite
    WHERE day = (SELECT newest.day FROM newest)
    GROUP BY constellation
    UNION ALL
    SELECT
        3 AS part_number,
        'installed downlink of ' || constellation AS subject,
        installed_down_p50_tbps AS figure,
        'Tbps' AS unit,
        installed_down_p10_tbps AS p10,
        installed_down_p90_tbps AS p90
    FROM fleet
    WHERE day = (SELECT newest.day FROM newest)
    UNION ALL
    SELECT
        4 AS part_number,
        'what ' || constellation || ' can sell' AS subject,
        sellable_down_p50_tbps AS figure,
        'Tbps' AS unit,
        sellable_down_p10_tbps AS p10,
        sellable_down_p90_tbps AS p90
    FROM fleet
    WHERE day = (SELECT newest.day FROM newest)
    UNION ALL
    SELECT
        5 AS part_number,
        'a sold Gbps-month of ' || constellation || ', levelised' AS subject,
        sold_levelised_usd_per_gbps_month AS figure,
        'USD' AS unit,
        sold_levelised_p10_usd_per_gbps_month AS p10,
        sold_levelised_p90_usd_per_gbps_month AS p90
    FROM economics
    WHERE generation = 'all' AND day = (SELECT newest.day FROM newest)
    UNION ALL
    SELECT
        6 AS part_number,
        'readiness of ' || constellation || ', common index of ' || readiness AS subject,
        common_number AS figure,
        'points' AS unit,
        common_p10_number AS p10,
        common_p90_number AS p90
    FROM readiness
    WHERE readiness IN ('access', 'trunk') AND day = (SELECT newest.day FROM newest)
    UNION ALL
    SELECT
        7 AS part_number,
        'mean absolute error of delay, ' || predictor || ', ' || country_count || ' countries' AS subject,
        mae_ms AS figure,
        'ms' AS unit,
        NULL AS p10,
        NULL AS p90
    FROM model_error
    WHERE sample = 'judged' AND day = (SELECT newest.day FROM newest)
)

SELECT
    subject,
    round(figure, 2) AS figure,
    unit,
    round(p10, 2) AS p10,
    round(p90, 2) AS p90,
    round(100 * (p90 - p10) / nullif(figure, 0), 1) AS width_percent
FROM told
ORDER BY part_number, subject;
