-- Where do most people live furthest from compute over Starlink on the newest day, and how do they get there?
WITH delay AS (
    SELECT * FROM core.latency_country_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    country.title,
    delay.pop_code,
    round(country.population_count / 1e6, 1) AS people_millions,
    round(delay.rtt_pop_p50_ms, 1) AS rtt_pop_p50_ms,
    round(delay.rtt_cloud_p50_ms, 1) AS rtt_cloud_p50_ms,
    round(delay.rtt_gpu_p50_ms, 1) AS rtt_gpu_p50_ms,
    round(delay.hop_mean_count, 1) AS hop_mean_count
FROM delay
INNER JOIN country ON delay.country_iso3 = country.country_iso3
WHERE delay.constellation = 'starlink' AND delay.day = (SELECT max(day) FROM delay)
ORDER BY country.population_count * delay.rtt_gpu_p50_ms DESC NULLS LAST, country.title
LIMIT 20;
