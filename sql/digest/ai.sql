-- AI use of the world, workload by workload, beside what Starlink has in service: the most bits first
with
starlink as (
    select in_service_down_tbps, in_service_up_tbps
    from core.fleet_capacity_daily
    where day = $day and constellation = 'starlink'
)
select
    ledger.workload,
    ledger.units_per_day_count,
    ledger.unit,
    ledger.payload_down_gbps + ledger.payload_up_gbps as payload_gbps,
    ledger.down_gbps,
    ledger.down_low_gbps,
    ledger.down_high_gbps,
    ledger.up_gbps,
    ledger.up_low_gbps,
    ledger.up_high_gbps,
    starlink.in_service_down_tbps * 1000 / ledger.down_gbps as times_to_fill_down,
    starlink.in_service_up_tbps * 1000 / ledger.up_gbps as times_to_fill_up
from core.ai_ledger_daily as ledger
left join starlink on true
where ledger.day = $day
order by ledger.down_gbps + ledger.up_gbps desc, ledger.workload
