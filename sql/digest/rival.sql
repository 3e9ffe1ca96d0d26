-- The constellations beside the terrestrial backbones of three clouds
select
    rival.rival,
    rival.rival_kind,
    coalesce(dim.title, rival.operator) as title,
    rival.covered_fraction,
    rival.reached_people_fraction,
    rival.rtt_median_ms,
    rival.rtt_same_fibre_median_ms,
    rival.fibre_basis,
    rival.ai_within_50_ms_fraction,
    rival.ai_within_100_ms_fraction,
    rival.sellable_down_tbps,
    rival.operational_count,
    rival.launch_90d_count,
    rival.starlink_satellite_factor,
    cost.sold_levelised_usd_per_gbps_month
from core.rival_daily as rival
left join dim.constellation as dim on rival.rival = dim.constellation
left join core.economics_daily as cost
    on rival.day = cost.day and rival.rival = cost.constellation and cost.generation = 'all'
where rival.day = $day
order by rival.rival_kind = 'constellation' desc, rival.operational_count desc nulls last, rival.rival
