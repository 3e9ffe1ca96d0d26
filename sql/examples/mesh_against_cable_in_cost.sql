-- What does a Gbps-month over the mesh cost on the AI corridors, against an own cable and transit?
WITH trunk_cost AS (
    SELECT * FROM core.trunk_cost_daily
)

SELECT
    constellation,
    from_id,
    to_id,
    hop_median_count,
    round(mesh_usd_per_gbps_month) AS mesh_usd_per_gbps_month,
    round(fibre_usd_per_gbps_month) AS fibre_usd_per_gbps_month,
    round(transit_usd_per_gbps_month) AS transit_usd_per_gbps_month,
    cheapest,
    round(of_terrestrial_low_factor, 1) AS of_terrestrial_low_factor,
    round(of_terrestrial_factor, 1) AS of_terrestrial_factor,
    round(of_terrestrial_high_factor, 1) AS of_terrestrial_high_factor
FROM trunk_cost
WHERE day = (SELECT max(newest.day) FROM trunk_cost AS newest)
ORDER BY of_terrestrial_factor;
