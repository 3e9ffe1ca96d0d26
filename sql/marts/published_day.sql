-- one row per published day
CREATE OR REPLACE VIEW marts.published_day AS
WITH fleet AS (
    SELECT * FROM core.fleet_capacity_daily
),

landing AS (
    SELECT * FROM meta.landing
),

exclusion AS (
    SELECT * FROM meta.exclusion
),

failure AS (
    SELECT * FROM meta.check WHERE NOT passed
),

fleets AS (
    SELECT
        day,
        sum(satellite_count)::BIGINT AS satellite_count,
        sum(operational_count)::BIGINT AS operational_count
    FROM fleet
    GROUP BY day
),

landings AS (
    SELECT
        day,
        bool_or(synthetic) AS synthetic,
        max(landed_day) FILTER (source = 'celestrak_active') AS catalog_day,
        max(age_days) FILTER (source = 'celestrak_active') AS catalog_age_days
    FROM landing
    GROUP BY day
),

exclusions AS (
    SELECT day, count(*) AS excluded_count FROM exclusion GROUP BY day
),

failures AS (
    SELECT day, count(*) AS warning_count FROM failure GROUP BY day
)

SELECT
    fleets.day,
    coalesce(landings.synthetic, false) AS synthetic,
    landings.catalog_day,
    landings.catalog_age_days,
    fleets.satellite_count,
    fleets.operational_count,
    coalesce(exclusions.excluded_count, 0) AS excluded_count,
    coalesce(failures.warning_count, 0) AS warning_count
FROM fleets
LEFT JOIN landings ON fleets.day = landings.day
LEFT JOIN exclusions ON fleets.day = exclusions.day
LEFT JOIN failures ON fleets.day = failures.day
ORDER BY fleets.day;

COMMENT ON VIEW marts.published_day IS 'one row per published day. What each day stands on.';
COMMENT ON COLUMN marts.published_day.day IS 'Published day [UTC date].';
COMMENT ON COLUMN marts.published_day.synthetic IS 'Made from the synthetic sample, not from a real catalog.';
COMMENT ON COLUMN marts.published_day.catalog_day IS 'Day on which the catalog was landed [UTC date].';
COMMENT ON COLUMN marts.published_day.catalog_age_days IS 'Age of that catalog on the day [days].';
COMMENT ON COLUMN marts.published_day.satellite_count IS 'Satellites of the five constellations in the catalog.';
COMMENT ON COLUMN marts.published_day.operational_count IS 'Satellites at work.';
COMMENT ON COLUMN marts.published_day.excluded_count IS 'Rows left out, listed in meta.exclusion.';
COMMENT ON COLUMN marts.published_day.warning_count IS 'Checks of the gate that warned, listed in marts.check_failure.';
