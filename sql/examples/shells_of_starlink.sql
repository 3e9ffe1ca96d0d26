-- Which shells does Starlink fly in today, and where do its satellites wait?
WITH shell AS (
    SELECT * FROM core.shell_daily
)

SELECT
    shell_id,
    shell_kind,
    payload_class,
    round(altitude_km, 1) AS altitude_km,
    round(inclination_deg, 1) AS inclination_deg,
    satellite_count,
    operational_count,
    waiting_count,
    plane_count,
    slot_count,
    round(slot_coherence, 2) AS slot_coherence,
    notation
FROM shell
WHERE constellation = 'starlink' AND day = (SELECT max(day) FROM shell)
ORDER BY shell_kind, inclination_deg, altitude_km;
