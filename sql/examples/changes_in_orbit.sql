-- What changed in orbit since the landed day before, by constellation and generation?
-- Launched satellites may be catalogued later than their launch: both are told. Who is reassessed did not move: its state is better known.
WITH flow AS (
    SELECT * FROM core.fleet_flow_daily
),

event AS (
    SELECT * FROM core.fleet_event_daily
),

step AS (
    SELECT
        day,
        before_day,
        constellation,
        generation,
        coalesce(sum(satellite_count) FILTER (step = 'launched'), 0)::BIGINT AS new_count,
        coalesce(sum(satellite_count) FILTER (step = 'raised'), 0)::BIGINT AS raised_count,
        coalesce(sum(satellite_count) FILTER (step = 'lowered'), 0)::BIGINT AS lowered_count,
        coalesce(sum(satellite_count) FILTER (step = 'decayed'), 0)::BIGINT AS decayed_count,
        coalesce(sum(satellite_count) FILTER (step = 'vanished'), 0)::BIGINT AS vanished_count,
        coalesce(sum(satellite_count) FILTER (step = 'reassessed'), 0)::BIGINT AS reassessed_count,
        sum(((state_after = 'operational')::INTEGER - (state_before = 'operational')::INTEGER) * satellite_count)::BIGINT AS working_change_count,
        round(sum(in_service_change_tbps), 3) AS in_service_change_tbps
    FROM flow
    WHERE day = (SELECT max(newest.day) FROM flow AS newest)
    GROUP BY day, before_day, constellation, generation
),

told AS (
    SELECT
        day,
        constellation,
        generation,
        count(*) FILTER (event = 'launched') AS launched_event_count,
        count(*) FILTER (event = 'first_catalogued') AS first_catalogued_event_count,
        count(*) FILTER (event = 'decayed') AS decayed_event_count
    FROM event
    GROUP BY day, constellation, generation
)

SELECT
    step.*,
    coalesce(told.launched_event_count, 0) AS launched_event_count,
    coalesce(told.first_catalogued_event_count, 0) AS first_catalogued_event_count,
    coalesce(told.decayed_event_count, 0) AS decayed_event_count
FROM step
LEFT JOIN told ON step.day = told.day AND step.constellation = told.constellation AND step.generation = told.generation
ORDER BY step.constellation, step.generation;
