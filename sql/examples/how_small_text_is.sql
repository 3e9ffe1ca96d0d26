-- How much of a network does the world's use of AI fill, workload by workload?
-- All the tokens of a day are some 37 Gbps of text; inputs and their sources are in core.ai_ledger_daily.
WITH use AS (
    SELECT * FROM marts.ai_workload
)

SELECT
    day,
    workload,
    round(payload_gbps, 1) AS payload_gbps,
    round(down_gbps, 1) AS down_gbps,
    round(up_gbps, 1) AS up_gbps,
    round(times_to_fill_down) AS times_to_fill_down,
    round(times_to_fill_up) AS times_to_fill_up
FROM use
ORDER BY day, payload_gbps DESC;
