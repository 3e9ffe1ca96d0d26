-- one row per day and rival
CREATE OR REPLACE VIEW marts.rivals_side_by_side AS
WITH rival AS (
    SELECT * FROM core.rival_daily
),

economics AS (
    SELECT * FROM core.economics_daily
)

SELECT
    rival.day,
    rival.rival,
    rival.rival_kind,
    rival.operator,
    rival.covered_fraction,
    rival.reached_people_fraction,
    rival.rtt_median_ms,
    rival.rtt_same_fibre_median_ms,
    rival.people_within_50_ms_fraction,
    rival.ai_within_50_ms_fraction,
    rival.sellable_down_tbps,
    rival.starlink_sellable_factor,
    rival.satellite_count,
    rival.starlink_satellite_factor,
    rival.launch_90d_count,
    economics.levelised_usd_per_gbps_month,
    economics.sold_levelised_usd_per_gbps_month,
    economics.sold_levelised_low_usd_per_gbps_month,
    economics.sold_levelised_high_usd_per_gbps_month,
    nullif(concat_ws('; ', rival.missing, CASE WHEN economics.sold_levelised_usd_per_gbps_month IS NULL THEN 'cost' END), '') AS missing
FROM rival
LEFT JOIN economics
    ON rival.day = economics.day AND rival.rival = economics.constellation AND economics.generation = 'all'
ORDER BY rival.day, rival.rival_kind DESC, rival.rival;

COMMENT ON VIEW marts.rivals_side_by_side IS 'one row per day and rival. Coverage, way to compute, capacity and cost of five constellations and the terrestrial ways to three clouds; what nobody cites is null.';
COMMENT ON COLUMN marts.rivals_side_by_side.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.rivals_side_by_side.rival IS 'Constellation, or aws, google_cloud, azure.';
COMMENT ON COLUMN marts.rivals_side_by_side.rival_kind IS 'Constellation, or terrestrial backbone of a cloud.';
COMMENT ON COLUMN marts.rivals_side_by_side.operator IS 'Who runs it.';
COMMENT ON COLUMN marts.rivals_side_by_side.covered_fraction IS 'Fraction of people and of the day with a satellite in view [1].';
COMMENT ON COLUMN marts.rivals_side_by_side.reached_people_fraction IS 'People and day with a path to a PoP, or people who use the Internet [1].';
COMMENT ON COLUMN marts.rivals_side_by_side.rtt_median_ms IS 'Round trip to the nearest cloud region, median of people with a way; estimated [ms].';
COMMENT ON COLUMN marts.rivals_side_by_side.rtt_same_fibre_median_ms IS 'The same with one fixed stretch of fibre for everybody [ms].';
COMMENT ON COLUMN marts.rivals_side_by_side.people_within_50_ms_fraction IS 'Fraction of people within 50 ms of it [1].';
COMMENT ON COLUMN marts.rivals_side_by_side.ai_within_50_ms_fraction IS 'Fraction of AI demand within 50 ms of it [1].';
COMMENT ON COLUMN marts.rivals_side_by_side.sellable_down_tbps IS 'What can be sold on the day, to users [Tbps].';
COMMENT ON COLUMN marts.rivals_side_by_side.starlink_sellable_factor IS 'Starlink''s over it.';
COMMENT ON COLUMN marts.rivals_side_by_side.satellite_count IS 'Satellites in the catalog.';
COMMENT ON COLUMN marts.rivals_side_by_side.starlink_satellite_factor IS 'Starlink''s over it.';
COMMENT ON COLUMN marts.rivals_side_by_side.launch_90d_count IS 'Launches of 90 days.';
COMMENT ON COLUMN marts.rivals_side_by_side.levelised_usd_per_gbps_month IS 'Cost of a Gbps-month at full use [USD/Gbps-month].';
COMMENT ON COLUMN marts.rivals_side_by_side.sold_levelised_usd_per_gbps_month IS 'Cost of a Gbps-month that is sold [USD/Gbps-month].';
COMMENT ON COLUMN marts.rivals_side_by_side.sold_levelised_low_usd_per_gbps_month IS 'The same, every cost at its low figure [USD/Gbps-month].';
COMMENT ON COLUMN marts.rivals_side_by_side.sold_levelised_high_usd_per_gbps_month IS 'The same, every cost at its high figure [USD/Gbps-month].';
COMMENT ON COLUMN marts.rivals_side_by_side.missing IS 'What is not known.';
