-- What was left out of each day, and why?
WITH exclusion AS (
    SELECT * FROM meta.exclusion
)

SELECT
    day,
    source,
    reason,
    count(*) AS excluded_count,
    min(row_key) AS example
FROM exclusion
GROUP BY day, source, reason
ORDER BY day DESC, excluded_count DESC, source, reason;
