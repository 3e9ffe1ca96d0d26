-- Which programmes of compute in orbit are announced, and how many of their satellites are catalogued?
WITH orbit AS (
    SELECT * FROM core.orbital_compute_daily
)

SELECT
    programme,
    operator,
    announced_satellite_count,
    filed_satellite_count,
    satellite_power_mw,
    announced_launch_text,
    catalogued_count,
    catalogued_text,
    round(altitude_km) AS altitude_km,
    round(inclination_deg, 1) AS inclination_deg,
    name_pattern_basis,
    date_text,
    source
FROM orbit
WHERE day = (SELECT max(newest.day) FROM orbit AS newest)
ORDER BY catalogued_count DESC NULLS LAST, programme;
