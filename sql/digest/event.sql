-- The events that are named one by one: launches with their size, and satellites that are gone, back or about to fall
with
events as (
    select *, if(event = 'launched', launch, null) as batch
    from core.fleet_event_daily
    where day = $day and event in ('launched', 'vanished', 'reappeared', 'decayed', 'decay_predicted', 'renumbered', 'renamed')
)
select
    event,
    dim.title,
    before_day,
    batch as launch,
    count(*) as satellite_count,
    string_agg(coalesce(object_name, identity), '|' order by norad_cat_id) as names,
    arg_min(evidence, norad_cat_id) as evidence
from events
join dim.constellation as dim using (constellation)
group by event, dim.title, before_day, batch
order by event, dim.title, batch
