-- Which figures of operators were restated by a later filing, and from what to what?
WITH kpi AS (
    SELECT * FROM core.operator_kpi
)

SELECT
    before.operator,
    before.kpi,
    before.region,
    before.period_end_day,
    before.filing,
    before.reported_value,
    before.restated_by,
    later.reported_value AS restated_value,
    before.unit,
    later.filed_day AS restated_day
FROM kpi AS before
INNER JOIN kpi AS later
    ON
        before.operator = later.operator
        AND before.kpi = later.kpi
        AND before.region = later.region
        AND before.period_start_day = later.period_start_day
        AND before.period_end_day = later.period_end_day
        AND before.restated_by = later.filing
WHERE before.is_restated
ORDER BY before.operator, before.kpi, before.period_end_day, before.filed_day;
