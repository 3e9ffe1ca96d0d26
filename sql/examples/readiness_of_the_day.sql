-- How ready is each constellation as a backbone of AI, day by day: two indices of 0 to 100, and four tests with target and crossing day?
-- An index over all pillars is null where one of them is not known for half of the demand; the common index is over the others, for comparing.
WITH readiness AS (
    SELECT * FROM core.readiness_daily
)

SELECT
    day,
    constellation,
    readiness,
    round(value_number, 3) AS value_number,
    round(value_p10_number, 1) AS value_p10_number,
    round(value_p90_number, 1) AS value_p90_number,
    round(common_number, 1) AS common_number,
    round(common_p10_number, 1) AS common_p10_number,
    round(common_p90_number, 1) AS common_p90_number,
    round(common_arithmetic_number, 1) AS common_arithmetic_number,
    round(rank_stability_number, 3) AS rank_stability_number,
    round(change_number, 3) AS change_number,
    abs(change_number) > 3 AND readiness IN ('access', 'trunk') AS explain,
    target_number,
    passed,
    trend_text,
    crossing_day,
    crossing_early_day,
    crossing_late_day,
    missing
FROM readiness
ORDER BY day DESC, constellation, readiness;
