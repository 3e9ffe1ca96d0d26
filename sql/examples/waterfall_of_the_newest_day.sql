-- How did each fleet get from the landed day before to the newest day, in satellites and in Tbps in service?
-- The steps of one constellation add up to the change of its fleet; "kept" is who did not change.
WITH waterfall AS (
    SELECT * FROM marts.fleet_waterfall
)

SELECT
    constellation,
    step,
    sum(satellite_count)::BIGINT AS satellite_count,
    sum(catalog_change_count)::BIGINT AS catalog_change_count,
    sum(working_change_count)::BIGINT AS working_change_count,
    round(sum(in_service_change_tbps), 2) AS in_service_change_tbps
FROM waterfall
WHERE day = (SELECT max(day) FROM waterfall)
GROUP BY constellation, step
ORDER BY constellation, step;
