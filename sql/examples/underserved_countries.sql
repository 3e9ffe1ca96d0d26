-- In which countries do most people lack a line of 100 Mbit/s, and how sure is that?
-- The least and the most are what the figures of a country allow; null is not known, never none.
WITH served AS (
    SELECT * FROM core.served_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    country.title,
    round(served.underserved_people_count / 1e6, 1) AS underserved_millions,
    round(served.underserved_low_fraction, 2) AS least,
    round(served.underserved_fraction, 2) AS base,
    round(served.underserved_high_fraction, 2) AS most,
    served.figure_year
FROM served
INNER JOIN country ON served.country_iso3 = country.country_iso3
WHERE
    served.served_threshold = 'below_100_mbps'
    AND served.day = (SELECT max(newest.day) FROM served AS newest)
ORDER BY served.underserved_people_count DESC NULLS LAST, country.title
LIMIT 12;
