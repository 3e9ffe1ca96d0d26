-- Where is Starlink's network full on the newest day, and do its users measure less than in an earlier month?
-- Asked for all broadband, it is full wherever people live: how little of that it could serve tells markets apart. A fall by over 15 % is a sign.
WITH market AS (
    SELECT * FROM core.market_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    country.title,
    round(market.demand_down_gbps) AS demand_down_gbps,
    round(market.served_down_gbps) AS served_down_gbps,
    round(market.served_fraction, 3) AS served_fraction,
    round(market.utilisation_fraction, 2) AS utilisation,
    round(market.served_down_gbps * 1e6 / market.people_count, 1) AS served_kbps_per_head,
    market.measured_down_p50_mbps,
    round(market.measured_down_change_fraction, 2) AS measured_down_change,
    market.measured_as_of_text,
    market.measured_before_text,
    market.market_access
FROM market
INNER JOIN country ON market.country_iso3 = country.country_iso3
WHERE
    market.constellation = 'starlink'
    AND market.demand_down_gbps > 0
    AND market.day = (SELECT max(newest.day) FROM market AS newest)
ORDER BY
    coalesce(market.measured_down_change_fraction < -0.15, FALSE) DESC,
    market.measured_down_p50_mbps ASC NULLS LAST,
    market.served_fraction ASC,
    country.title
LIMIT 20;
