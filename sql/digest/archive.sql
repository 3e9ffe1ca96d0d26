-- The archive: one row per published day, newest first; days after the day are listed too
select
    fleet.day,
    fleet.broadband_operational_count,
    fleet.installed_down_tbps,
    coalesce(catalog.synthetic, false) as synthetic
from core.fleet_capacity_daily as fleet
left join meta.landing as catalog
    on catalog.day = fleet.day and catalog.source = 'celestrak_active'
where fleet.constellation = 'starlink' and $day::date is not null
order by fleet.day desc
