-- For whom Starlink suffices, AI workload by AI workload, and what goes between compute sites
select
    workload,
    workload_class,
    max_rtt_limit_ms,
    min_down_mbps,
    min_up_mbps,
    single_people_fraction,
    all_people_fraction,
    all_people_low_fraction,
    all_people_high_fraction,
    all_ai_demand_fraction,
    terrestrial_people_fraction,
    workload_limit,
    pair_count,
    pair_fraction,
    pair_low_fraction,
    pair_high_fraction,
    terrestrial_pair_fraction,
    transfer_mesh_h,
    transfer_terminal_h,
    transfer_fibre_h
from core.workload_daily
where day = $day and constellation = 'starlink'
order by all_people_fraction desc nulls last, pair_fraction desc nulls last, workload
