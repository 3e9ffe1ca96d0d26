-- The two indices and the four tests of each constellation
select
    dim.title,
    ready.constellation,
    ready.readiness,
    ready.value_number,
    ready.value_p10_number,
    ready.value_p90_number,
    ready.common_number,
    ready.common_p10_number,
    ready.common_p90_number,
    ready.known_fraction,
    ready.before_day,
    ready.change_number,
    ready.target_number,
    ready.passed,
    ready.trend_text,
    ready.trend_day_count,
    ready.crossing_day,
    ready.crossing_early_day,
    ready.crossing_late_day,
    ready.missing
from core.readiness_daily as ready
join dim.constellation as dim using (constellation)
where ready.day = $day
order by ready.common_number desc nulls last, ready.constellation, ready.readiness
