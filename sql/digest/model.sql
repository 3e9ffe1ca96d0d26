-- What the modelled delay is wrong by, in countries that it was not fitted on
select mae_ms, bias_ms, country_count
from core.model_error_daily
where day = $day and predictor = 'model' and sample = 'judged'
