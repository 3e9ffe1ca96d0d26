-- What the indices of Starlink are made of, and what moved them since the landed day before
select
    pillar.readiness,
    pillar.pillar,
    pillar.weight_fraction,
    pillar.is_common,
    pillar.measure_number,
    definition.unit,
    definition.note,
    pillar.score_number,
    pillar.known_fraction,
    pillar.marginal_number,
    driver.change_number
from core.readiness_pillar_daily as pillar
join dim.readiness as definition
    on pillar.readiness = definition.readiness and pillar.pillar = definition.pillar
left join core.readiness_driver_daily as driver
    on
        pillar.day = driver.day
        and pillar.constellation = driver.constellation
        and pillar.readiness = driver.readiness
        and pillar.pillar = driver.driver
where pillar.day = $day and pillar.constellation = 'starlink'
order by pillar.readiness, pillar.weight_fraction desc, pillar.pillar
