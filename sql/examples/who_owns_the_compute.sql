-- Who owns the compute of AI, and how much is planned?
-- By the largest data centres; the wider list of clusters is compute_basis = 'gpu_cluster', and the two overlap.
WITH compute AS (
    SELECT * FROM core.compute_daily
)

SELECT
    owner,
    sum(site_count) AS site_count,
    round(sum(h100_equivalent_count)) AS h100_equivalent_count,
    round(sum(power_mw)) AS power_mw,
    round(sum(planned_h100_equivalent_count)) AS planned_h100_equivalent_count
FROM compute
WHERE
    compute_basis = 'data_center'
    AND day = (SELECT max(newest.day) FROM compute AS newest)
GROUP BY owner
ORDER BY h100_equivalent_count DESC, owner;
