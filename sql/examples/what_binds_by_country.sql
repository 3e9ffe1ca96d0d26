-- In which countries is the most demand left unserved by Starlink on the newest day, how much of it is served, and what stands in the way?
-- A cell on a border counts with the country that has most of its land.
WITH capacity AS (
    SELECT * FROM core.capacity_daily
),

cell_country AS (
    SELECT * FROM dim.cell_country
),

country AS (
    SELECT * FROM dim.country
),

most AS (
    SELECT
        cell_id,
        arg_max(country_iso3, area_fraction) AS country_iso3
    FROM cell_country
    GROUP BY cell_id
)

SELECT
    country.title AS country,
    round(sum(capacity.demand_down_gbps) / 1000, 2) AS demand_down_tbps,
    round(sum(capacity.served_down_gbps) / 1000, 2) AS served_down_tbps,
    round(sum(capacity.served_down_gbps) / nullif(sum(capacity.demand_down_gbps), 0), 3) AS served_fraction,
    round(sum(capacity.beam_short_down_gbps) / 1000, 2) AS beam_short_down_tbps,
    round(sum(capacity.satellite_short_down_gbps) / 1000, 2) AS satellite_short_down_tbps,
    round(sum(capacity.gateway_short_down_gbps) / 1000, 2) AS gateway_short_down_tbps,
    round(sum(capacity.mesh_short_down_gbps) / 1000, 2) AS mesh_short_down_tbps
FROM capacity
INNER JOIN most ON capacity.cell_id = most.cell_id
INNER JOIN country ON most.country_iso3 = country.country_iso3
WHERE capacity.constellation = 'starlink' AND capacity.day = (SELECT max(day) FROM capacity)
GROUP BY country.title
ORDER BY sum(capacity.demand_down_gbps - capacity.served_down_gbps) DESC
LIMIT 15;
