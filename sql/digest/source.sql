-- The sources: what was read for the day, how old it is and under which terms
select
    source,
    landed_day,
    synthetic,
    licence,
    citation,
    fetched_at_utc
from meta.landing
where day = $day
order by source
