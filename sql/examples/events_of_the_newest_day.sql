-- What happened to which satellite on the newest day, and what shows it?
WITH event AS (
    SELECT * FROM core.fleet_event_daily
)

SELECT
    event.constellation,
    event.event,
    event.object_name,
    event.norad_cat_id,
    event.launch,
    event.evidence
FROM event
WHERE event.day = (SELECT max(day) FROM event)
ORDER BY event.constellation, event.event, event.norad_cat_id;
