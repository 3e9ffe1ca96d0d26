-- one row per day and check of the gate that did not pass
CREATE OR REPLACE VIEW marts.check_failure AS
WITH checks AS (
    SELECT * FROM meta.check
)

SELECT
    day,
    check_id,
    table_name,
    severity,
    observed,
    bound,
    failed_count,
    failed_rows,
    message
FROM checks
WHERE NOT passed
ORDER BY day, severity, check_id;

COMMENT ON VIEW marts.check_failure IS 'one row per day and check of the gate that did not pass. Published days have warnings only: a critical failure stops publication.';
COMMENT ON COLUMN marts.check_failure.day IS 'Day that was checked [UTC date].';
COMMENT ON COLUMN marts.check_failure.check_id IS 'Table and rule.';
COMMENT ON COLUMN marts.check_failure.table_name IS 'Table that was checked.';
COMMENT ON COLUMN marts.check_failure.severity IS 'What the failure means.';
COMMENT ON COLUMN marts.check_failure.observed IS 'What was measured: a count, or the worst residual of a law.';
COMMENT ON COLUMN marts.check_failure.bound IS 'What is accepted.';
COMMENT ON COLUMN marts.check_failure.failed_count IS 'Rows that broke the rule.';
COMMENT ON COLUMN marts.check_failure.failed_rows IS 'The first of these rows, as JSON.';
COMMENT ON COLUMN marts.check_failure.message IS 'What happened and what to do.';
