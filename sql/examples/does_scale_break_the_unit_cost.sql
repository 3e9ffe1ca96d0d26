-- Do unit economics break down at scale?
-- What a sold Gbps-month costs as fleet, gateways and demand grow, and where the curve turns.
WITH scale AS (
    SELECT * FROM core.scale_daily
)

SELECT
    constellation,
    scale_fleet,
    scale_gateways,
    demand_factor,
    fleet_factor,
    round(sold_tbps, 2) AS sold_tbps,
    round(100 * sellable_fraction, 1) AS sellable_percent,
    round(marginal_fraction, 4) AS marginal_fraction,
    round(sold_levelised_usd_per_gbps_month) AS sold_levelised_usd_per_gbps_month,
    least_cost
FROM scale
WHERE day = (SELECT max(newest.day) FROM scale AS newest)
ORDER BY constellation, scale_fleet, scale_gateways, demand_factor, fleet_factor;
