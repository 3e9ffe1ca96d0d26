-- How the cost of what is sold goes with the size of the fleet
select
    scale_fleet,
    scale_gateways,
    fleet_factor,
    in_service_tbps,
    sold_tbps,
    sellable_fraction,
    marginal_fraction,
    sold_levelised_low_usd_per_gbps_month,
    sold_levelised_usd_per_gbps_month,
    sold_levelised_high_usd_per_gbps_month,
    least_cost
from core.scale_daily
where day = $day and constellation = 'starlink' and demand_factor = 1
order by scale_fleet desc, scale_gateways, fleet_factor
