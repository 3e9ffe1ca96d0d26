-- Left out: rows that broke a rule, counted by rule, the first one as an example
select
    source,
    reason,
    count(*) as row_count,
    arg_min(row_key, row_number) as example
from meta.exclusion
where day = $day
group by source, reason
order by row_count desc, source, reason
limit 20
