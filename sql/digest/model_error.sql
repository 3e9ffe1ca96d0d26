-- What each predictor of the delay is wrong by, in countries that nothing was fitted on: the model first
select predictor, country_count, mae_ms, bias_ms, rank_correlation, of_constant_factor
from core.model_error_daily
where day = $day and sample = 'judged' and country_count > 0
order by predictor <> 'model', mae_ms, predictor
