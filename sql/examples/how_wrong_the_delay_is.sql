-- Day by day, how wrong is the modelled delay in countries that it was not fitted on, and does it beat a constant and a line on the distance?
WITH error AS (
    SELECT * FROM core.model_error_daily
)

SELECT
    day,
    predictor,
    country_count,
    round(mae_ms, 2) AS mae_ms,
    round(bias_ms, 2) AS bias_ms,
    round(rank_correlation, 2) AS rank_correlation,
    round(of_constant_factor, 2) AS of_constant_factor
FROM error
WHERE sample = 'judged'
ORDER BY day, mae_ms;
