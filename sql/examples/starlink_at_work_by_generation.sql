-- Which of Starlink's satellites are at work, by generation, on the newest day?
-- Raising, lowering and decaying satellites carry no traffic; direct-to-cell satellites are a class of their own.
WITH satellite AS (
    SELECT * FROM core.satellite_daily
),

newest AS (
    SELECT * FROM satellite WHERE constellation = 'starlink' AND day = (SELECT max(day) FROM satellite)
)

SELECT
    generation,
    payload_class,
    count(*) AS satellite_count,
    count(*) FILTER (state = 'operational') AS operational_count,
    round(count(*) FILTER (state = 'operational') / count(*), 3) AS operational_fraction,
    round(median(altitude_km) FILTER (state = 'operational'), 1) AS operational_altitude_km
FROM newest
GROUP BY generation, payload_class
ORDER BY satellite_count DESC, generation, payload_class;
