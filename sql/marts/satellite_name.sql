-- one row per satellite, catalog number and name it was listed under
CREATE OR REPLACE VIEW marts.satellite_name AS
WITH satellite AS (
    SELECT * FROM core.satellite_daily
)

SELECT
    identity,
    constellation,
    norad_cat_id,
    object_name,
    min(day) AS first_day,
    max(day) AS last_day,
    count(*) AS day_count,
    arg_max(object_id, day) AS object_id
FROM satellite
GROUP BY identity, constellation, norad_cat_id, object_name
ORDER BY identity, first_day, norad_cat_id;

COMMENT ON VIEW marts.satellite_name IS 'one row per satellite, catalog number and name it was listed under. The history of names and numbers of each physical satellite.';
COMMENT ON COLUMN marts.satellite_name.identity IS 'The physical satellite, whatever its number and name.';
COMMENT ON COLUMN marts.satellite_name.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.satellite_name.norad_cat_id IS 'Catalog number, or the provisional one.';
COMMENT ON COLUMN marts.satellite_name.object_name IS 'Name; null where no source gave one.';
COMMENT ON COLUMN marts.satellite_name.first_day IS 'First landed day under this number and name [UTC date].';
COMMENT ON COLUMN marts.satellite_name.last_day IS 'Last landed day under this number and name [UTC date].';
COMMENT ON COLUMN marts.satellite_name.day_count IS 'Landed days under this number and name.';
COMMENT ON COLUMN marts.satellite_name.object_id IS 'International designator, the last one given.';
