-- The changes of each fleet over a week, a month and a quarter, observed or reconstructed
select
    constellation,
    dim.title,
    satellite_count,
    working_count,
    satellite_change_7d_count,
    satellite_change_30d_count,
    satellite_change_90d_count,
    working_change_7d_count,
    working_change_30d_count,
    working_change_90d_count,
    reconstructed_7d,
    reconstructed_30d,
    reconstructed_90d
from marts.working_fleet
join dim.constellation as dim using (constellation)
where day = $day
order by working_count desc, constellation
