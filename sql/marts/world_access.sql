-- one row per day and constellation
CREATE OR REPLACE VIEW marts.world_access AS
WITH access AS (
    SELECT * FROM core.access_daily
),

weighed AS (
    SELECT
        day,
        constellation,
        population_count,
        population_count * covered_fraction AS covered_people,
        population_count * always_covered_fraction AS always_covered_people,
        population_count * visible_mean_count AS visible_people,
        population_count * usable_mean_count AS usable_people,
        population_count * visible_down_gbps AS down_people,
        population_count * reachable_fraction AS reachable_people,
        if(reachable_fraction IS NULL, NULL, population_count) AS asked_people,
        population_count * reachable_fraction * rtt_pop_p50_ms AS p50_people,
        population_count * reachable_fraction * rtt_pop_p95_ms AS p95_people,
        if(rtt_pop_p50_ms IS NULL, NULL, population_count * reachable_fraction) AS path_people
    FROM access
)

SELECT
    day,
    constellation,
    sum(population_count) AS population_count,
    sum(covered_people) / sum(population_count) AS covered_fraction,
    sum(always_covered_people) / sum(population_count) AS always_covered_fraction,
    sum(visible_people) / sum(population_count) AS visible_mean_count,
    sum(usable_people) / sum(population_count) AS usable_mean_count,
    sum(down_people) / sum(population_count) AS visible_down_gbps,
    sum(p50_people) / sum(path_people) AS rtt_pop_p50_ms,
    sum(p95_people) / sum(path_people) AS rtt_pop_p95_ms,
    sum(reachable_people) / sum(asked_people) AS reachable_fraction
FROM weighed
GROUP BY day, constellation
ORDER BY day, constellation;

COMMENT ON VIEW marts.world_access IS 'one row per day and constellation. The world, every country weighted by its people.';
COMMENT ON COLUMN marts.world_access.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.world_access.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.world_access.population_count IS 'People of all countries and territories [people].';
COMMENT ON COLUMN marts.world_access.covered_fraction IS 'Fraction of people and of the day with a satellite in view [1].';
COMMENT ON COLUMN marts.world_access.always_covered_fraction IS 'Fraction of people who have a satellite in view all day [1].';
COMMENT ON COLUMN marts.world_access.visible_mean_count IS 'Satellites in view, mean over people and day.';
COMMENT ON COLUMN marts.world_access.usable_mean_count IS 'Those of them that the protection of the geostationary arc leaves, mean over people and day.';
COMMENT ON COLUMN marts.world_access.visible_down_gbps IS 'Downlink of all satellites in view, mean over people and day; shared with everybody else in their footprints [Gbps].';
COMMENT ON COLUMN marts.world_access.rtt_pop_p50_ms IS 'Median round trip to the PoP that serves: mean of the countries'' values, weighted by people and by how often they have a path; estimated [ms].';
COMMENT ON COLUMN marts.world_access.rtt_pop_p95_ms IS '95th percentile of the same, weighted alike [ms].';
COMMENT ON COLUMN marts.world_access.reachable_fraction IS 'Fraction of people and of instants with a path to a PoP; null where no gateway is known [1].';
