-- What share of the world's people does each constellation cover, and how long is the way to its PoP, on each published day?
WITH access AS (
    SELECT * FROM marts.world_access
),

published AS (
    SELECT * FROM marts.published_day
)

SELECT
    access.day,
    published.synthetic,
    published.catalog_age_days,
    access.constellation,
    round(access.covered_fraction, 4) AS covered_fraction,
    round(access.always_covered_fraction, 4) AS always_covered_fraction,
    round(access.visible_mean_count, 2) AS visible_mean_count,
    round(access.rtt_pop_p50_ms, 1) AS rtt_pop_p50_ms
FROM access
INNER JOIN published ON access.day = published.day
ORDER BY access.day DESC, covered_fraction DESC, access.constellation;
