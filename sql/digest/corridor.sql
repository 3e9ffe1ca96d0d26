-- The AI corridors of Starlink: round trips by satellite and by fibre, who is faster most ahead first
select
    from_id,
    to_id,
    geodesic_km,
    rtt_p50_ms,
    rtt_p95_ms,
    rtt_three_links_p50_ms,
    rtt_floor_ms,
    fibre_stretched_ms,
    gap_fibre_stretched_ms,
    fibre_stretched_sign_changed,
    fibre_great_circle_ms,
    internet_ms,
    path_changes_per_h
from core.corridor_daily
where day = $day and constellation = 'starlink' and corridor_kind = 'ai'
order by gap_fibre_stretched_ms nulls last, from_id, to_id
