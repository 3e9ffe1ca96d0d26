-- What GPUs, tokens and electricity cost: the GPUs of AI first
select
    price_kind,
    item,
    region,
    market,
    median_usd,
    coalesce(quartile_low_usd, lowest_usd) as low_usd,
    coalesce(quartile_high_usd, highest_usd) as high_usd,
    quartile_low_usd is not null as of_quartiles,
    provider_count,
    as_of_text,
    price_basis
from core.price_daily
where
    day = $day
    and (
        (price_kind = 'gpu_hour' and item in ('H100', 'H200', 'B200', 'GB300', 'A100', 'MI300X') and market = 'on_demand')
        or (price_kind = 'token_output' and (item = 'all' or price_basis = 'shipped'))
    )
order by price_kind, median_usd desc, item
