-- What are the indices of readiness made of on the newest day, what would a point more of each pillar add, and which pillar moved the index since the day before?
-- The drivers of an index add up to its change. "demand" is that people ask elsewhere, "places" that a place is known on one day only.
WITH pillar AS (
    SELECT * FROM core.readiness_pillar_daily
),

driver AS (
    SELECT * FROM core.readiness_driver_daily
),

definition AS (
    SELECT * FROM dim.readiness
),

newest AS (
    SELECT * FROM pillar WHERE day = (SELECT max(latest.day) FROM pillar AS latest)
),

moved AS (
    SELECT * FROM driver WHERE day = (SELECT max(latest.day) FROM pillar AS latest)
)

SELECT
    coalesce(newest.constellation, moved.constellation) AS constellation,
    coalesce(newest.readiness, moved.readiness) AS readiness,
    coalesce(newest.pillar, moved.driver) AS part,
    newest.weight_fraction,
    newest.is_common,
    round(newest.measure_number, 4) AS measure_number,
    definition.unit,
    definition.at_zero_number,
    definition.at_hundred_number,
    round(newest.score_number, 1) AS score_number,
    round(newest.known_fraction, 3) AS known_fraction,
    round(newest.marginal_number, 3) AS marginal_number,
    round(moved.change_number, 4) AS change_number
FROM newest
FULL JOIN moved
    ON newest.constellation = moved.constellation AND newest.readiness = moved.readiness AND newest.pillar = moved.driver
LEFT JOIN definition ON newest.readiness = definition.readiness AND newest.pillar = definition.pillar
ORDER BY constellation, readiness, newest.weight_fraction DESC NULLS LAST, part;
