-- Which satellites of the newest day does a TLE file of five-digit numbers not carry?
-- CelesTrak's TLE files end at 69999 since 11 July 2026; everything launched since is in OMM only.
WITH satellite AS (
    SELECT * FROM core.satellite_daily
)

SELECT
    constellation,
    launch,
    norad_cat_id,
    object_name,
    identity,
    source
FROM satellite
WHERE day = (SELECT max(day) FROM satellite) AND norad_cat_id BETWEEN 100000 AND 699999999
ORDER BY constellation, norad_cat_id;
