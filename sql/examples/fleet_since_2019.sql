-- How large was each fleet on the first of each month since 2019, and what does that rest on?
-- Days before the first landed one are reconstructed from launches and losses, and say so.
WITH history AS (
    SELECT * FROM core.fleet_history_daily
)

SELECT
    day,
    constellation,
    sum(satellite_count)::BIGINT AS satellite_count,
    round(sum(installed_down_gbps) FILTER (payload_class = 'broadband') / 1000, 2) AS installed_down_tbps,
    string_agg(DISTINCT basis, ', ') AS basis
FROM history
WHERE day(day) = 1
GROUP BY day, constellation
ORDER BY constellation, day;
