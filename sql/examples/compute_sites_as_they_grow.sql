-- Where are the largest compute sites, how much do they hold on the newest day, and how much is planned?
WITH site AS (
    SELECT * FROM core.compute_site_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    site.title,
    site.owner,
    country.title AS country,
    round(site.h100_equivalent_count) AS h100_equivalent_count,
    round(site.power_mw) AS power_mw,
    round(site.planned_h100_equivalent_count) AS planned_h100_equivalent_count,
    round(site.planned_power_mw) AS planned_power_mw,
    site.step_day,
    site.projected
FROM site
LEFT JOIN country ON site.country_iso3 = country.country_iso3
WHERE site.day = (SELECT max(newest.day) FROM site AS newest)
ORDER BY site.power_mw DESC NULLS LAST, site.title
LIMIT 20;
