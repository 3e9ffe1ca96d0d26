-- Warnings of the gate: checks that failed without stopping the day
select
    check_id,
    severity,
    failed_count,
    coalesce(nullif(message, ''), rule) as message
from meta.check
where day = $day and not passed
order by severity, check_id
