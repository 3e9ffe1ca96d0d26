-- What do operators report that they spend on AI and in all, period by period?
WITH kpi AS (
    SELECT * FROM core.operator_kpi
)

SELECT
    operator,
    kpi,
    region,
    period_start_day,
    period_end_day,
    reported_value,
    unit,
    filing,
    is_restated,
    confidence
FROM kpi
WHERE kpi IN ('capex', 'capex_guided', 'ai_capex', 'ai_research', 'programme_capex')
ORDER BY operator, kpi, region, period_end_day, filing;
