-- The underserved markets within reach of Starlink, the largest first
select
    country_title,
    rank_number,
    rank_low_number,
    rank_high_number,
    no_fixed_line_reachable_people_count,
    no_fixed_line_low_people_count,
    no_fixed_line_high_people_count,
    market_access,
    cost_usd_per_month,
    price_of_income_fraction,
    affordable_market_people_count,
    served_fraction
from marts.underserved_market
where day = $day and constellation = 'starlink' and rank_number <= 12
order by rank_number
