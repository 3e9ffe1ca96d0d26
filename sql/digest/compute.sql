-- Compute that is there and planned, by owner, of the largest data centres: the most first
select
    owner,
    sum(site_count)::bigint as site_count,
    sum(h100_equivalent_count) as h100_equivalent_count,
    sum(power_mw) as power_mw,
    sum(planned_h100_equivalent_count) as planned_h100_equivalent_count,
    sum(planned_power_mw) as planned_power_mw
from core.compute_daily
where day = $day and compute_basis = 'data_center'
group by owner
order by sum(h100_equivalent_count) desc, sum(planned_h100_equivalent_count) desc, owner
limit 12
