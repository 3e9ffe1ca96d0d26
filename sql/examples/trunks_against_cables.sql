-- How much could each constellation carry between regions on the newest day, at what does it stop, and what do submarine cables have there?
WITH trunk AS (
    SELECT * FROM core.trunk_daily
)

SELECT
    constellation,
    trunk,
    trunk_direction,
    round(mesh_cut_gbps / 1000, 2) AS mesh_cut_tbps,
    round(landing_a_gbps / 1000, 2) AS landing_a_tbps,
    round(landing_b_gbps / 1000, 2) AS landing_b_tbps,
    round(transit_gbps / 1000, 2) AS transit_tbps,
    round(trunk_gbps / 1000, 2) AS trunk_tbps,
    subsea_design_tbps,
    round(100 * trunk_gbps / 1000 / subsea_design_tbps, 2) AS of_cables_percent
FROM trunk
WHERE day = (SELECT max(day) FROM trunk) AND mesh_cut_gbps > 0
ORDER BY trunk_gbps DESC;
