-- What do operators report of subscribers, revenue and revenue per user, period by period, and where does it say so?
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
    filed_day,
    is_restated,
    confidence,
    source_url
FROM kpi
WHERE kpi IN ('subscribers', 'arpu', 'revenue', 'connectivity_revenue', 'ai_revenue', 'connectivity_ebitda_margin')
ORDER BY operator, kpi, region, period_end_day, filed_day;
