-- From which distance on are satellites faster than stretched fibre, by gateways, between terminals, and by light alone, day by day?
-- The great circle that parts the day's pairs best. Crossover and parted fraction are of observed ways; derived_km follows from an idealised shell with that overhead.
WITH crossover AS (
    SELECT * FROM core.crossover_daily
)

SELECT
    day,
    constellation,
    access,
    round(crossover_km) AS crossover_km,
    round(derived_km) AS derived_km,
    round(overhead_ms, 2) AS overhead_ms,
    pair_count,
    round(parted_fraction, 3) AS parted_fraction
FROM crossover
ORDER BY day DESC, constellation, access;
