-- How many satellites of each constellation work on the newest day, what do the others do, and how did that change in percent?
-- Who worked on a day that was not published is not known: changes of the catalog go back further than changes of those at work.
WITH satellite AS (
    SELECT * FROM core.satellite_daily
),

fleet AS (
    SELECT * FROM marts.working_fleet
),

counted AS (
    SELECT
        day,
        constellation,
        count(*) AS satellite_count,
        count(*) FILTER (state = 'operational') AS operational_count,
        count(*) FILTER (state = 'raising') AS raising_count,
        count(*) FILTER (state IN ('lowering', 'decaying')) AS lowering_count,
        count(*) FILTER (state = 'parked') AS parked_count,
        count(*) FILTER (state = 'unknown') AS unknown_count
    FROM satellite
    WHERE day = (SELECT max(newest.day) FROM satellite AS newest)
    GROUP BY day, constellation
)

SELECT
    counted.*,
    round(100.0 * fleet.working_change_1d_count / nullif(fleet.working_count - fleet.working_change_1d_count, 0), 2) AS working_change_1d_percent,
    round(100.0 * fleet.working_change_7d_count / nullif(fleet.working_count - fleet.working_change_7d_count, 0), 2) AS working_change_7d_percent,
    round(100.0 * fleet.working_change_30d_count / nullif(fleet.working_count - fleet.working_change_30d_count, 0), 2) AS working_change_30d_percent,
    round(100.0 * fleet.satellite_change_7d_count / nullif(fleet.satellite_count - fleet.satellite_change_7d_count, 0), 2) AS satellite_change_7d_percent,
    round(100.0 * fleet.satellite_change_30d_count / nullif(fleet.satellite_count - fleet.satellite_change_30d_count, 0), 2) AS satellite_change_30d_percent
FROM counted
LEFT JOIN fleet ON counted.day = fleet.day AND counted.constellation = fleet.constellation
ORDER BY counted.operational_count DESC, counted.constellation;
