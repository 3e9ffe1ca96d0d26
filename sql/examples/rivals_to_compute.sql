-- Who brings whom to compute, and how fast: five constellations beside the terrestrial ways to the regions of three clouds?
-- Over measured fibre, and over the same fixed stretch for everybody: which of the two stands decides who is ahead.
-- Distances are of people, whether or not they have a line or a terminal; reached_people_fraction says who has a way at all.
WITH rival AS (
    SELECT * FROM core.rival_daily
)

SELECT
    rival,
    rival_kind,
    round(covered_fraction, 3) AS covered_fraction,
    round(reached_people_fraction, 3) AS reached_people_fraction,
    round(rtt_median_ms, 1) AS rtt_median_ms,
    round(rtt_median_low_ms, 1) AS rtt_median_low_ms,
    round(rtt_median_high_ms, 1) AS rtt_median_high_ms,
    round(rtt_same_fibre_median_ms, 1) AS rtt_same_fibre_median_ms,
    round(people_within_50_ms_fraction, 3) AS people_within_50_ms_fraction,
    round(ai_within_50_ms_fraction, 3) AS ai_within_50_ms_fraction,
    round(sellable_down_tbps, 1) AS sellable_down_tbps,
    fibre_basis,
    missing
FROM rival
WHERE day = (SELECT max(newest.day) FROM rival AS newest)
ORDER BY rival_kind, rtt_median_ms NULLS LAST, rival;
