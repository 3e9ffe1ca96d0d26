-- What the market price of an operator comes to, and what it implies
select
    operator,
    valuation_basis,
    attribution,
    priced_day,
    is_stale,
    valued_as,
    attributed_usd,
    in_service_usd_per_gbps,
    per_subscriber_usd,
    implied_revenue_usd,
    implied_revenue_low_usd,
    implied_revenue_high_usd,
    implied_subscriber_count,
    implied_subscriber_low_count,
    implied_subscriber_high_count,
    subscriber_count,
    connectivity_revenue_usd,
    ebitda_multiple_factor,
    ebitda_margin_fraction,
    utilisation_now_fraction,
    implied_utilisation_fraction,
    missing
from core.valuation_daily
where day = $day
order by operator, valuation_basis, attribution
