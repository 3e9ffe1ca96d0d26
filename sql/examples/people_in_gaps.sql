-- For how many people is no satellite of a constellation above the mask for longer than a minute, five minutes or an hour at a time, on the newest day?
-- Geometric continuity, by exact rise and set, without weather.
WITH continuity AS (
    SELECT * FROM core.continuity_daily
),

cell AS (
    SELECT * FROM dim.cell
)

SELECT
    continuity.constellation,
    round(sum(cell.population_count * continuity.continuous_fraction) / sum(cell.population_count), 6) AS continuous_fraction,
    round(sum(cell.population_count * continuity.continuous_2_fraction) / sum(cell.population_count), 6) AS continuous_2_fraction,
    round(sum(cell.population_count) FILTER (WHERE continuity.gap_count = 0))::BIGINT AS never_without_people_count,
    round(sum(cell.population_count) FILTER (WHERE continuity.longest_gap_exact_s > 60))::BIGINT AS minute_people_count,
    round(sum(cell.population_count) FILTER (WHERE continuity.longest_gap_exact_s > 300))::BIGINT AS five_minutes_people_count,
    round(sum(cell.population_count) FILTER (WHERE continuity.longest_gap_exact_s > 3600))::BIGINT AS hour_people_count
FROM continuity
INNER JOIN cell ON continuity.cell_id = cell.cell_id
WHERE continuity.day = (SELECT max(newest.day) FROM continuity AS newest)
GROUP BY continuity.constellation
ORDER BY continuous_fraction DESC, continuity.constellation;
