-- On which AI corridors is Starlink's mesh faster than fibre on the newest day, over what range of assumptions, and has that changed?
WITH corridor AS (
    SELECT * FROM core.corridor_daily
)

SELECT
    from_id,
    to_id,
    round(geodesic_km) AS geodesic_km,
    round(rtt_p50_ms, 1) AS rtt_p50_ms,
    round(rtt_p95_ms, 1) AS rtt_p95_ms,
    round(rtt_floor_ms, 1) AS rtt_floor_ms,
    round(rtt_two_links_p50_ms, 1) AS rtt_two_links_p50_ms,
    round(fibre_great_circle_ms, 1) AS fibre_great_circle_ms,
    round(fibre_stretched_ms, 1) AS fibre_stretched_ms,
    round(internet_ms, 1) AS internet_ms,
    round(gap_fibre_stretched_ms, 1) AS gap_fibre_stretched_ms,
    fibre_stretched_sign_changed
FROM corridor
WHERE constellation = 'starlink' AND corridor_kind = 'ai' AND day = (SELECT max(day) FROM corridor)
ORDER BY gap_fibre_stretched_ms;
