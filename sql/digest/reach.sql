-- People within reach of each constellation, and who came and went since the landed day before
select
    dim.title,
    max(market.before_day) as before_day,
    sum(market.reachable_people_count) as reachable_people_count,
    sum(market.newly_reachable_people_count) as newly_reachable_people_count,
    sum(market.newly_unreachable_people_count) as newly_unreachable_people_count
from core.market_daily as market
join dim.constellation as dim using (constellation)
where market.day = $day
group by dim.title
having sum(market.reachable_people_count) is not null
order by dim.title
