-- What a Gbps-month costs, by generation and of each fleet
select
    dim.title,
    cost.constellation,
    cost.generation,
    cost.planned,
    cost.operational_count,
    cost.capex_usd_per_gbps,
    cost.capex_low_usd_per_gbps,
    cost.capex_high_usd_per_gbps,
    cost.raw_usd_per_gbps_month,
    cost.raw_low_usd_per_gbps_month,
    cost.raw_high_usd_per_gbps_month,
    cost.sold_levelised_usd_per_gbps_month,
    cost.sold_levelised_low_usd_per_gbps_month,
    cost.sold_levelised_high_usd_per_gbps_month,
    cost.sellable_fraction,
    cost.revenue_usd_per_deployed_gbps_month,
    cost.revenue_shipped_usd_per_deployed_gbps_month,
    cost.missing
from core.economics_daily as cost
join dim.constellation as dim using (constellation)
where cost.day = $day
order by cost.generation = 'all' desc, cost.constellation = 'starlink' desc, dim.title, cost.generation
