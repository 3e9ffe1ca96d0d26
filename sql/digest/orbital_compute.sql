-- Computing in orbit: what is announced, and what is in the catalog
select
    programme,
    operator,
    announced_satellite_count,
    catalogued_count,
    announced_launch_text,
    compute_text,
    date_text
from core.orbital_compute_daily
where day = $day
order by catalogued_count desc nulls last, programme
