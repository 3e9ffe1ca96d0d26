-- one row per day, list and region of compute
CREATE OR REPLACE VIEW marts.compute_by_country AS
WITH compute AS (
    SELECT * FROM core.compute_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    compute.day,
    compute.compute_basis,
    compute.region,
    coalesce(any_value(country.title), compute.region) AS title,
    sum(compute.site_count) AS site_count,
    sum(compute.h100_equivalent_count) AS h100_equivalent_count,
    sum(compute.h100_equivalent_count)
    / nullif(sum(sum(compute.h100_equivalent_count)) OVER (PARTITION BY compute.day, compute.compute_basis), 0) AS h100_fraction,
    sum(compute.power_mw) AS power_mw,
    sum(compute.planned_h100_equivalent_count) AS planned_h100_equivalent_count,
    sum(compute.planned_power_mw) AS planned_power_mw,
    sum(compute.unknown_count) AS unknown_count
FROM compute
LEFT JOIN country ON compute.region = country.country_iso3
GROUP BY compute.day, compute.compute_basis, compute.region
ORDER BY compute.day, compute.compute_basis, h100_equivalent_count DESC, compute.region;

COMMENT ON VIEW marts.compute_by_country IS 'one row per day, list and region of compute. All owners together; the two lists overlap and are never added up.';
COMMENT ON COLUMN marts.compute_by_country.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.compute_by_country.compute_basis IS 'Which list: the largest data centres, or clusters.';
COMMENT ON COLUMN marts.compute_by_country.region IS 'ISO 3166-1 alpha-3 code of the country, or unplaced.';
COMMENT ON COLUMN marts.compute_by_country.title IS 'English name of the country.';
COMMENT ON COLUMN marts.compute_by_country.site_count IS 'Sites or clusters, planned ones too.';
COMMENT ON COLUMN marts.compute_by_country.h100_equivalent_count IS 'Compute that is there, in H100s, of those whose compute is known.';
COMMENT ON COLUMN marts.compute_by_country.h100_fraction IS 'Its part of that of all regions [1].';
COMMENT ON COLUMN marts.compute_by_country.power_mw IS 'Power of what is there, of those whose power is known [MW].';
COMMENT ON COLUMN marts.compute_by_country.planned_h100_equivalent_count IS 'Compute that is planned beyond that, in H100s.';
COMMENT ON COLUMN marts.compute_by_country.planned_power_mw IS 'Power that is planned beyond that [MW].';
COMMENT ON COLUMN marts.compute_by_country.unknown_count IS 'Sites or clusters whose compute is not known.';
