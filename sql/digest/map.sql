-- The map: Starlink's satellites in view of every cell, mean of the day
select
    coverage.cell_id,
    cell.latitude_deg,
    coverage.visible_mean_count,
    (select count(*) from dim.cell) as grid_cell_count
from core.coverage_daily as coverage
join dim.cell as cell using (cell_id)
where coverage.day = $day and coverage.constellation = 'starlink'
order by coverage.cell_id
