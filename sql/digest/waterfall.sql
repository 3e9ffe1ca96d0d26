-- The waterfall: how the fleet of the landed day before became the day's, by constellation and step
select
    constellation,
    dim.title,
    step,
    before_day,
    sum(satellite_count)::bigint as satellite_count,
    sum(working_change_count)::bigint as working_change_count,
    if(bool_or(in_service_change_tbps is null), null, sum(in_service_change_tbps)) as in_service_change_tbps
from marts.fleet_waterfall
join dim.constellation as dim using (constellation)
where day = $day
group by constellation, dim.title, step, before_day
order by sum(sum(satellite_count)) over (partition by constellation) desc, constellation, step
