-- The second map: the lid that binds Starlink to users in every cell
select
    capacity.cell_id,
    capacity.binding,
    (select count(*) from dim.cell) as grid_cell_count
from core.capacity_daily as capacity
where capacity.day = $day and capacity.constellation = 'starlink'
order by capacity.cell_id
