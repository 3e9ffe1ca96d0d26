-- What the network adds to a million tokens, a minute of voice, an hour of video
select
    traffic_unit,
    network,
    unit_usd,
    unit_low_usd,
    unit_high_usd,
    of_price_fraction
from core.unit_cost_daily
where day = $day and constellation = 'starlink'
order by traffic_unit, network
