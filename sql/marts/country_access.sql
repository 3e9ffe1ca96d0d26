-- one row per day, constellation and country or territory
CREATE OR REPLACE VIEW marts.country_access AS
WITH access AS (
    SELECT * FROM core.access_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    access.day,
    access.constellation,
    access.country_iso3,
    country.title AS country_title,
    country.region,
    country.income_level,
    access.population_count,
    access.covered_fraction,
    access.always_covered_fraction,
    access.visible_mean_count,
    access.usable_mean_count,
    access.longest_gap_s,
    access.visible_down_gbps,
    access.rtt_pop_p50_ms,
    access.rtt_pop_p95_ms,
    access.reachable_fraction
FROM access
LEFT JOIN country ON access.country_iso3 = country.country_iso3
ORDER BY access.day, access.constellation, access.country_iso3;

COMMENT ON VIEW marts.country_access IS 'one row per day, constellation and country or territory. core.access_daily with the names of the countries.';
COMMENT ON COLUMN marts.country_access.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.country_access.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.country_access.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN marts.country_access.country_title IS 'English name of the country or territory.';
COMMENT ON COLUMN marts.country_access.region IS 'World Bank region; null for territories without figures.';
COMMENT ON COLUMN marts.country_access.income_level IS 'World Bank income level; null for territories without figures.';
COMMENT ON COLUMN marts.country_access.population_count IS 'People of the country [people].';
COMMENT ON COLUMN marts.country_access.covered_fraction IS 'Fraction of people and of the day with a satellite in view [1].';
COMMENT ON COLUMN marts.country_access.always_covered_fraction IS 'Fraction of people who have a satellite in view all day [1].';
COMMENT ON COLUMN marts.country_access.visible_mean_count IS 'Satellites in view, mean over people and day.';
COMMENT ON COLUMN marts.country_access.usable_mean_count IS 'Those of them that the protection of the geostationary arc leaves, mean over people and day.';
COMMENT ON COLUMN marts.country_access.longest_gap_s IS 'Longest gap of any cell with people [s].';
COMMENT ON COLUMN marts.country_access.visible_down_gbps IS 'Downlink of all satellites in view, mean over people and day [Gbps].';
COMMENT ON COLUMN marts.country_access.rtt_pop_p50_ms IS 'Median round trip to the PoP that serves, mean over people with a path; estimated [ms].';
COMMENT ON COLUMN marts.country_access.rtt_pop_p95_ms IS '95th percentile of the same [ms].';
COMMENT ON COLUMN marts.country_access.reachable_fraction IS 'Fraction of people and of instants with a path to a PoP; null where no gateway is known [1].';
