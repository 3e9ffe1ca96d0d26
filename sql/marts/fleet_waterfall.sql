-- one row per day, constellation, payload class and step
CREATE OR REPLACE VIEW marts.fleet_waterfall AS
WITH flow AS (
    SELECT * FROM core.fleet_flow_daily
)

SELECT
    day,
    before_day,
    constellation,
    payload_class,
    step,
    sum(satellite_count)::BIGINT AS satellite_count,
    sum(((state_after <> 'absent')::INTEGER - (state_before <> 'absent')::INTEGER) * satellite_count)::BIGINT AS catalog_change_count,
    sum(((state_after = 'operational')::INTEGER - (state_before = 'operational')::INTEGER) * satellite_count)::BIGINT AS working_change_count,
    if(bool_or(installed_change_tbps IS NULL), NULL, sum(installed_change_tbps)) AS installed_change_tbps,
    if(bool_or(in_service_change_tbps IS NULL), NULL, sum(in_service_change_tbps)) AS in_service_change_tbps
FROM flow
GROUP BY day, before_day, constellation, payload_class, step
ORDER BY day, constellation, payload_class, step;

COMMENT ON VIEW marts.fleet_waterfall IS 'one row per day, constellation, payload class and step. How the fleet of the landed day before became the fleet of the day; the changes of all steps add up to the change of the fleet.';
COMMENT ON COLUMN marts.fleet_waterfall.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.fleet_waterfall.before_day IS 'Landed day before [UTC date].';
COMMENT ON COLUMN marts.fleet_waterfall.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.fleet_waterfall.payload_class IS 'What the satellites carry.';
COMMENT ON COLUMN marts.fleet_waterfall.step IS 'launched, reappeared, raised (to a shell), lowered (out of a shell), moved (between shells, or to and from a shell without sinking), decayed, vanished, reassessed (nothing moved, but a state that rested on one day of elements is better known), other (between states that do not work), kept.';
COMMENT ON COLUMN marts.fleet_waterfall.satellite_count IS 'Satellites that took the step.';
COMMENT ON COLUMN marts.fleet_waterfall.catalog_change_count IS 'What the step adds to the satellites in the catalog.';
COMMENT ON COLUMN marts.fleet_waterfall.working_change_count IS 'What the step adds to the satellites at work.';
COMMENT ON COLUMN marts.fleet_waterfall.installed_change_tbps IS 'What the step adds to the installed broadband downlink, base [Tbps].';
COMMENT ON COLUMN marts.fleet_waterfall.in_service_change_tbps IS 'What the step adds to the downlink of the satellites at work, base [Tbps].';
