-- How ready is Starlink to bring AI to each country on the newest day, how sure is the country's rank, and what holds it back?
WITH place AS (
    SELECT * FROM core.readiness_place_daily
),

score AS (
    SELECT * FROM core.readiness_score_daily
),

country AS (
    SELECT * FROM dim.country
),

least AS (
    SELECT
        day,
        constellation,
        readiness,
        place,
        arg_min(pillar, score_number) AS weakest_pillar,
        min(score_number) AS weakest_score_number
    FROM score
    WHERE score_number IS NOT NULL
    GROUP BY day, constellation, readiness, place
)

SELECT
    country.title,
    round(place.demand_fraction, 4) AS demand_fraction,
    round(place.index_number, 1) AS index_number,
    round(place.common_number, 1) AS common_number,
    place.rank_number,
    place.rank_low_number,
    place.rank_high_number,
    least.weakest_pillar,
    round(least.weakest_score_number, 1) AS weakest_score_number
FROM place
INNER JOIN country ON place.place = country.country_iso3
LEFT JOIN least
    ON place.day = least.day AND place.constellation = least.constellation AND place.readiness = least.readiness AND place.place = least.place
WHERE
    place.constellation = 'starlink'
    AND place.readiness = 'access'
    AND place.day = (SELECT max(newest.day) FROM place AS newest)
ORDER BY place.rank_number NULLS LAST, place.demand_fraction DESC, country.title;
