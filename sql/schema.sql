-- Generated from the TABLE literals by `python -m pipeline.io.registry sql/schema.sql`: change those.

-- Rows as a source gives them, one table per source.
CREATE SCHEMA IF NOT EXISTS raw;

-- What a day measures, one table per metric.
CREATE SCHEMA IF NOT EXISTS core;

-- What days have in common: cells, countries, constellations, sites.
CREATE SCHEMA IF NOT EXISTS dim;

-- Views that answer questions.
CREATE SCHEMA IF NOT EXISTS marts;

-- Records of the runs themselves.
CREATE SCHEMA IF NOT EXISTS meta;

CREATE TABLE IF NOT EXISTS raw.celestrak_active (
    day DATE NOT NULL,
    object_name VARCHAR,
    object_id VARCHAR,
    epoch_utc TIMESTAMP NOT NULL,
    mean_motion_rev_per_day DOUBLE NOT NULL,
    eccentricity DOUBLE NOT NULL,
    inclination_deg DOUBLE NOT NULL,
    ra_of_asc_node_deg DOUBLE NOT NULL,
    arg_of_pericenter_deg DOUBLE NOT NULL,
    mean_anomaly_deg DOUBLE NOT NULL,
    ephemeris_type BIGINT NOT NULL,
    classification_type VARCHAR NOT NULL,
    norad_cat_id BIGINT NOT NULL,
    element_set_no BIGINT NOT NULL,
    rev_at_epoch BIGINT NOT NULL,
    bstar_per_earth_radius DOUBLE NOT NULL,
    mean_motion_dot_rev_per_day2 DOUBLE NOT NULL,
    mean_motion_ddot_rev_per_day3 DOUBLE NOT NULL,
    PRIMARY KEY (day, norad_cat_id)
);
COMMENT ON TABLE raw.celestrak_active IS 'one row per day and catalogued object: its newest mean elements';
COMMENT ON COLUMN raw.celestrak_active.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN raw.celestrak_active.object_name IS 'Name in the catalog; may repeat; null in two-line files, which give none.';
COMMENT ON COLUMN raw.celestrak_active.object_id IS 'International designator; null where the provider gives none.';
COMMENT ON COLUMN raw.celestrak_active.epoch_utc IS 'Epoch of the elements [UTC].';
COMMENT ON COLUMN raw.celestrak_active.mean_motion_rev_per_day IS 'Mean motion (Kozai), above 0 [rev/day].';
COMMENT ON COLUMN raw.celestrak_active.eccentricity IS 'Eccentricity, below 1 [1].';
COMMENT ON COLUMN raw.celestrak_active.inclination_deg IS 'Inclination [deg].';
COMMENT ON COLUMN raw.celestrak_active.ra_of_asc_node_deg IS 'Right ascension of the ascending node [deg].';
COMMENT ON COLUMN raw.celestrak_active.arg_of_pericenter_deg IS 'Argument of pericentre [deg].';
COMMENT ON COLUMN raw.celestrak_active.mean_anomaly_deg IS 'Mean anomaly [deg].';
COMMENT ON COLUMN raw.celestrak_active.ephemeris_type IS 'Ephemeris type; 0 is SGP4.';
COMMENT ON COLUMN raw.celestrak_active.classification_type IS 'Classification; U is unclassified, C is that of supplemental elements.';
COMMENT ON COLUMN raw.celestrak_active.norad_cat_id IS 'Catalog number, up to nine digits.';
COMMENT ON COLUMN raw.celestrak_active.element_set_no IS 'Number of the element set.';
COMMENT ON COLUMN raw.celestrak_active.rev_at_epoch IS 'Revolution number at epoch.';
COMMENT ON COLUMN raw.celestrak_active.bstar_per_earth_radius IS 'Drag term B* of SGP4 [1/earth radius].';
COMMENT ON COLUMN raw.celestrak_active.mean_motion_dot_rev_per_day2 IS 'Half the first derivative of the mean motion [rev/day^2].';
COMMENT ON COLUMN raw.celestrak_active.mean_motion_ddot_rev_per_day3 IS 'A sixth of the second derivative [rev/day^3].';

CREATE TABLE IF NOT EXISTS raw.celestrak_active_tle (
    day DATE NOT NULL,
    object_name VARCHAR,
    object_id VARCHAR,
    epoch_utc TIMESTAMP NOT NULL,
    mean_motion_rev_per_day DOUBLE NOT NULL,
    eccentricity DOUBLE NOT NULL,
    inclination_deg DOUBLE NOT NULL,
    ra_of_asc_node_deg DOUBLE NOT NULL,
    arg_of_pericenter_deg DOUBLE NOT NULL,
    mean_anomaly_deg DOUBLE NOT NULL,
    ephemeris_type BIGINT NOT NULL,
    classification_type VARCHAR NOT NULL,
    norad_cat_id BIGINT NOT NULL,
    element_set_no BIGINT NOT NULL,
    rev_at_epoch BIGINT NOT NULL,
    bstar_per_earth_radius DOUBLE NOT NULL,
    mean_motion_dot_rev_per_day2 DOUBLE NOT NULL,
    mean_motion_ddot_rev_per_day3 DOUBLE NOT NULL,
    PRIMARY KEY (day, norad_cat_id)
);
COMMENT ON TABLE raw.celestrak_active_tle IS 'one row per day and catalogued object: its newest mean elements, from TLE';
COMMENT ON COLUMN raw.celestrak_active_tle.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN raw.celestrak_active_tle.object_name IS 'Name in the catalog; may repeat; null in two-line files, which give none.';
COMMENT ON COLUMN raw.celestrak_active_tle.object_id IS 'International designator; null where the provider gives none.';
COMMENT ON COLUMN raw.celestrak_active_tle.epoch_utc IS 'Epoch of the elements [UTC].';
COMMENT ON COLUMN raw.celestrak_active_tle.mean_motion_rev_per_day IS 'Mean motion (Kozai), above 0 [rev/day].';
COMMENT ON COLUMN raw.celestrak_active_tle.eccentricity IS 'Eccentricity, below 1 [1].';
COMMENT ON COLUMN raw.celestrak_active_tle.inclination_deg IS 'Inclination [deg].';
COMMENT ON COLUMN raw.celestrak_active_tle.ra_of_asc_node_deg IS 'Right ascension of the ascending node [deg].';
COMMENT ON COLUMN raw.celestrak_active_tle.arg_of_pericenter_deg IS 'Argument of pericentre [deg].';
COMMENT ON COLUMN raw.celestrak_active_tle.mean_anomaly_deg IS 'Mean anomaly [deg].';
COMMENT ON COLUMN raw.celestrak_active_tle.ephemeris_type IS 'Ephemeris type; 0 is SGP4.';
COMMENT ON COLUMN raw.celestrak_active_tle.classification_type IS 'Classification; U is unclassified, C is that of supplemental elements.';
COMMENT ON COLUMN raw.celestrak_active_tle.norad_cat_id IS 'Catalog number, up to nine digits.';
COMMENT ON COLUMN raw.celestrak_active_tle.element_set_no IS 'Number of the element set.';
COMMENT ON COLUMN raw.celestrak_active_tle.rev_at_epoch IS 'Revolution number at epoch.';
COMMENT ON COLUMN raw.celestrak_active_tle.bstar_per_earth_radius IS 'Drag term B* of SGP4 [1/earth radius].';
COMMENT ON COLUMN raw.celestrak_active_tle.mean_motion_dot_rev_per_day2 IS 'Half the first derivative of the mean motion [rev/day^2].';
COMMENT ON COLUMN raw.celestrak_active_tle.mean_motion_ddot_rev_per_day3 IS 'A sixth of the second derivative [rev/day^3].';

CREATE TABLE IF NOT EXISTS raw.celestrak_supgp_starlink (
    day DATE NOT NULL,
    object_name VARCHAR,
    object_id VARCHAR,
    epoch_utc TIMESTAMP NOT NULL,
    mean_motion_rev_per_day DOUBLE NOT NULL,
    eccentricity DOUBLE NOT NULL,
    inclination_deg DOUBLE NOT NULL,
    ra_of_asc_node_deg DOUBLE NOT NULL,
    arg_of_pericenter_deg DOUBLE NOT NULL,
    mean_anomaly_deg DOUBLE NOT NULL,
    ephemeris_type BIGINT NOT NULL,
    classification_type VARCHAR NOT NULL,
    norad_cat_id BIGINT NOT NULL,
    element_set_no BIGINT NOT NULL,
    rev_at_epoch BIGINT NOT NULL,
    bstar_per_earth_radius DOUBLE NOT NULL,
    mean_motion_dot_rev_per_day2 DOUBLE NOT NULL,
    mean_motion_ddot_rev_per_day3 DOUBLE NOT NULL,
    PRIMARY KEY (day, norad_cat_id)
);
COMMENT ON TABLE raw.celestrak_supgp_starlink IS 'one row per day and Starlink satellite: its newest supplemental elements';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.object_name IS 'Name in the catalog; may repeat; null in two-line files, which give none.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.object_id IS 'International designator; null where the provider gives none.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.epoch_utc IS 'Epoch of the elements [UTC].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.mean_motion_rev_per_day IS 'Mean motion (Kozai), above 0 [rev/day].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.eccentricity IS 'Eccentricity, below 1 [1].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.inclination_deg IS 'Inclination [deg].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.ra_of_asc_node_deg IS 'Right ascension of the ascending node [deg].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.arg_of_pericenter_deg IS 'Argument of pericentre [deg].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.mean_anomaly_deg IS 'Mean anomaly [deg].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.ephemeris_type IS 'Ephemeris type; 0 is SGP4.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.classification_type IS 'Classification; U is unclassified, C is that of supplemental elements.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.norad_cat_id IS 'Catalog number, up to nine digits.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.element_set_no IS 'Number of the element set.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.rev_at_epoch IS 'Revolution number at epoch.';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.bstar_per_earth_radius IS 'Drag term B* of SGP4 [1/earth radius].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.mean_motion_dot_rev_per_day2 IS 'Half the first derivative of the mean motion [rev/day^2].';
COMMENT ON COLUMN raw.celestrak_supgp_starlink.mean_motion_ddot_rev_per_day3 IS 'A sixth of the second derivative [rev/day^3].';

CREATE TABLE IF NOT EXISTS core.access_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    population_count DOUBLE NOT NULL,
    covered_fraction DOUBLE NOT NULL,
    always_covered_fraction DOUBLE NOT NULL,
    visible_mean_count DOUBLE NOT NULL,
    usable_mean_count DOUBLE NOT NULL,
    longest_gap_s BIGINT NOT NULL,
    visible_down_gbps DOUBLE NOT NULL,
    rtt_pop_p50_ms DOUBLE,
    rtt_pop_p95_ms DOUBLE,
    reachable_fraction DOUBLE,
    PRIMARY KEY (day, constellation, country_iso3)
);
COMMENT ON TABLE core.access_daily IS 'one row per day, constellation and country or territory';
COMMENT ON COLUMN core.access_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.access_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.access_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.access_daily.population_count IS 'People of the country [people].';
COMMENT ON COLUMN core.access_daily.covered_fraction IS 'Fraction of people and of the day with a satellite in view [1].';
COMMENT ON COLUMN core.access_daily.always_covered_fraction IS 'Fraction of people who have a satellite in view all day [1].';
COMMENT ON COLUMN core.access_daily.visible_mean_count IS 'Satellites in view, mean over people and day.';
COMMENT ON COLUMN core.access_daily.usable_mean_count IS 'Those of them that the protection of the geostationary arc leaves, mean over people and day.';
COMMENT ON COLUMN core.access_daily.longest_gap_s IS 'Longest gap of any cell with people [s].';
COMMENT ON COLUMN core.access_daily.visible_down_gbps IS 'Downlink of all satellites in view, mean over people and day [Gbps].';
COMMENT ON COLUMN core.access_daily.rtt_pop_p50_ms IS 'Median round trip to the PoP of the cell (core.latency_daily), mean over people and time with a path; estimated [ms].';
COMMENT ON COLUMN core.access_daily.rtt_pop_p95_ms IS '95th percentile of the same, mean over people and time with a path [ms].';
COMMENT ON COLUMN core.access_daily.reachable_fraction IS 'Fraction of people and of instants with a path to the PoP [1].';

CREATE TABLE IF NOT EXISTS core.affordable_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    income_share_fraction DOUBLE NOT NULL,
    people_count DOUBLE NOT NULL,
    income_usd_per_month DOUBLE,
    cost_usd_per_month DOUBLE NOT NULL,
    affordable_low_people_count DOUBLE,
    affordable_people_count DOUBLE,
    affordable_high_people_count DOUBLE,
    PRIMARY KEY (day, constellation, country_iso3, income_share_fraction)
);
COMMENT ON TABLE core.affordable_daily IS 'one row per day, constellation, country with a known price, and part of income: people who can pay';
COMMENT ON COLUMN core.affordable_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.affordable_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.affordable_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.affordable_daily.income_share_fraction IS 'Part of their income that people would spend on it: 0.01, 0.02, 0.03, 0.05, 0.1 or 0.2 [1].';
COMMENT ON COLUMN core.affordable_daily.people_count IS 'People [people].';
COMMENT ON COLUMN core.affordable_daily.income_usd_per_month IS 'Income per head in dollars, estimated from GDP per head at purchasing power parity by how price levels go with income; null where it is not known [USD/month].';
COMMENT ON COLUMN core.affordable_daily.cost_usd_per_month IS 'Plan and terminal, the latter paid off over 36 months [USD/month].';
COMMENT ON COLUMN core.affordable_daily.affordable_low_people_count IS 'People for whom that is at most this part of their income, the least that price and spread of incomes allow [people].';
COMMENT ON COLUMN core.affordable_daily.affordable_people_count IS 'The same, base: one spread of incomes in all countries, assumed; null where income is not known [people].';
COMMENT ON COLUMN core.affordable_daily.affordable_high_people_count IS 'The same, the most [people].';

CREATE TABLE IF NOT EXISTS core.ai_country_daily (
    day DATE NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    people_count DOUBLE NOT NULL,
    use_fraction DOUBLE,
    use_low_fraction DOUBLE,
    use_high_fraction DOUBLE,
    down_gbps DOUBLE,
    up_gbps DOUBLE,
    missing VARCHAR,
    PRIMARY KEY (day, country_iso3)
);
COMMENT ON TABLE core.ai_country_daily IS 'one row per day and country or territory: its share of the world''s AI use';
COMMENT ON COLUMN core.ai_country_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.ai_country_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.ai_country_daily.people_count IS 'People [people].';
COMMENT ON COLUMN core.ai_country_daily.use_fraction IS 'Fraction of the world''s AI use; null without Internet use or income [1].';
COMMENT ON COLUMN core.ai_country_daily.use_low_fraction IS 'The same, the lower of those at the least and the greatest power of income [1].';
COMMENT ON COLUMN core.ai_country_daily.use_high_fraction IS 'The same, the higher of the two [1].';
COMMENT ON COLUMN core.ai_country_daily.down_gbps IS 'To users, all workloads, mean of the day [Gbps].';
COMMENT ON COLUMN core.ai_country_daily.up_gbps IS 'From users, all workloads, mean of the day [Gbps].';
COMMENT ON COLUMN core.ai_country_daily.missing IS 'What is not known of the country, so that its use is null.';

CREATE TABLE IF NOT EXISTS core.ai_hour_daily (
    day DATE NOT NULL,
    workload VARCHAR NOT NULL,
    solar_hour_number BIGINT NOT NULL,
    use_fraction DOUBLE NOT NULL,
    PRIMARY KEY (day, workload, solar_hour_number)
);
COMMENT ON TABLE core.ai_hour_daily IS 'one row per day, workload and local solar hour: how a day''s use is spread';
COMMENT ON COLUMN core.ai_hour_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.ai_hour_daily.workload IS 'Workload. One of: text, voice, image, video, documents, agents.';
COMMENT ON COLUMN core.ai_hour_daily.solar_hour_number IS 'Hour of the local solar day that begins then.';
COMMENT ON COLUMN core.ai_hour_daily.use_fraction IS 'Fraction of the day''s use in that hour; all 24 sum to one [1].';

CREATE TABLE IF NOT EXISTS core.ai_ledger_daily (
    day DATE NOT NULL,
    workload VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    units_per_day_low_count DOUBLE NOT NULL,
    units_per_day_count DOUBLE NOT NULL,
    units_per_day_high_count DOUBLE NOT NULL,
    unit_size_bytes DOUBLE NOT NULL,
    up_fraction DOUBLE NOT NULL,
    overhead_down_factor DOUBLE NOT NULL,
    overhead_up_factor DOUBLE NOT NULL,
    payload_down_low_gbps DOUBLE NOT NULL,
    payload_down_gbps DOUBLE NOT NULL,
    payload_down_high_gbps DOUBLE NOT NULL,
    payload_up_low_gbps DOUBLE NOT NULL,
    payload_up_gbps DOUBLE NOT NULL,
    payload_up_high_gbps DOUBLE NOT NULL,
    down_low_gbps DOUBLE NOT NULL,
    down_gbps DOUBLE NOT NULL,
    down_high_gbps DOUBLE NOT NULL,
    up_low_gbps DOUBLE NOT NULL,
    up_gbps DOUBLE NOT NULL,
    up_high_gbps DOUBLE NOT NULL,
    busy_hour_fraction DOUBLE NOT NULL,
    peak_solar_h DOUBLE NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (day, workload)
);
COMMENT ON TABLE core.ai_ledger_daily IS 'one row per day and workload of AI: the world''s use, from units to bits';
COMMENT ON COLUMN core.ai_ledger_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.ai_ledger_daily.workload IS 'Workload. One of: text, voice, image, video, documents, agents.';
COMMENT ON COLUMN core.ai_ledger_daily.unit IS 'What is counted.';
COMMENT ON COLUMN core.ai_ledger_daily.units_per_day_low_count IS 'Units a day in the world, low.';
COMMENT ON COLUMN core.ai_ledger_daily.units_per_day_count IS 'Units a day in the world, base.';
COMMENT ON COLUMN core.ai_ledger_daily.units_per_day_high_count IS 'Units a day in the world, high.';
COMMENT ON COLUMN core.ai_ledger_daily.unit_size_bytes IS 'Bytes of a unit, both ways, before framing and headers [bytes].';
COMMENT ON COLUMN core.ai_ledger_daily.up_fraction IS 'Fraction of the bytes that users send [1].';
COMMENT ON COLUMN core.ai_ledger_daily.overhead_down_factor IS 'What framing and headers make of a byte to users.';
COMMENT ON COLUMN core.ai_ledger_daily.overhead_up_factor IS 'What headers make of a byte from users.';
COMMENT ON COLUMN core.ai_ledger_daily.payload_down_low_gbps IS 'What users send and read, itself, mean of the day, low [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.payload_down_gbps IS 'What users send and read, itself, mean of the day, base [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.payload_down_high_gbps IS 'What users send and read, itself, mean of the day, high [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.payload_up_low_gbps IS 'What users send and read, itself, mean of the day, low [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.payload_up_gbps IS 'What users send and read, itself, mean of the day, base [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.payload_up_high_gbps IS 'What users send and read, itself, mean of the day, high [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.down_low_gbps IS 'The same with framing and headers, mean of the day, low [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.down_gbps IS 'The same with framing and headers, mean of the day, base [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.down_high_gbps IS 'The same with framing and headers, mean of the day, high [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.up_low_gbps IS 'The same with framing and headers, mean of the day, low [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.up_gbps IS 'The same with framing and headers, mean of the day, base [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.up_high_gbps IS 'The same with framing and headers, mean of the day, high [Gbps].';
COMMENT ON COLUMN core.ai_ledger_daily.busy_hour_fraction IS 'Fraction of a day''s use in its busiest hour [1].';
COMMENT ON COLUMN core.ai_ledger_daily.peak_solar_h IS 'Local solar hour of the most use [h].';
COMMENT ON COLUMN core.ai_ledger_daily.source IS 'Sources of units, bytes and directions.';

CREATE TABLE IF NOT EXISTS core.capacity_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    cell_id UBIGINT NOT NULL,
    visible_down_gbps DOUBLE NOT NULL,
    demand_down_gbps DOUBLE NOT NULL,
    demand_up_gbps DOUBLE NOT NULL,
    ai_demand_down_gbps DOUBLE NOT NULL,
    ai_demand_up_gbps DOUBLE NOT NULL,
    supply_down_gbps DOUBLE NOT NULL,
    supply_up_gbps DOUBLE,
    served_down_gbps DOUBLE NOT NULL,
    served_up_gbps DOUBLE,
    served_fraction_p50 DOUBLE,
    served_fraction_p05 DOUBLE,
    utilisation_fraction DOUBLE NOT NULL,
    binding VARCHAR NOT NULL,
    binding_up VARCHAR,
    beam_headroom_down_gbps DOUBLE,
    beam_headroom_up_gbps DOUBLE,
    satellite_headroom_down_gbps DOUBLE NOT NULL,
    satellite_headroom_up_gbps DOUBLE,
    gateway_headroom_down_gbps DOUBLE NOT NULL,
    gateway_headroom_up_gbps DOUBLE,
    mesh_headroom_down_gbps DOUBLE,
    mesh_headroom_up_gbps DOUBLE,
    beam_short_down_gbps DOUBLE NOT NULL,
    beam_short_up_gbps DOUBLE,
    satellite_short_down_gbps DOUBLE NOT NULL,
    satellite_short_up_gbps DOUBLE,
    gateway_short_down_gbps DOUBLE NOT NULL,
    gateway_short_up_gbps DOUBLE,
    mesh_short_down_gbps DOUBLE NOT NULL,
    mesh_short_up_gbps DOUBLE,
    PRIMARY KEY (day, constellation, cell_id)
);
COMMENT ON TABLE core.capacity_daily IS 'one row per day, constellation and cell';
COMMENT ON COLUMN core.capacity_daily.day IS 'Day of the run; the grid covers [day 00:00, +24 h) [UTC date].';
COMMENT ON COLUMN core.capacity_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.capacity_daily.cell_id IS 'HEALPix cell, nested.';
COMMENT ON COLUMN core.capacity_daily.visible_down_gbps IS 'Downlink of all broadband satellites in view, mean of the day; not what the cell can be sold: each satellite is shared with the rest of its footprint [Gbps].';
COMMENT ON COLUMN core.capacity_daily.demand_down_gbps IS 'All broadband demand of the cell, AI included, whoever serves it today, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.demand_up_gbps IS 'All broadband demand of the cell, AI included, whoever serves it today, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.ai_demand_down_gbps IS 'AI''s part in the demand; what no ledger knows counts as none, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.ai_demand_up_gbps IS 'AI''s part in the demand; what no ledger knows counts as none, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.supply_down_gbps IS 'What could be served there if more were asked for: the least of all lids; from users null where no uplink figure is known, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.supply_up_gbps IS 'What could be served there if more were asked for: the least of all lids; from users null where no uplink figure is known, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.served_down_gbps IS 'What is served in a fair share; from users null where no uplink figure is known, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.served_up_gbps IS 'What is served in a fair share; from users null where no uplink figure is known, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.served_fraction_p50 IS 'Part of the demand to users that is served, median of the instants; null without demand [1].';
COMMENT ON COLUMN core.capacity_daily.served_fraction_p05 IS 'The same, 5th percentile of the instants [1].';
COMMENT ON COLUMN core.capacity_daily.utilisation_fraction IS 'served_down_gbps over supply_down_gbps; 0 without supply [1].';
COMMENT ON COLUMN core.capacity_daily.binding IS 'The lid that leaves the most of the demand to users unserved; demand where all of it but a thousandth is served, or there is none. One of: demand, beam, satellite, gateway, mesh.';
COMMENT ON COLUMN core.capacity_daily.binding_up IS 'The same from users; null where no uplink figure is known. One of: demand, beam, satellite, gateway, mesh.';
COMMENT ON COLUMN core.capacity_daily.beam_headroom_down_gbps IS 'What beams would let through beyond what is served; null where no figure of beams is known, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.beam_headroom_up_gbps IS 'What beams would let through beyond what is served; null where no figure of beams is known, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.satellite_headroom_down_gbps IS 'What satellites in view have left, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.satellite_headroom_up_gbps IS 'What satellites in view have left, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.gateway_headroom_down_gbps IS 'What gateways could still feed to one of the satellites in view, or to others near it, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.gateway_headroom_up_gbps IS 'What gateways could still feed to one of the satellites in view, or to others near it, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.mesh_headroom_down_gbps IS 'What lasers could still carry there; null where no satellite has any, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.mesh_headroom_up_gbps IS 'What lasers could still carry there; null where no satellite has any, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.beam_short_down_gbps IS 'What is not served of the demand while beam binds: all four sum to what is not served, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.beam_short_up_gbps IS 'What is not served of the demand while beam binds: all four sum to what is not served, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.satellite_short_down_gbps IS 'What is not served of the demand while satellite binds: all four sum to what is not served, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.satellite_short_up_gbps IS 'What is not served of the demand while satellite binds: all four sum to what is not served, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.gateway_short_down_gbps IS 'What is not served of the demand while gateway binds: all four sum to what is not served, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.gateway_short_up_gbps IS 'What is not served of the demand while gateway binds: all four sum to what is not served, from users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.mesh_short_down_gbps IS 'What is not served of the demand while mesh binds: all four sum to what is not served, to users, mean of the day [Gbps].';
COMMENT ON COLUMN core.capacity_daily.mesh_short_up_gbps IS 'What is not served of the demand while mesh binds: all four sum to what is not served, from users, mean of the day [Gbps].';

CREATE TABLE IF NOT EXISTS core.capacity_driver_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    driver VARCHAR NOT NULL,
    driver_kind VARCHAR NOT NULL,
    rank_number BIGINT NOT NULL,
    low_number DOUBLE NOT NULL,
    base_number DOUBLE NOT NULL,
    high_number DOUBLE NOT NULL,
    unit VARCHAR NOT NULL,
    sellable_at_low_tbps DOUBLE NOT NULL,
    sellable_at_high_tbps DOUBLE NOT NULL,
    swing_tbps DOUBLE NOT NULL,
    PRIMARY KEY (day, constellation, driver)
);
COMMENT ON TABLE core.capacity_driver_daily IS 'one row per day, constellation and driver: what can be sold at its low and at its high figure, all others at their base';
COMMENT ON COLUMN core.capacity_driver_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.capacity_driver_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.capacity_driver_daily.driver IS 'Parameter, as uncertainty_ranges.csv calls it.';
COMMENT ON COLUMN core.capacity_driver_daily.driver_kind IS 'drawn, or a variant: what changes who sees whom is computed by itself and never drawn. One of: drawn, variant.';
COMMENT ON COLUMN core.capacity_driver_daily.rank_number IS '1 for the driver with the largest swing of the constellation.';
COMMENT ON COLUMN core.capacity_driver_daily.low_number IS 'Its low figure, in the unit.';
COMMENT ON COLUMN core.capacity_driver_daily.base_number IS 'Its base.';
COMMENT ON COLUMN core.capacity_driver_daily.high_number IS 'Its high figure.';
COMMENT ON COLUMN core.capacity_driver_daily.unit IS 'Unit of the three.';
COMMENT ON COLUMN core.capacity_driver_daily.sellable_at_low_tbps IS 'What can be sold to users with the low figure [Tbps].';
COMMENT ON COLUMN core.capacity_driver_daily.sellable_at_high_tbps IS 'The same with the high one [Tbps].';
COMMENT ON COLUMN core.capacity_driver_daily.swing_tbps IS 'Largest less least of the two and of the base [Tbps].';

CREATE TABLE IF NOT EXISTS core.capacity_flow_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    capacity_step VARCHAR NOT NULL,
    before_day DATE NOT NULL,
    change_tbps DOUBLE,
    worth_fraction DOUBLE,
    sellable_change_tbps DOUBLE NOT NULL,
    PRIMARY KEY (day, constellation, capacity_step)
);
COMMENT ON TABLE core.capacity_flow_daily IS 'one row per day, constellation and step: how what can be sold to users came from that of the day before';
COMMENT ON COLUMN core.capacity_flow_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.capacity_flow_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.capacity_flow_daily.capacity_step IS 'What changed: satellites by core.fleet_flow_daily, gateways, demand, and the rest (orbits, figures, instants). One of: launched, raised, lowered, decayed, moved, gateways, demand, rest.';
COMMENT ON COLUMN core.capacity_flow_daily.before_day IS 'Published day before [UTC date].';
COMMENT ON COLUMN core.capacity_flow_daily.change_tbps IS 'By how much: downlink in service, antennas of gateways, or demand; null for the rest [Tbps].';
COMMENT ON COLUMN core.capacity_flow_daily.worth_fraction IS 'What a little more of it would sell, over that: measured by five percent more; null for the rest [1].';
COMMENT ON COLUMN core.capacity_flow_daily.sellable_change_tbps IS 'What it adds to what can be sold; all steps sum to the change between the days [Tbps].';

CREATE TABLE IF NOT EXISTS core.compute_daily (
    day DATE NOT NULL,
    compute_basis VARCHAR NOT NULL,
    region VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    site_count BIGINT NOT NULL,
    h100_equivalent_count DOUBLE NOT NULL,
    power_mw DOUBLE NOT NULL,
    planned_h100_equivalent_count DOUBLE NOT NULL,
    planned_power_mw DOUBLE NOT NULL,
    unknown_count BIGINT NOT NULL,
    electricity_fraction DOUBLE,
    PRIMARY KEY (day, compute_basis, region, owner)
);
COMMENT ON TABLE core.compute_daily IS 'one row per day, list, region and owner: compute that is there and planned';
COMMENT ON COLUMN core.compute_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.compute_daily.compute_basis IS 'Which list: the two overlap and are never added up. One of: data_center, gpu_cluster.';
COMMENT ON COLUMN core.compute_daily.region IS 'ISO 3166-1 alpha-3 code of the country, or unplaced.';
COMMENT ON COLUMN core.compute_daily.owner IS 'Who owns it, or unknown.';
COMMENT ON COLUMN core.compute_daily.site_count IS 'Sites or clusters, planned ones too.';
COMMENT ON COLUMN core.compute_daily.h100_equivalent_count IS 'Compute that is there, in H100s, of those whose compute is known.';
COMMENT ON COLUMN core.compute_daily.power_mw IS 'Power of what is there, of those whose power is known [MW].';
COMMENT ON COLUMN core.compute_daily.planned_h100_equivalent_count IS 'Compute that is planned beyond that, in H100s.';
COMMENT ON COLUMN core.compute_daily.planned_power_mw IS 'Power that is planned beyond that [MW].';
COMMENT ON COLUMN core.compute_daily.unknown_count IS 'Sites or clusters whose compute is not known.';
COMMENT ON COLUMN core.compute_daily.electricity_fraction IS 'Power of what is there over the mean power that its country uses; null where that is not landed [1].';

CREATE TABLE IF NOT EXISTS core.compute_site_daily (
    day DATE NOT NULL,
    site_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    owner VARCHAR NOT NULL,
    country_iso3 VARCHAR,
    latitude_deg DOUBLE,
    longitude_deg DOUBLE,
    h100_equivalent_count DOUBLE,
    power_mw DOUBLE,
    planned_h100_equivalent_count DOUBLE,
    planned_power_mw DOUBLE,
    step_day DATE,
    status_text VARCHAR,
    projected BOOLEAN NOT NULL,
    PRIMARY KEY (day, site_id)
);
COMMENT ON TABLE core.compute_site_daily IS 'one row per day and AI data centre: its size on that day';
COMMENT ON COLUMN core.compute_site_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.compute_site_daily.site_id IS 'Name of the site in dim.site.';
COMMENT ON COLUMN core.compute_site_daily.title IS 'Short name.';
COMMENT ON COLUMN core.compute_site_daily.owner IS 'Who owns it, or unknown.';
COMMENT ON COLUMN core.compute_site_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code; null in the sea, or where neither coordinates nor country are told.';
COMMENT ON COLUMN core.compute_site_daily.latitude_deg IS 'WGS-84 latitude [deg].';
COMMENT ON COLUMN core.compute_site_daily.longitude_deg IS 'WGS-84 longitude [deg].';
COMMENT ON COLUMN core.compute_site_daily.h100_equivalent_count IS 'Compute on that day, in H100s.';
COMMENT ON COLUMN core.compute_site_daily.power_mw IS 'Power on that day [MW].';
COMMENT ON COLUMN core.compute_site_daily.planned_h100_equivalent_count IS 'Compute at the last step that is planned, in H100s.';
COMMENT ON COLUMN core.compute_site_daily.planned_power_mw IS 'Power at the last step that is planned [MW].';
COMMENT ON COLUMN core.compute_site_daily.step_day IS 'Date of the step that the figures are of; null where there is no timeline [UTC date].';
COMMENT ON COLUMN core.compute_site_daily.status_text IS 'What was seen then.';
COMMENT ON COLUMN core.compute_site_daily.projected IS 'Whether that step lies beyond the present of the list: a plan, not an observation.';

CREATE TABLE IF NOT EXISTS core.continuity_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    cell_id UBIGINT NOT NULL,
    continuous_fraction DOUBLE NOT NULL,
    continuous_2_fraction DOUBLE NOT NULL,
    longest_gap_exact_s DOUBLE NOT NULL,
    gap_count BIGINT NOT NULL,
    PRIMARY KEY (day, constellation, cell_id)
);
COMMENT ON TABLE core.continuity_daily IS 'one row per day, constellation and cell with people or demand: geometric continuity';
COMMENT ON COLUMN core.continuity_daily.day IS 'Day of the run; the grid covers [day 00:00, +24 h) [UTC date].';
COMMENT ON COLUMN core.continuity_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.continuity_daily.cell_id IS 'HEALPix cell, nested.';
COMMENT ON COLUMN core.continuity_daily.continuous_fraction IS 'Fraction of the day with at least one broadband satellite at work above the mask, by exact rise and set, without weather [1].';
COMMENT ON COLUMN core.continuity_daily.continuous_2_fraction IS 'The same with at least two [1].';
COMMENT ON COLUMN core.continuity_daily.longest_gap_exact_s IS 'Longest time of the day without any, by exact rise and set; 86400 where there never is one [s].';
COMMENT ON COLUMN core.continuity_daily.gap_count IS 'Times of the day without any, however short.';

CREATE TABLE IF NOT EXISTS core.corridor_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    from_id VARCHAR NOT NULL,
    to_id VARCHAR NOT NULL,
    corridor_kind VARCHAR NOT NULL,
    geodesic_km DOUBLE NOT NULL,
    rtt_min_ms DOUBLE,
    rtt_p50_ms DOUBLE,
    rtt_p95_ms DOUBLE,
    reachable_fraction DOUBLE,
    rtt_three_links_p50_ms DOUBLE,
    rtt_two_links_p50_ms DOUBLE,
    two_links_reachable_fraction DOUBLE,
    rtt_floor_ms DOUBLE NOT NULL,
    rtt_terminal_p50_ms DOUBLE,
    rtt_terminal_p95_ms DOUBLE,
    rtt_propagation_p50_ms DOUBLE,
    hop_median_count DOUBLE,
    path_changes_per_h DOUBLE,
    fibre_great_circle_ms DOUBLE,
    gap_fibre_great_circle_ms DOUBLE,
    fibre_great_circle_sign_changed BOOLEAN,
    fibre_stretched_ms DOUBLE,
    gap_fibre_stretched_ms DOUBLE,
    fibre_stretched_sign_changed BOOLEAN,
    internet_ms DOUBLE,
    gap_internet_ms DOUBLE,
    internet_sign_changed BOOLEAN,
    PRIMARY KEY (day, constellation, from_id, to_id)
);
COMMENT ON TABLE core.corridor_daily IS 'one row per day, constellation and pair of sites: the AI corridors, compute sites and cloud regions';
COMMENT ON COLUMN core.corridor_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.corridor_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.corridor_daily.from_id IS 'Site, or city of an AI corridor; the two ends are in the order of the list, or of their names.';
COMMENT ON COLUMN core.corridor_daily.to_id IS 'The other end.';
COMMENT ON COLUMN core.corridor_daily.corridor_kind IS 'ai: one of the AI corridors; pair: two sites of dim.site. One of: ai, pair.';
COMMENT ON COLUMN core.corridor_daily.geodesic_km IS 'Great circle between the ends [km].';
COMMENT ON COLUMN core.corridor_daily.rtt_min_ms IS 'Round trip by satellite, least of the day; estimated: gateways within 500 km or the nearest, plus grid, overhead of both ends; null without gateways or ways [ms].';
COMMENT ON COLUMN core.corridor_daily.rtt_p50_ms IS 'The same, median of the instants with a way [ms].';
COMMENT ON COLUMN core.corridor_daily.rtt_p95_ms IS 'The same, 95th percentile [ms].';
COMMENT ON COLUMN core.corridor_daily.reachable_fraction IS 'Fraction of the instants with a way [1].';
COMMENT ON COLUMN core.corridor_daily.rtt_three_links_p50_ms IS 'Median with three links a satellite [ms].';
COMMENT ON COLUMN core.corridor_daily.rtt_two_links_p50_ms IS 'Median with two links a satellite, along the planes alone; null where that leads nowhere [ms].';
COMMENT ON COLUMN core.corridor_daily.two_links_reachable_fraction IS 'Fraction of the instants with a way with two links a satellite [1].';
COMMENT ON COLUMN core.corridor_daily.rtt_floor_ms IS 'Least round trip over any satellites of that height, light alone: no laser graph can be faster [ms].';
COMMENT ON COLUMN core.corridor_daily.rtt_terminal_p50_ms IS 'Median with a terminal at both ends instead of gateways, access overhead included; null without ways [ms].';
COMMENT ON COLUMN core.corridor_daily.rtt_terminal_p95_ms IS 'The same, 95th percentile [ms].';
COMMENT ON COLUMN core.corridor_daily.rtt_propagation_p50_ms IS 'The same, median, light alone: without access overhead and without what links cost [ms].';
COMMENT ON COLUMN core.corridor_daily.hop_median_count IS 'Satellites on the way, median.';
COMMENT ON COLUMN core.corridor_daily.path_changes_per_h IS 'How often an hour the way goes over other satellites, from steps of 15 s spread over the day; at most 240 [1/h].';
COMMENT ON COLUMN core.corridor_daily.fibre_great_circle_ms IS 'Round trip over glass along the great circle: no fibre can be faster [ms].';
COMMENT ON COLUMN core.corridor_daily.gap_fibre_great_circle_ms IS 'Median round trip by satellite less that: below 0 the satellites are faster [ms].';
COMMENT ON COLUMN core.corridor_daily.fibre_great_circle_sign_changed IS 'Whether the gap has changed its sign since the last day before; null where either is unknown.';
COMMENT ON COLUMN core.corridor_daily.fibre_stretched_ms IS 'The same stretched by the usual factor of backbones [ms].';
COMMENT ON COLUMN core.corridor_daily.gap_fibre_stretched_ms IS 'Median round trip by satellite less that: below 0 the satellites are faster [ms].';
COMMENT ON COLUMN core.corridor_daily.fibre_stretched_sign_changed IS 'Whether the gap has changed its sign since the last day before; null where either is unknown.';
COMMENT ON COLUMN core.corridor_daily.internet_ms IS 'Round trip measured over the Internet between places within 100 km of the ends; null where none is landed [ms].';
COMMENT ON COLUMN core.corridor_daily.gap_internet_ms IS 'Median round trip by satellite less that: below 0 the satellites are faster [ms].';
COMMENT ON COLUMN core.corridor_daily.internet_sign_changed IS 'Whether the gap has changed its sign since the last day before; null where either is unknown.';

CREATE TABLE IF NOT EXISTS core.country_cost_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    transit_class VARCHAR,
    transit_confidence VARCHAR,
    transit_low_usd_per_gbps_month DOUBLE,
    transit_usd_per_gbps_month DOUBLE,
    transit_high_usd_per_gbps_month DOUBLE,
    sold_levelised_low_usd_per_gbps_month DOUBLE,
    sold_levelised_usd_per_gbps_month DOUBLE,
    sold_levelised_high_usd_per_gbps_month DOUBLE,
    of_transit_low_factor DOUBLE,
    of_transit_factor DOUBLE,
    of_transit_high_factor DOUBLE,
    within_3_of_transit BOOLEAN,
    PRIMARY KEY (day, constellation, country_iso3)
);
COMMENT ON TABLE core.country_cost_daily IS 'one row per day, constellation and country or territory: a sold Gbps-month against transit';
COMMENT ON COLUMN core.country_cost_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.country_cost_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.country_cost_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.country_cost_daily.transit_class IS 'Which market''s price the country is taken to have, by assumption; null where nobody has placed it.';
COMMENT ON COLUMN core.country_cost_daily.transit_confidence IS 'How sure that is.';
COMMENT ON COLUMN core.country_cost_daily.transit_low_usd_per_gbps_month IS 'Transit, low [USD/Gbps-month].';
COMMENT ON COLUMN core.country_cost_daily.transit_usd_per_gbps_month IS 'Transit [USD/Gbps-month].';
COMMENT ON COLUMN core.country_cost_daily.transit_high_usd_per_gbps_month IS 'Transit, high [USD/Gbps-month].';
COMMENT ON COLUMN core.country_cost_daily.sold_levelised_low_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part, low [USD/Gbps-month].';
COMMENT ON COLUMN core.country_cost_daily.sold_levelised_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part [USD/Gbps-month].';
COMMENT ON COLUMN core.country_cost_daily.sold_levelised_high_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part, high [USD/Gbps-month].';
COMMENT ON COLUMN core.country_cost_daily.of_transit_low_factor IS 'Satellite over transit: least cost over the dearest transit.';
COMMENT ON COLUMN core.country_cost_daily.of_transit_factor IS 'The same, base over base.';
COMMENT ON COLUMN core.country_cost_daily.of_transit_high_factor IS 'The same, most cost over the cheapest transit.';
COMMENT ON COLUMN core.country_cost_daily.within_3_of_transit IS 'Whether the base is at most three times transit; null where either is unknown.';

CREATE TABLE IF NOT EXISTS core.coverage_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    cell_id UBIGINT NOT NULL,
    visible_mean_count DOUBLE NOT NULL,
    visible_min_count BIGINT NOT NULL,
    visible_p05_count BIGINT NOT NULL,
    visible_40deg_mean_count DOUBLE NOT NULL,
    covered_fraction DOUBLE NOT NULL,
    covered_2_fraction DOUBLE NOT NULL,
    covered_4_fraction DOUBLE NOT NULL,
    longest_gap_s BIGINT NOT NULL,
    best_elevation_mean_deg DOUBLE,
    usable_mean_count DOUBLE NOT NULL,
    usable_min_count BIGINT NOT NULL,
    usable_p05_count BIGINT NOT NULL,
    usable_40deg_mean_count DOUBLE NOT NULL,
    usable_fraction DOUBLE NOT NULL,
    usable_2_fraction DOUBLE NOT NULL,
    usable_4_fraction DOUBLE NOT NULL,
    usable_longest_gap_s BIGINT NOT NULL,
    PRIMARY KEY (day, constellation, cell_id)
);
COMMENT ON TABLE core.coverage_daily IS 'one row per day, constellation and cell';
COMMENT ON COLUMN core.coverage_daily.day IS 'Day of the run; the grid covers [day 00:00, +24 h) [UTC date].';
COMMENT ON COLUMN core.coverage_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.coverage_daily.cell_id IS 'HEALPix cell, nested.';
COMMENT ON COLUMN core.coverage_daily.visible_mean_count IS 'Broadband satellites at work above the mask, mean of the day.';
COMMENT ON COLUMN core.coverage_daily.visible_min_count IS 'The same, minimum of the day.';
COMMENT ON COLUMN core.coverage_daily.visible_p05_count IS 'The same, 5th percentile of the day''s instants (nearest rank).';
COMMENT ON COLUMN core.coverage_daily.visible_40deg_mean_count IS 'Broadband satellites at work above the mask, but at 40 degrees, mean of the day.';
COMMENT ON COLUMN core.coverage_daily.covered_fraction IS 'Fraction of the day with at least one [1].';
COMMENT ON COLUMN core.coverage_daily.covered_2_fraction IS 'Fraction of the day with at least two [1].';
COMMENT ON COLUMN core.coverage_daily.covered_4_fraction IS 'Fraction of the day with at least four [1].';
COMMENT ON COLUMN core.coverage_daily.longest_gap_s IS 'Longest time of the day without any; 86400 where there never is one [s].';
COMMENT ON COLUMN core.coverage_daily.best_elevation_mean_deg IS 'Elevation of the highest satellite in view, mean of the instants with one, every 5 minutes; null where there is none [deg].';
COMMENT ON COLUMN core.coverage_daily.usable_mean_count IS 'Those that the protection of the geostationary arc leaves, mean of the day.';
COMMENT ON COLUMN core.coverage_daily.usable_min_count IS 'The same, minimum of the day.';
COMMENT ON COLUMN core.coverage_daily.usable_p05_count IS 'The same, 5th percentile of the day''s instants (nearest rank).';
COMMENT ON COLUMN core.coverage_daily.usable_40deg_mean_count IS 'Those that the protection of the geostationary arc leaves, but at 40 degrees, mean of the day.';
COMMENT ON COLUMN core.coverage_daily.usable_fraction IS 'Fraction of the day with at least one [1].';
COMMENT ON COLUMN core.coverage_daily.usable_2_fraction IS 'Fraction of the day with at least two [1].';
COMMENT ON COLUMN core.coverage_daily.usable_4_fraction IS 'Fraction of the day with at least four [1].';
COMMENT ON COLUMN core.coverage_daily.usable_longest_gap_s IS 'Longest time of the day without any; 86400 where there never is one [s].';

CREATE TABLE IF NOT EXISTS core.coverage_together_daily (
    day DATE NOT NULL,
    cell_id UBIGINT NOT NULL,
    visible_mean_count DOUBLE NOT NULL,
    visible_min_count BIGINT NOT NULL,
    visible_p05_count BIGINT NOT NULL,
    visible_40deg_mean_count DOUBLE NOT NULL,
    covered_fraction DOUBLE NOT NULL,
    covered_2_fraction DOUBLE NOT NULL,
    covered_4_fraction DOUBLE NOT NULL,
    longest_gap_s BIGINT NOT NULL,
    best_elevation_mean_deg DOUBLE,
    usable_mean_count DOUBLE NOT NULL,
    usable_min_count BIGINT NOT NULL,
    usable_p05_count BIGINT NOT NULL,
    usable_40deg_mean_count DOUBLE NOT NULL,
    usable_fraction DOUBLE NOT NULL,
    usable_2_fraction DOUBLE NOT NULL,
    usable_4_fraction DOUBLE NOT NULL,
    usable_longest_gap_s BIGINT NOT NULL,
    PRIMARY KEY (day, cell_id)
);
COMMENT ON TABLE core.coverage_together_daily IS 'one row per day and cell: all five constellations together, each above its own mask';
COMMENT ON COLUMN core.coverage_together_daily.day IS 'Day of the run; the grid covers [day 00:00, +24 h) [UTC date].';
COMMENT ON COLUMN core.coverage_together_daily.cell_id IS 'HEALPix cell, nested.';
COMMENT ON COLUMN core.coverage_together_daily.visible_mean_count IS 'Broadband satellites at work above the mask, mean of the day.';
COMMENT ON COLUMN core.coverage_together_daily.visible_min_count IS 'The same, minimum of the day.';
COMMENT ON COLUMN core.coverage_together_daily.visible_p05_count IS 'The same, 5th percentile of the day''s instants (nearest rank).';
COMMENT ON COLUMN core.coverage_together_daily.visible_40deg_mean_count IS 'Broadband satellites at work above the mask, but at 40 degrees, mean of the day.';
COMMENT ON COLUMN core.coverage_together_daily.covered_fraction IS 'Fraction of the day with at least one [1].';
COMMENT ON COLUMN core.coverage_together_daily.covered_2_fraction IS 'Fraction of the day with at least two [1].';
COMMENT ON COLUMN core.coverage_together_daily.covered_4_fraction IS 'Fraction of the day with at least four [1].';
COMMENT ON COLUMN core.coverage_together_daily.longest_gap_s IS 'Longest time of the day without any; 86400 where there never is one [s].';
COMMENT ON COLUMN core.coverage_together_daily.best_elevation_mean_deg IS 'Elevation of the highest satellite in view, mean of the instants with one, every 5 minutes; null where there is none [deg].';
COMMENT ON COLUMN core.coverage_together_daily.usable_mean_count IS 'Those that the protection of the geostationary arc leaves, mean of the day.';
COMMENT ON COLUMN core.coverage_together_daily.usable_min_count IS 'The same, minimum of the day.';
COMMENT ON COLUMN core.coverage_together_daily.usable_p05_count IS 'The same, 5th percentile of the day''s instants (nearest rank).';
COMMENT ON COLUMN core.coverage_together_daily.usable_40deg_mean_count IS 'Those that the protection of the geostationary arc leaves, but at 40 degrees, mean of the day.';
COMMENT ON COLUMN core.coverage_together_daily.usable_fraction IS 'Fraction of the day with at least one [1].';
COMMENT ON COLUMN core.coverage_together_daily.usable_2_fraction IS 'Fraction of the day with at least two [1].';
COMMENT ON COLUMN core.coverage_together_daily.usable_4_fraction IS 'Fraction of the day with at least four [1].';
COMMENT ON COLUMN core.coverage_together_daily.usable_longest_gap_s IS 'Longest time of the day without any; 86400 where there never is one [s].';

CREATE TABLE IF NOT EXISTS core.crossover_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    access VARCHAR NOT NULL,
    crossover_km DOUBLE,
    derived_km DOUBLE NOT NULL,
    overhead_ms DOUBLE NOT NULL,
    pair_count BIGINT NOT NULL,
    parted_fraction DOUBLE,
    PRIMARY KEY (day, constellation, access)
);
COMMENT ON TABLE core.crossover_daily IS 'one row per day, constellation with lasers, and way of getting on to the mesh: how far away it begins to beat stretched fibre';
COMMENT ON COLUMN core.crossover_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.crossover_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.crossover_daily.access IS 'By gateways, with a terminal at both ends, or with terminals and light alone; overhead included but in the last. One of: gateway, terminal, propagation.';
COMMENT ON COLUMN core.crossover_daily.crossover_km IS 'Great circle that parts the day''s pairs best: fewest nearer ones on which satellites are faster and farther ones on which fibre is, by medians; null where satellites are on too few pairs faster [km].';
COMMENT ON COLUMN core.crossover_daily.derived_km IS 'The same derived from an idealised shell, with that overhead [km].';
COMMENT ON COLUMN core.crossover_daily.overhead_ms IS 'Overhead of the access, there and back [ms].';
COMMENT ON COLUMN core.crossover_daily.pair_count IS 'Pairs with a way.';
COMMENT ON COLUMN core.crossover_daily.parted_fraction IS 'Fraction of the pairs that lie on their side of it [1].';

CREATE TABLE IF NOT EXISTS core.demand_daily (
    day DATE NOT NULL,
    cell_id UBIGINT NOT NULL,
    workload VARCHAR NOT NULL,
    use_fraction DOUBLE,
    down_gbps DOUBLE,
    up_gbps DOUBLE,
    busy_down_gbps DOUBLE,
    busy_up_gbps DOUBLE,
    PRIMARY KEY (day, cell_id, workload)
);
COMMENT ON TABLE core.demand_daily IS 'one row per day, cell with people and workload: mean AI demand, with framing and headers';
COMMENT ON COLUMN core.demand_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.demand_daily.cell_id IS 'HEALPix index, nested.';
COMMENT ON COLUMN core.demand_daily.workload IS 'Workload. One of: text, voice, image, video, documents, agents.';
COMMENT ON COLUMN core.demand_daily.use_fraction IS 'Fraction of the world''s AI use; null where no country of the cell has data [1].';
COMMENT ON COLUMN core.demand_daily.down_gbps IS 'To users, mean of the day [Gbps].';
COMMENT ON COLUMN core.demand_daily.up_gbps IS 'From users, mean of the day [Gbps].';
COMMENT ON COLUMN core.demand_daily.busy_down_gbps IS 'To users, in the busiest hour [Gbps].';
COMMENT ON COLUMN core.demand_daily.busy_up_gbps IS 'From users, in the busiest hour [Gbps].';

CREATE TABLE IF NOT EXISTS core.economics_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    planned BOOLEAN NOT NULL,
    satellite_count BIGINT NOT NULL,
    operational_count BIGINT NOT NULL,
    down_gbps_per_satellite DOUBLE,
    build_low_usd DOUBLE,
    build_usd DOUBLE,
    build_high_usd DOUBLE,
    launch_low_usd DOUBLE,
    launch_usd DOUBLE,
    launch_high_usd DOUBLE,
    ground_low_usd DOUBLE,
    ground_usd DOUBLE,
    ground_high_usd DOUBLE,
    life_years DOUBLE,
    discount_rate_fraction DOUBLE,
    costed_fraction DOUBLE,
    capex_low_usd_per_gbps DOUBLE,
    capex_usd_per_gbps DOUBLE,
    capex_high_usd_per_gbps DOUBLE,
    capex_p10_usd_per_gbps DOUBLE,
    capex_p90_usd_per_gbps DOUBLE,
    raw_low_usd_per_gbps_month DOUBLE,
    raw_usd_per_gbps_month DOUBLE,
    raw_high_usd_per_gbps_month DOUBLE,
    raw_p10_usd_per_gbps_month DOUBLE,
    raw_p90_usd_per_gbps_month DOUBLE,
    levelised_low_usd_per_gbps_month DOUBLE,
    levelised_usd_per_gbps_month DOUBLE,
    levelised_high_usd_per_gbps_month DOUBLE,
    levelised_p10_usd_per_gbps_month DOUBLE,
    levelised_p90_usd_per_gbps_month DOUBLE,
    levelised_satellite_low_usd DOUBLE,
    levelised_satellite_usd DOUBLE,
    levelised_satellite_high_usd DOUBLE,
    sold_low_usd_per_gbps_month DOUBLE,
    sold_usd_per_gbps_month DOUBLE,
    sold_high_usd_per_gbps_month DOUBLE,
    sold_p10_usd_per_gbps_month DOUBLE,
    sold_p90_usd_per_gbps_month DOUBLE,
    sold_levelised_low_usd_per_gbps_month DOUBLE,
    sold_levelised_usd_per_gbps_month DOUBLE,
    sold_levelised_high_usd_per_gbps_month DOUBLE,
    sold_levelised_p10_usd_per_gbps_month DOUBLE,
    sold_levelised_p90_usd_per_gbps_month DOUBLE,
    sellable_fraction DOUBLE,
    sellable_p10_fraction DOUBLE,
    sellable_p90_fraction DOUBLE,
    revenue_low_usd_per_deployed_gbps_month DOUBLE,
    revenue_usd_per_deployed_gbps_month DOUBLE,
    revenue_high_usd_per_deployed_gbps_month DOUBLE,
    revenue_shipped_usd_per_deployed_gbps_month DOUBLE,
    revenue_basis VARCHAR,
    missing VARCHAR,
    PRIMARY KEY (day, constellation, generation)
);
COMMENT ON TABLE core.economics_daily IS 'one row per day, constellation and generation, and one for all of a constellation: what a Gbps-month costs';
COMMENT ON COLUMN core.economics_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.economics_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.economics_daily.generation IS 'Generation, or all broadband satellites at work.';
COMMENT ON COLUMN core.economics_daily.planned IS 'Whether none of the generation has flown.';
COMMENT ON COLUMN core.economics_daily.satellite_count IS 'Broadband satellites in the catalog.';
COMMENT ON COLUMN core.economics_daily.operational_count IS 'Of these at work.';
COMMENT ON COLUMN core.economics_daily.down_gbps_per_satellite IS 'Downlink of one satellite, base; of a fleet the mean of those at work whose costs are known [Gbps].';
COMMENT ON COLUMN core.economics_daily.build_low_usd IS 'Building one satellite; of a fleet the mean, every cost at its low figure [USD].';
COMMENT ON COLUMN core.economics_daily.build_usd IS 'Building one satellite; of a fleet the mean [USD].';
COMMENT ON COLUMN core.economics_daily.build_high_usd IS 'Building one satellite; of a fleet the mean, every cost at its high figure [USD].';
COMMENT ON COLUMN core.economics_daily.launch_low_usd IS 'Launching one; of a fleet the mean, every cost at its low figure [USD].';
COMMENT ON COLUMN core.economics_daily.launch_usd IS 'Launching one; of a fleet the mean [USD].';
COMMENT ON COLUMN core.economics_daily.launch_high_usd IS 'Launching one; of a fleet the mean, every cost at its high figure [USD].';
COMMENT ON COLUMN core.economics_daily.ground_low_usd IS 'Its part of the gateways, every cost at its low figure [USD].';
COMMENT ON COLUMN core.economics_daily.ground_usd IS 'Its part of the gateways [USD].';
COMMENT ON COLUMN core.economics_daily.ground_high_usd IS 'Its part of the gateways, every cost at its high figure [USD].';
COMMENT ON COLUMN core.economics_daily.life_years IS 'How long one lasts; of a fleet the mean [years].';
COMMENT ON COLUMN core.economics_daily.discount_rate_fraction IS 'Cost of capital a year [1].';
COMMENT ON COLUMN core.economics_daily.costed_fraction IS 'Part of the capacity at work whose costs are known; below 0.9 the fleet''s are null [1].';
COMMENT ON COLUMN core.economics_daily.capex_low_usd_per_gbps IS 'Build and launch of a Gbps to users, every cost at its low figure [USD/Gbps].';
COMMENT ON COLUMN core.economics_daily.capex_usd_per_gbps IS 'Build and launch of a Gbps to users [USD/Gbps].';
COMMENT ON COLUMN core.economics_daily.capex_high_usd_per_gbps IS 'Build and launch of a Gbps to users, every cost at its high figure [USD/Gbps].';
COMMENT ON COLUMN core.economics_daily.capex_p10_usd_per_gbps IS 'Build and launch of a Gbps to users, 10th percentile of the draws [USD/Gbps].';
COMMENT ON COLUMN core.economics_daily.capex_p90_usd_per_gbps IS 'Build and launch of a Gbps to users, 90th percentile of the draws [USD/Gbps].';
COMMENT ON COLUMN core.economics_daily.raw_low_usd_per_gbps_month IS 'A Gbps-month of raw capacity: capex over the life, full use, no cost of capital, every cost at its low figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.raw_usd_per_gbps_month IS 'A Gbps-month of raw capacity: capex over the life, full use, no cost of capital [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.raw_high_usd_per_gbps_month IS 'A Gbps-month of raw capacity: capex over the life, full use, no cost of capital, every cost at its high figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.raw_p10_usd_per_gbps_month IS 'A Gbps-month of raw capacity: capex over the life, full use, no cost of capital, 10th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.raw_p90_usd_per_gbps_month IS 'A Gbps-month of raw capacity: capex over the life, full use, no cost of capital, 90th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.levelised_low_usd_per_gbps_month IS 'A Gbps-month with cost of capital, ground and opex, full use, every cost at its low figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.levelised_usd_per_gbps_month IS 'A Gbps-month with cost of capital, ground and opex, full use [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.levelised_high_usd_per_gbps_month IS 'A Gbps-month with cost of capital, ground and opex, full use, every cost at its high figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.levelised_p10_usd_per_gbps_month IS 'A Gbps-month with cost of capital, ground and opex, full use, 10th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.levelised_p90_usd_per_gbps_month IS 'A Gbps-month with cost of capital, ground and opex, full use, 90th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.levelised_satellite_low_usd IS 'One satellite for a month, the same way, every cost at its low figure [USD].';
COMMENT ON COLUMN core.economics_daily.levelised_satellite_usd IS 'One satellite for a month, the same way [USD].';
COMMENT ON COLUMN core.economics_daily.levelised_satellite_high_usd IS 'One satellite for a month, the same way, every cost at its high figure [USD].';
COMMENT ON COLUMN core.economics_daily.sold_low_usd_per_gbps_month IS 'A Gbps-month that is sold: raw over the sellable part, every cost at its low figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_usd_per_gbps_month IS 'A Gbps-month that is sold: raw over the sellable part [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_high_usd_per_gbps_month IS 'A Gbps-month that is sold: raw over the sellable part, every cost at its high figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_p10_usd_per_gbps_month IS 'A Gbps-month that is sold: raw over the sellable part, 10th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_p90_usd_per_gbps_month IS 'A Gbps-month that is sold: raw over the sellable part, 90th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_levelised_low_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part, every cost at its low figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_levelised_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_levelised_high_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part, every cost at its high figure [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_levelised_p10_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part, 10th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sold_levelised_p90_usd_per_gbps_month IS 'A Gbps-month that is sold: levelised over the sellable part, 90th percentile of the draws [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.sellable_fraction IS 'Part of the capacity in service that can be sold, the day''s own; null without known gateways, and of what is planned [1].';
COMMENT ON COLUMN core.economics_daily.sellable_p10_fraction IS 'The same, 10th percentile of the day''s draws of what can be sold over the base in service [1].';
COMMENT ON COLUMN core.economics_daily.sellable_p90_fraction IS 'The same, 90th percentile [1].';
COMMENT ON COLUMN core.economics_daily.revenue_low_usd_per_deployed_gbps_month IS 'Connectivity revenue of the newest reported quarter over the Gbps installed in it, most Gbps; null but of all of Starlink [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.revenue_usd_per_deployed_gbps_month IS 'Connectivity revenue of the newest reported quarter over the Gbps installed in it; null but of all of Starlink [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.revenue_high_usd_per_deployed_gbps_month IS 'Connectivity revenue of the newest reported quarter over the Gbps installed in it, least Gbps; null but of all of Starlink [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.revenue_shipped_usd_per_deployed_gbps_month IS 'The same over the Gbps that economics.csv ships for that quarter [USD/Gbps-month].';
COMMENT ON COLUMN core.economics_daily.revenue_basis IS 'What the Gbps of that quarter are from.';
COMMENT ON COLUMN core.economics_daily.missing IS 'What is not known, so that figures are null.';

CREATE TABLE IF NOT EXISTS core.economics_input_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    economics_input VARCHAR NOT NULL,
    value_number DOUBLE NOT NULL,
    low_number DOUBLE NOT NULL,
    high_number DOUBLE NOT NULL,
    unit VARCHAR NOT NULL,
    drawn_as VARCHAR,
    source_title VARCHAR NOT NULL,
    source_url_or_repo VARCHAR NOT NULL,
    date_text VARCHAR NOT NULL,
    confidence VARCHAR NOT NULL,
    PRIMARY KEY (day, constellation, generation, economics_input)
);
COMMENT ON TABLE core.economics_input_daily IS 'one row per day, constellation, generation (or all) and input: what core.economics_daily is computed from';
COMMENT ON COLUMN core.economics_input_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.economics_input_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.economics_input_daily.generation IS 'Generation; all where it is one of the constellation.';
COMMENT ON COLUMN core.economics_input_daily.economics_input IS 'What it is.';
COMMENT ON COLUMN core.economics_input_daily.value_number IS 'Its base, in the unit; of what can be sold the day''s own figure.';
COMMENT ON COLUMN core.economics_input_daily.low_number IS 'Its low figure; of what can be sold the 10th percentile of the day''s draws.';
COMMENT ON COLUMN core.economics_input_daily.high_number IS 'Its high figure; of what can be sold the 90th percentile.';
COMMENT ON COLUMN core.economics_input_daily.unit IS 'Unit of the three.';
COMMENT ON COLUMN core.economics_input_daily.drawn_as IS 'Row of uncertainty_ranges.csv that it is drawn from; null where its own three figures are drawn from, or nothing.';
COMMENT ON COLUMN core.economics_input_daily.source_title IS 'Who says so; assumed, or from memory, where nobody does.';
COMMENT ON COLUMN core.economics_input_daily.source_url_or_repo IS 'Where.';
COMMENT ON COLUMN core.economics_input_daily.date_text IS 'Of when it is.';
COMMENT ON COLUMN core.economics_input_daily.confidence IS 'How sure it is.';

CREATE TABLE IF NOT EXISTS core.fibre_error_daily (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    region_pair VARCHAR NOT NULL,
    fitted_pair_count BIGINT NOT NULL,
    pair_count BIGINT NOT NULL,
    is_own BOOLEAN NOT NULL,
    stretch_factor DOUBLE,
    stretch_low_factor DOUBLE,
    stretch_high_factor DOUBLE,
    overhead_ms DOUBLE NOT NULL,
    mae_ms DOUBLE,
    bias_ms DOUBLE,
    error_fraction DOUBLE,
    backbone_mae_ms DOUBLE,
    backbone_bias_ms DOUBLE,
    backbone_error_fraction DOUBLE,
    internet_mae_ms DOUBLE,
    internet_bias_ms DOUBLE,
    internet_error_fraction DOUBLE,
    rank_correlation DOUBLE,
    distance_rank_correlation DOUBLE,
    PRIMARY KEY (day, source, region_pair)
);
COMMENT ON TABLE core.fibre_error_daily IS 'one row per day, source of measured round trips and pair of regions';
COMMENT ON COLUMN core.fibre_error_daily.day IS 'Day of the run; the measurements are of their source''s own days [UTC date].';
COMMENT ON COLUMN core.fibre_error_daily.source IS 'Source of the measured round trips.';
COMMENT ON COLUMN core.fibre_error_daily.region_pair IS 'Regions of both ends; world: all pairs by one stretch; together: all pairs, each by that of its regions. One of: world, together, within_africa, within_asia, within_europe, within_north_america, within_oceania, within_south_america, africa_asia, africa_europe, africa_north_america, africa_oceania, africa_south_america, asia_europe, asia_north_america, asia_oceania, asia_south_america, europe_north_america, europe_oceania, europe_south_america, north_america_oceania, north_america_south_america, oceania_south_america.';
COMMENT ON COLUMN core.fibre_error_daily.fitted_pair_count IS 'Pairs of places that were fitted, both directions being one.';
COMMENT ON COLUMN core.fibre_error_daily.pair_count IS 'Other pairs of places, on which the errors are.';
COMMENT ON COLUMN core.fibre_error_daily.is_own IS 'Whether the stretch is fitted to these pairs alone; with fewer than 3 to fit it is the world''s.';
COMMENT ON COLUMN core.fibre_error_daily.stretch_factor IS 'Length of the way, fibre throughout, over the great circle; null for together, which has several.';
COMMENT ON COLUMN core.fibre_error_daily.stretch_low_factor IS 'Lower quartile of the stretches that fit single pairs; below 1 where less is added than the constant.';
COMMENT ON COLUMN core.fibre_error_daily.stretch_high_factor IS 'Upper quartile of the stretches that fit single pairs.';
COMMENT ON COLUMN core.fibre_error_daily.overhead_ms IS 'What both ends together add to every round trip of the source [ms].';
COMMENT ON COLUMN core.fibre_error_daily.mae_ms IS 'Mean absolute error of the fitted stretch and constant [ms].';
COMMENT ON COLUMN core.fibre_error_daily.bias_ms IS 'Mean error, predicted less measured, of the fitted stretch and constant [ms].';
COMMENT ON COLUMN core.fibre_error_daily.error_fraction IS 'Median absolute error as a part of what is measured of the fitted stretch and constant [1].';
COMMENT ON COLUMN core.fibre_error_daily.backbone_mae_ms IS 'Mean absolute error of a fixed stretch of 1.3 without a constant [ms].';
COMMENT ON COLUMN core.fibre_error_daily.backbone_bias_ms IS 'Mean error, predicted less measured, of a fixed stretch of 1.3 without a constant [ms].';
COMMENT ON COLUMN core.fibre_error_daily.backbone_error_fraction IS 'Median absolute error as a part of what is measured of a fixed stretch of 1.3 without a constant [1].';
COMMENT ON COLUMN core.fibre_error_daily.internet_mae_ms IS 'Mean absolute error of a fixed stretch of 2.1 without a constant [ms].';
COMMENT ON COLUMN core.fibre_error_daily.internet_bias_ms IS 'Mean error, predicted less measured, of a fixed stretch of 2.1 without a constant [ms].';
COMMENT ON COLUMN core.fibre_error_daily.internet_error_fraction IS 'Median absolute error as a part of what is measured of a fixed stretch of 2.1 without a constant [1].';
COMMENT ON COLUMN core.fibre_error_daily.rank_correlation IS 'Spearman''s, of what is predicted with what is measured; null with fewer than three pairs.';
COMMENT ON COLUMN core.fibre_error_daily.distance_rank_correlation IS 'The same of the great circle, and so of any fixed stretch.';

CREATE TABLE IF NOT EXISTS core.fleet_capacity_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    satellite_count BIGINT NOT NULL,
    operational_count BIGINT NOT NULL,
    broadband_operational_count BIGINT NOT NULL,
    gateway_count BIGINT,
    gateway_tbps DOUBLE,
    installed_down_tbps DOUBLE,
    installed_down_low_tbps DOUBLE,
    installed_down_high_tbps DOUBLE,
    installed_up_tbps DOUBLE,
    in_service_down_tbps DOUBLE,
    in_service_down_low_tbps DOUBLE,
    in_service_down_high_tbps DOUBLE,
    in_service_up_tbps DOUBLE,
    installed_down_p10_tbps DOUBLE,
    installed_down_p50_tbps DOUBLE,
    installed_down_p90_tbps DOUBLE,
    in_service_down_p10_tbps DOUBLE,
    in_service_down_p50_tbps DOUBLE,
    in_service_down_p90_tbps DOUBLE,
    demand_down_tbps DOUBLE,
    sellable_down_tbps DOUBLE,
    sellable_down_p10_tbps DOUBLE,
    sellable_down_p50_tbps DOUBLE,
    sellable_down_p90_tbps DOUBLE,
    most_down_tbps DOUBLE,
    level_down_fraction DOUBLE,
    bound_down_demand_fraction DOUBLE,
    bound_down_beam_fraction DOUBLE,
    bound_down_satellite_fraction DOUBLE,
    bound_down_gateway_fraction DOUBLE,
    bound_down_mesh_fraction DOUBLE,
    throughput_gap_down_fraction DOUBLE,
    level_gap_down_fraction DOUBLE,
    installed_up_p10_tbps DOUBLE,
    installed_up_p50_tbps DOUBLE,
    installed_up_p90_tbps DOUBLE,
    in_service_up_p10_tbps DOUBLE,
    in_service_up_p50_tbps DOUBLE,
    in_service_up_p90_tbps DOUBLE,
    demand_up_tbps DOUBLE,
    sellable_up_tbps DOUBLE,
    sellable_up_p10_tbps DOUBLE,
    sellable_up_p50_tbps DOUBLE,
    sellable_up_p90_tbps DOUBLE,
    most_up_tbps DOUBLE,
    level_up_fraction DOUBLE,
    bound_up_demand_fraction DOUBLE,
    bound_up_beam_fraction DOUBLE,
    bound_up_satellite_fraction DOUBLE,
    bound_up_gateway_fraction DOUBLE,
    bound_up_mesh_fraction DOUBLE,
    throughput_gap_up_fraction DOUBLE,
    level_gap_up_fraction DOUBLE,
    PRIMARY KEY (day, constellation)
);
COMMENT ON TABLE core.fleet_capacity_daily IS 'one row per day and constellation';
COMMENT ON COLUMN core.fleet_capacity_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.fleet_capacity_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.fleet_capacity_daily.satellite_count IS 'Satellites in the catalog, all payload classes.';
COMMENT ON COLUMN core.fleet_capacity_daily.operational_count IS 'Satellites at work, all payload classes.';
COMMENT ON COLUMN core.fleet_capacity_daily.broadband_operational_count IS 'Broadband satellites at work.';
COMMENT ON COLUMN core.fleet_capacity_daily.gateway_count IS 'Gateways at work, PoPs with theirs, whose place is known: without any there is no service.';
COMMENT ON COLUMN core.fleet_capacity_daily.gateway_tbps IS 'What all their antennas carry, base [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_down_tbps IS 'Broadband downlink of all satellites, base [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_down_low_tbps IS 'The same with the low figure of every generation [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_down_high_tbps IS 'The same with the high figure of every generation [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_up_tbps IS 'Broadband uplink of all satellites, base; null where no figure is known [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_down_tbps IS 'Broadband downlink of the satellites at work, base [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_down_low_tbps IS 'The same, low [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_down_high_tbps IS 'The same, high [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_up_tbps IS 'Broadband uplink of the satellites at work, base; null where no figure is known [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_down_p10_tbps IS 'Broadband of all satellites, 10th percentile of the draws of what is uncertain, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_down_p50_tbps IS 'The same, median, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_down_p90_tbps IS 'The same, 90th percentile, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_down_p10_tbps IS 'Broadband of the satellites at work, 10th percentile of the draws of what is uncertain, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_down_p50_tbps IS 'The same, median, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_down_p90_tbps IS 'The same, 90th percentile, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.demand_down_tbps IS 'All broadband demand of the world, AI included, mean of the day, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_down_tbps IS 'What is served of it in a fair share, mean of the day: the sum of core.capacity_daily, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_down_p10_tbps IS 'What is served of it in a fair share, 10th percentile of the draws of what is uncertain, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_down_p50_tbps IS 'The same, median, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_down_p90_tbps IS 'The same, 90th percentile, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.most_down_tbps IS 'What could be served, whoever gets it: the greatest throughput, mean of the day, to users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.level_down_fraction IS 'Least part of what beams carry that any cell in view of a fed satellite is given, mean of the day, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_down_demand_fraction IS 'Part of the demand where it is demand that binds, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_down_beam_fraction IS 'Part of the demand where it is beam that binds, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_down_satellite_fraction IS 'Part of the demand where it is satellite that binds, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_down_gateway_fraction IS 'Part of the demand where it is gateway that binds, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_down_mesh_fraction IS 'Part of the demand where it is mesh that binds, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.throughput_gap_down_fraction IS 'By which part the greatest throughput falls short of the exact one, at one instant on a coarse grid, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.level_gap_down_fraction IS 'By which part the level of the first round falls short of the exact one there, to users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_up_p10_tbps IS 'Broadband of all satellites, 10th percentile of the draws of what is uncertain, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_up_p50_tbps IS 'The same, median, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.installed_up_p90_tbps IS 'The same, 90th percentile, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_up_p10_tbps IS 'Broadband of the satellites at work, 10th percentile of the draws of what is uncertain, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_up_p50_tbps IS 'The same, median, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.in_service_up_p90_tbps IS 'The same, 90th percentile, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.demand_up_tbps IS 'All broadband demand of the world, AI included, mean of the day, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_up_tbps IS 'What is served of it in a fair share, mean of the day: the sum of core.capacity_daily, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_up_p10_tbps IS 'What is served of it in a fair share, 10th percentile of the draws of what is uncertain, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_up_p50_tbps IS 'The same, median, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.sellable_up_p90_tbps IS 'The same, 90th percentile, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.most_up_tbps IS 'What could be served, whoever gets it: the greatest throughput, mean of the day, from users [Tbps].';
COMMENT ON COLUMN core.fleet_capacity_daily.level_up_fraction IS 'Least part of what beams carry that any cell in view of a fed satellite is given, mean of the day, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_up_demand_fraction IS 'Part of the demand where it is demand that binds, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_up_beam_fraction IS 'Part of the demand where it is beam that binds, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_up_satellite_fraction IS 'Part of the demand where it is satellite that binds, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_up_gateway_fraction IS 'Part of the demand where it is gateway that binds, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.bound_up_mesh_fraction IS 'Part of the demand where it is mesh that binds, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.throughput_gap_up_fraction IS 'By which part the greatest throughput falls short of the exact one, at one instant on a coarse grid, from users [1].';
COMMENT ON COLUMN core.fleet_capacity_daily.level_gap_up_fraction IS 'By which part the level of the first round falls short of the exact one there, from users [1].';

CREATE TABLE IF NOT EXISTS core.fleet_event_daily (
    day DATE NOT NULL,
    identity VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    norad_cat_id BIGINT NOT NULL,
    object_name VARCHAR,
    constellation VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    payload_class VARCHAR NOT NULL,
    launch VARCHAR,
    shell_id VARCHAR,
    before_day DATE NOT NULL,
    evidence VARCHAR NOT NULL,
    PRIMARY KEY (day, identity, event)
);
COMMENT ON TABLE core.fleet_event_daily IS 'one row per day, satellite and event';
COMMENT ON COLUMN core.fleet_event_daily.day IS 'Day on which the event shows [UTC date].';
COMMENT ON COLUMN core.fleet_event_daily.identity IS 'The physical satellite.';
COMMENT ON COLUMN core.fleet_event_daily.event IS 'What happened. One of: launched, first_catalogued, reached_shell, left_shell, decay_predicted, decayed, vanished, reappeared, renamed, renumbered.';
COMMENT ON COLUMN core.fleet_event_daily.norad_cat_id IS 'Catalog number, the last one known.';
COMMENT ON COLUMN core.fleet_event_daily.object_name IS 'Name, the last one known.';
COMMENT ON COLUMN core.fleet_event_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.fleet_event_daily.generation IS 'Generation.';
COMMENT ON COLUMN core.fleet_event_daily.payload_class IS 'What it carries. One of: broadband, direct_to_cell, test, high_orbit.';
COMMENT ON COLUMN core.fleet_event_daily.launch IS 'Launch part of the designator.';
COMMENT ON COLUMN core.fleet_event_daily.shell_id IS 'Shell that was reached or left; null for other events.';
COMMENT ON COLUMN core.fleet_event_daily.before_day IS 'Landed day before, against which the event shows: it may have happened on any day between [UTC date].';
COMMENT ON COLUMN core.fleet_event_daily.evidence IS 'What shows it.';

CREATE TABLE IF NOT EXISTS core.fleet_flow_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    payload_class VARCHAR NOT NULL,
    step VARCHAR NOT NULL,
    state_before VARCHAR NOT NULL,
    state_after VARCHAR NOT NULL,
    before_day DATE NOT NULL,
    satellite_count BIGINT NOT NULL,
    installed_change_tbps DOUBLE,
    in_service_change_tbps DOUBLE,
    PRIMARY KEY (day, constellation, generation, payload_class, step, state_before, state_after)
);
COMMENT ON TABLE core.fleet_flow_daily IS 'one row per day, constellation, generation, payload class, step, state before and state after';
COMMENT ON COLUMN core.fleet_flow_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.fleet_flow_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.fleet_flow_daily.generation IS 'Generation.';
COMMENT ON COLUMN core.fleet_flow_daily.payload_class IS 'What the satellites carry. One of: broadband, direct_to_cell, test, high_orbit.';
COMMENT ON COLUMN core.fleet_flow_daily.step IS 'How they got from one to the other; kept where nothing changed. One of: launched, reappeared, raised, lowered, moved, decayed, vanished, reassessed, other, kept.';
COMMENT ON COLUMN core.fleet_flow_daily.state_before IS 'State on the landed day before; absent where not listed. One of: operational, raising, lowering, decaying, parked, unknown, absent.';
COMMENT ON COLUMN core.fleet_flow_daily.state_after IS 'State today; absent where not listed. One of: operational, raising, lowering, decaying, parked, unknown, absent.';
COMMENT ON COLUMN core.fleet_flow_daily.before_day IS 'Landed day before [UTC date].';
COMMENT ON COLUMN core.fleet_flow_daily.satellite_count IS 'Satellites that went this way.';
COMMENT ON COLUMN core.fleet_flow_daily.installed_change_tbps IS 'What that adds to the installed broadband downlink, base; null where no figure is known [Tbps].';
COMMENT ON COLUMN core.fleet_flow_daily.in_service_change_tbps IS 'What that adds to the downlink of the satellites at work, base; null where no figure is known [Tbps].';

CREATE TABLE IF NOT EXISTS core.fleet_history_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    payload_class VARCHAR NOT NULL,
    satellite_count BIGINT NOT NULL,
    operational_count BIGINT,
    down_gbps_per_satellite DOUBLE,
    installed_down_gbps DOUBLE,
    operational_down_gbps DOUBLE,
    flagged BOOLEAN NOT NULL,
    basis VARCHAR NOT NULL,
    PRIMARY KEY (day, constellation, generation, payload_class)
);
COMMENT ON TABLE core.fleet_history_daily IS 'one row per day, constellation, generation and payload class';
COMMENT ON COLUMN core.fleet_history_daily.day IS 'Day [UTC date].';
COMMENT ON COLUMN core.fleet_history_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.fleet_history_daily.generation IS 'Generation.';
COMMENT ON COLUMN core.fleet_history_daily.payload_class IS 'What the satellites carry. One of: broadband, direct_to_cell, test, high_orbit.';
COMMENT ON COLUMN core.fleet_history_daily.satellite_count IS 'Satellites in the catalog.';
COMMENT ON COLUMN core.fleet_history_daily.operational_count IS 'Satellites at work; null where the day is reconstructed.';
COMMENT ON COLUMN core.fleet_history_daily.down_gbps_per_satellite IS 'Downlink capacity of one satellite, base [Gbps].';
COMMENT ON COLUMN core.fleet_history_daily.installed_down_gbps IS 'Broadband downlink of all satellites, base [Gbps].';
COMMENT ON COLUMN core.fleet_history_daily.operational_down_gbps IS 'Broadband downlink of the satellites at work, base; null where the day is reconstructed [Gbps].';
COMMENT ON COLUMN core.fleet_history_daily.flagged IS 'Generation unknown: conservative figures stand in.';
COMMENT ON COLUMN core.fleet_history_daily.basis IS 'observed where the day''s own elements were landed, standing where those of an earlier day stand for them, reconstructed where the row is made of designators, launches and decays. One of: observed, standing, reconstructed.';

CREATE TABLE IF NOT EXISTS core.latency_country_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    pop_code VARCHAR,
    place_count BIGINT NOT NULL,
    rtt_pop_p50_ms DOUBLE,
    rtt_pop_p95_ms DOUBLE,
    rtt_gpu_p50_ms DOUBLE,
    rtt_gpu_p95_ms DOUBLE,
    rtt_cloud_p50_ms DOUBLE,
    rtt_floor_ms DOUBLE,
    mesh_path_fraction DOUBLE,
    hop_mean_count DOUBLE,
    reachable_fraction DOUBLE,
    measured_p50_ms DOUBLE,
    measured_source VARCHAR,
    PRIMARY KEY (day, constellation, country_iso3)
);
COMMENT ON TABLE core.latency_country_daily IS 'one row per day, constellation and country or territory';
COMMENT ON COLUMN core.latency_country_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.latency_country_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.latency_country_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.latency_country_daily.pop_code IS 'PoP that most of its people go to; null where no gateway of the constellation is known.';
COMMENT ON COLUMN core.latency_country_daily.place_count IS 'Places that stand for its people (dim.place).';
COMMENT ON COLUMN core.latency_country_daily.rtt_pop_p50_ms IS 'Round trip to the PoP of the country, median of the instants with a path; estimated, access overhead included [ms].';
COMMENT ON COLUMN core.latency_country_daily.rtt_pop_p95_ms IS 'The same, 95th percentile [ms].';
COMMENT ON COLUMN core.latency_country_daily.rtt_gpu_p50_ms IS 'Round trip to the compute site nearest to that PoP, over stretched fibre from there on, median; estimated [ms].';
COMMENT ON COLUMN core.latency_country_daily.rtt_gpu_p95_ms IS 'The same, 95th percentile [ms].';
COMMENT ON COLUMN core.latency_country_daily.rtt_cloud_p50_ms IS 'Round trip to the cloud region nearest to that PoP, over stretched fibre from there on, median; estimated [ms].';
COMMENT ON COLUMN core.latency_country_daily.rtt_floor_ms IS 'Least round trip to that PoP over any satellites of that height, light alone: no laser graph can be faster [ms].';
COMMENT ON COLUMN core.latency_country_daily.mesh_path_fraction IS 'Fraction of the instants with a path whose shortest one goes over lasers [1].';
COMMENT ON COLUMN core.latency_country_daily.hop_mean_count IS 'Satellites on the shortest path, mean of the instants with one: 1 is a bent pipe.';
COMMENT ON COLUMN core.latency_country_daily.reachable_fraction IS 'Fraction of the instants with a path; null where no gateway of the constellation is known [1].';
COMMENT ON COLUMN core.latency_country_daily.measured_p50_ms IS 'Median that the operator publishes for the country; null where none is landed or shipped [ms].';
COMMENT ON COLUMN core.latency_country_daily.measured_source IS 'Where that comes from.';

CREATE TABLE IF NOT EXISTS core.latency_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    cell_id UBIGINT NOT NULL,
    pop_code VARCHAR,
    rtt_pop_p50_ms DOUBLE,
    rtt_pop_p95_ms DOUBLE,
    rtt_gpu_p50_ms DOUBLE,
    rtt_gpu_p95_ms DOUBLE,
    rtt_cloud_p50_ms DOUBLE,
    rtt_floor_ms DOUBLE,
    mesh_path_fraction DOUBLE,
    hop_mean_count DOUBLE,
    reachable_fraction DOUBLE,
    PRIMARY KEY (day, constellation, cell_id)
);
COMMENT ON TABLE core.latency_daily IS 'one row per day, constellation and cell';
COMMENT ON COLUMN core.latency_daily.day IS 'Day of the run; the grid covers [day 00:00, +24 h) [UTC date].';
COMMENT ON COLUMN core.latency_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.latency_daily.cell_id IS 'HEALPix cell, nested.';
COMMENT ON COLUMN core.latency_daily.pop_code IS 'PoP that the cell goes to; null where no gateway of the constellation is known.';
COMMENT ON COLUMN core.latency_daily.rtt_pop_p50_ms IS 'Round trip to the PoP of the country, median of the instants with a path; estimated, access overhead included [ms].';
COMMENT ON COLUMN core.latency_daily.rtt_pop_p95_ms IS 'The same, 95th percentile [ms].';
COMMENT ON COLUMN core.latency_daily.rtt_gpu_p50_ms IS 'Round trip to the compute site nearest to that PoP, over stretched fibre from there on, median; estimated [ms].';
COMMENT ON COLUMN core.latency_daily.rtt_gpu_p95_ms IS 'The same, 95th percentile [ms].';
COMMENT ON COLUMN core.latency_daily.rtt_cloud_p50_ms IS 'Round trip to the cloud region nearest to that PoP, over stretched fibre from there on, median; estimated [ms].';
COMMENT ON COLUMN core.latency_daily.rtt_floor_ms IS 'Least round trip to that PoP over any satellites of that height, light alone: no laser graph can be faster [ms].';
COMMENT ON COLUMN core.latency_daily.mesh_path_fraction IS 'Fraction of the instants with a path whose shortest one goes over lasers [1].';
COMMENT ON COLUMN core.latency_daily.hop_mean_count IS 'Satellites on the shortest path, mean of the instants with one: 1 is a bent pipe.';
COMMENT ON COLUMN core.latency_daily.reachable_fraction IS 'Fraction of the instants with a path; null where no gateway of the constellation is known [1].';

CREATE TABLE IF NOT EXISTS core.market_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    people_count DOUBLE NOT NULL,
    offline_low_people_count DOUBLE,
    offline_people_count DOUBLE,
    offline_high_people_count DOUBLE,
    offline_reachable_people_count DOUBLE,
    no_fixed_line_low_people_count DOUBLE,
    no_fixed_line_people_count DOUBLE,
    no_fixed_line_high_people_count DOUBLE,
    no_fixed_line_reachable_people_count DOUBLE,
    below_100_mbps_low_people_count DOUBLE,
    below_100_mbps_people_count DOUBLE,
    below_100_mbps_high_people_count DOUBLE,
    below_100_mbps_reachable_people_count DOUBLE,
    reachable_people_count DOUBLE,
    before_day DATE,
    reachable_before_people_count DOUBLE,
    newly_reachable_people_count DOUBLE,
    newly_unreachable_people_count DOUBLE,
    market_access VARCHAR,
    market_access_source VARCHAR,
    plan_price_usd_per_month DOUBLE,
    terminal_price_usd DOUBLE,
    price_as_of_text VARCHAR,
    price_source VARCHAR,
    price_note VARCHAR,
    cost_usd_per_month DOUBLE,
    price_of_income_fraction DOUBLE,
    price_of_ppp_income_fraction DOUBLE,
    affordable_2pct_people_count DOUBLE,
    affordable_5pct_people_count DOUBLE,
    demand_down_gbps DOUBLE,
    served_down_gbps DOUBLE,
    served_fraction DOUBLE,
    utilisation_fraction DOUBLE,
    measured_down_p50_mbps DOUBLE,
    measured_up_p50_mbps DOUBLE,
    measured_as_of_text VARCHAR,
    measured_before_text VARCHAR,
    measured_down_change_fraction DOUBLE,
    measured_up_change_fraction DOUBLE,
    rank_number BIGINT,
    rank_low_number BIGINT,
    rank_high_number BIGINT,
    affordable_market_people_count DOUBLE,
    affordable_rank_number BIGINT,
    affordable_rank_low_number BIGINT,
    affordable_rank_high_number BIGINT,
    PRIMARY KEY (day, constellation, country_iso3)
);
COMMENT ON TABLE core.market_daily IS 'one row per day, constellation and country or territory with people';
COMMENT ON COLUMN core.market_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.market_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.market_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.market_daily.people_count IS 'People [people].';
COMMENT ON COLUMN core.market_daily.offline_low_people_count IS 'People who do not use the Internet (core.served_daily), the least that the figures allow; null where it is not known [people].';
COMMENT ON COLUMN core.market_daily.offline_people_count IS 'People who do not use the Internet (core.served_daily), base [people].';
COMMENT ON COLUMN core.market_daily.offline_high_people_count IS 'People who do not use the Internet (core.served_daily), the most that the figures allow [people].';
COMMENT ON COLUMN core.market_daily.offline_reachable_people_count IS 'People who do not use the Internet, base, and are within reach: taken to be independent within a country [people].';
COMMENT ON COLUMN core.market_daily.no_fixed_line_low_people_count IS 'People who live without a fixed broadband line (core.served_daily), the least that the figures allow; null where it is not known [people].';
COMMENT ON COLUMN core.market_daily.no_fixed_line_people_count IS 'People who live without a fixed broadband line (core.served_daily), base [people].';
COMMENT ON COLUMN core.market_daily.no_fixed_line_high_people_count IS 'People who live without a fixed broadband line (core.served_daily), the most that the figures allow [people].';
COMMENT ON COLUMN core.market_daily.no_fixed_line_reachable_people_count IS 'People who live without a fixed broadband line, base, and are within reach: taken to be independent within a country [people].';
COMMENT ON COLUMN core.market_daily.below_100_mbps_low_people_count IS 'People who live without a line of 100 Mbps down (core.served_daily), the least that the figures allow; null where it is not known [people].';
COMMENT ON COLUMN core.market_daily.below_100_mbps_people_count IS 'People who live without a line of 100 Mbps down (core.served_daily), base [people].';
COMMENT ON COLUMN core.market_daily.below_100_mbps_high_people_count IS 'People who live without a line of 100 Mbps down (core.served_daily), the most that the figures allow [people].';
COMMENT ON COLUMN core.market_daily.below_100_mbps_reachable_people_count IS 'People who live without a line of 100 Mbps down, base, and are within reach: taken to be independent within a country [people].';
COMMENT ON COLUMN core.market_daily.reachable_people_count IS 'People in cells with a path to a PoP and a usable satellite for at least 99.5 % of the day; sold there or not; null where no gateway of the constellation is known [people].';
COMMENT ON COLUMN core.market_daily.before_day IS 'The last landed day before, that changes are from; null on a first day [UTC date].';
COMMENT ON COLUMN core.market_daily.reachable_before_people_count IS 'Of today''s people, those within reach on the day before; null on a first day and after a change of the grid [people].';
COMMENT ON COLUMN core.market_daily.newly_reachable_people_count IS 'People within reach who were not on the day before [people].';
COMMENT ON COLUMN core.market_daily.newly_unreachable_people_count IS 'People no longer within reach who were on the day before [people].';
COMMENT ON COLUMN core.market_daily.market_access IS 'Whether a plan can be had; null where it is not known. One of: sold, licensed, sold_out, banned.';
COMMENT ON COLUMN core.market_daily.market_access_source IS 'What that rests on.';
COMMENT ON COLUMN core.market_daily.plan_price_usd_per_month IS 'Price of a residential plan; null where it is not known [USD/month].';
COMMENT ON COLUMN core.market_daily.terminal_price_usd IS 'Price of a terminal, 0 where it comes with the plan; null where it is not known [USD].';
COMMENT ON COLUMN core.market_daily.price_as_of_text IS 'Date of the price, as precise as its source tells.';
COMMENT ON COLUMN core.market_daily.price_source IS 'Source of the prices.';
COMMENT ON COLUMN core.market_daily.price_note IS 'What is to be said of the price by its date: stale when older than a year, or of a later date than the day; null when neither.';
COMMENT ON COLUMN core.market_daily.cost_usd_per_month IS 'Plan and terminal, the latter paid off over 36 months [USD/month].';
COMMENT ON COLUMN core.market_daily.price_of_income_fraction IS 'That cost over income per head and month in dollars, which is estimated from GDP per head at purchasing power parity by how price levels go with income [1].';
COMMENT ON COLUMN core.market_daily.price_of_ppp_income_fraction IS 'The same over income at purchasing power parity, which overstates what people of poor countries can pay in dollars: the true fraction is higher [1].';
COMMENT ON COLUMN core.market_daily.affordable_2pct_people_count IS 'People for whom that cost is at most 2 % of their income, base (core.affordable_daily); estimated; null without a price or an income [people].';
COMMENT ON COLUMN core.market_daily.affordable_5pct_people_count IS 'The same at 5 % [people].';
COMMENT ON COLUMN core.market_daily.demand_down_gbps IS 'Broadband demand of the country''s people, mean of the day (core.capacity_daily by people) [Gbps].';
COMMENT ON COLUMN core.market_daily.served_down_gbps IS 'What the constellation could serve of it in a fair share; estimated; null where no gateway is known [Gbps].';
COMMENT ON COLUMN core.market_daily.served_fraction IS 'Served over demand; null without demand [1].';
COMMENT ON COLUMN core.market_daily.utilisation_fraction IS 'Served over supply in the cells where people live: 1 wherever all broadband demand is more than could be served; null without supply [1].';
COMMENT ON COLUMN core.market_daily.measured_down_p50_mbps IS 'Median download that the operator publishes of its users [Mbps].';
COMMENT ON COLUMN core.market_daily.measured_up_p50_mbps IS 'Median upload that the operator publishes of its users [Mbps].';
COMMENT ON COLUMN core.market_daily.measured_as_of_text IS 'Month of these medians, or the day on which they were landed.';
COMMENT ON COLUMN core.market_daily.measured_before_text IS 'Day on which medians of an earlier month were landed, that the change is from; null where there are none.';
COMMENT ON COLUMN core.market_daily.measured_down_change_fraction IS 'Median download over that of the earlier month, less 1 [1].';
COMMENT ON COLUMN core.market_daily.measured_up_change_fraction IS 'Median upload over that of the earlier month, less 1 [1].';
COMMENT ON COLUMN core.market_daily.rank_number IS 'Rank by people without a fixed line and within reach (no_fixed_line_reachable_people_count); 1 is the largest, null where it is not known or banned.';
COMMENT ON COLUMN core.market_daily.rank_low_number IS 'Best rank: 10th percentile over draws between low and high of every country, or the rank itself.';
COMMENT ON COLUMN core.market_daily.rank_high_number IS 'Worst rank: 90th percentile over the same draws, or the rank itself.';
COMMENT ON COLUMN core.market_daily.affordable_market_people_count IS 'People without a fixed line and within reach who can pay at 5 % of income, base: a product, too high as who has no line is poorer; null without a price [people].';
COMMENT ON COLUMN core.market_daily.affordable_rank_number IS 'Rank by affordable_market_people_count, among the countries with a known price; 1 is the largest, null where it is not known or banned.';
COMMENT ON COLUMN core.market_daily.affordable_rank_low_number IS 'Best rank: 10th percentile over draws between low and high of every country, or the rank itself.';
COMMENT ON COLUMN core.market_daily.affordable_rank_high_number IS 'Worst rank: 90th percentile over the same draws, or the rank itself.';

CREATE TABLE IF NOT EXISTS core.model_error_daily (
    day DATE NOT NULL,
    predictor VARCHAR NOT NULL,
    sample VARCHAR NOT NULL,
    country_count BIGINT NOT NULL,
    mae_ms DOUBLE,
    bias_ms DOUBLE,
    median_error_ms DOUBLE,
    rank_correlation DOUBLE,
    of_constant_factor DOUBLE,
    overhead_ms DOUBLE,
    slope_ms_per_1000_km DOUBLE,
    measured_source VARCHAR NOT NULL,
    PRIMARY KEY (day, predictor, sample)
);
COMMENT ON TABLE core.model_error_daily IS 'one row per day, predictor and sample of countries: Starlink''s round trip to the PoP against the operator''s published medians';
COMMENT ON COLUMN core.model_error_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.model_error_daily.predictor IS 'What predicts: the model, the model with another serving satellite, a constant, or a straight line on the distance to the nearest PoP; each fitted on the fitted sample. One of: model, best_rank, median_rank, constant, line.';
COMMENT ON COLUMN core.model_error_daily.sample IS 'Countries: fitted on, or judged, which nothing was fitted on. One of: fitted, judged.';
COMMENT ON COLUMN core.model_error_daily.country_count IS 'Countries with a measured and a modelled figure.';
COMMENT ON COLUMN core.model_error_daily.mae_ms IS 'Mean absolute error; null without countries [ms].';
COMMENT ON COLUMN core.model_error_daily.bias_ms IS 'Mean of predicted less measured [ms].';
COMMENT ON COLUMN core.model_error_daily.median_error_ms IS 'Median absolute error [ms].';
COMMENT ON COLUMN core.model_error_daily.rank_correlation IS 'Spearman''s rank correlation of predicted and measured; null where it is undefined.';
COMMENT ON COLUMN core.model_error_daily.of_constant_factor IS 'Mean absolute error as part of the constant''s on the same countries.';
COMMENT ON COLUMN core.model_error_daily.overhead_ms IS 'What was fitted: access overhead, the constant, or the line''s value at no distance [ms].';
COMMENT ON COLUMN core.model_error_daily.slope_ms_per_1000_km IS 'What was fitted: the line''s slope; null for the others [ms/1000 km].';
COMMENT ON COLUMN core.model_error_daily.measured_source IS 'Where the measured medians come from.';

CREATE TABLE IF NOT EXISTS core.model_place_daily (
    day DATE NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    sample VARCHAR NOT NULL,
    measured_p50_ms DOUBLE NOT NULL,
    rtt_pop_p50_ms DOUBLE,
    error_ms DOUBLE,
    constant_ms DOUBLE NOT NULL,
    line_ms DOUBLE,
    nearest_pop_km DOUBLE,
    measured_source VARCHAR NOT NULL,
    PRIMARY KEY (day, country_iso3)
);
COMMENT ON TABLE core.model_place_daily IS 'one row per day and country with a measured median: what each predictor says of it';
COMMENT ON COLUMN core.model_place_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.model_place_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.model_place_daily.sample IS 'Whether the country was fitted on, or is judged. One of: fitted, judged.';
COMMENT ON COLUMN core.model_place_daily.measured_p50_ms IS 'Median that the operator publishes [ms].';
COMMENT ON COLUMN core.model_place_daily.rtt_pop_p50_ms IS 'Median round trip to the PoP by the model; null where it finds no way [ms].';
COMMENT ON COLUMN core.model_place_daily.error_ms IS 'Modelled less measured [ms].';
COMMENT ON COLUMN core.model_place_daily.constant_ms IS 'What the constant says [ms].';
COMMENT ON COLUMN core.model_place_daily.line_ms IS 'What the straight line on the distance says [ms].';
COMMENT ON COLUMN core.model_place_daily.nearest_pop_km IS 'Great circle to the nearest PoP that works, mean over people [km].';
COMMENT ON COLUMN core.model_place_daily.measured_source IS 'Where the measured median comes from.';

CREATE TABLE IF NOT EXISTS core.operator_kpi (
    operator VARCHAR NOT NULL,
    kpi VARCHAR NOT NULL,
    region VARCHAR NOT NULL,
    period_start_day DATE NOT NULL,
    period_end_day DATE NOT NULL,
    filing VARCHAR NOT NULL,
    reported_value DOUBLE NOT NULL,
    reported_low_value DOUBLE,
    reported_high_value DOUBLE,
    unit VARCHAR NOT NULL,
    filed_day DATE NOT NULL,
    filed_text VARCHAR NOT NULL,
    is_restated BOOLEAN NOT NULL,
    restated_by VARCHAR,
    confidence VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_url VARCHAR,
    note VARCHAR,
    PRIMARY KEY (operator, kpi, region, period_start_day, period_end_day, filing)
);
COMMENT ON TABLE core.operator_kpi IS 'one row per operator, figure that it reports, region, period and filing';
COMMENT ON COLUMN core.operator_kpi.operator IS 'Who reports, or is reported on.';
COMMENT ON COLUMN core.operator_kpi.kpi IS 'What is reported. One of: subscribers, markets, arpu, revenue, connectivity_revenue, connectivity_revenue_share, ai_revenue, operating_income, connectivity_operating_income, ebitda, connectivity_ebitda_margin, free_cash_flow, net_debt, shares, capex, capex_guided, ai_capex, ai_research, programme_capex, launch_contracts, offering_valuation, offering_proceeds, satellites, satellites_planned, satellites_due, satellites_authorised, gateway_sites, gateway_antennas, capacity, capacity_planned, capacity_per_week.';
COMMENT ON COLUMN core.operator_kpi.region IS 'ISO 3166-1 alpha-3 code, or world.';
COMMENT ON COLUMN core.operator_kpi.period_start_day IS 'First day of the period; of a count its day, the last of the month or year where no more is told [UTC date].';
COMMENT ON COLUMN core.operator_kpi.period_end_day IS 'Last day of the period; of what is planned or due, the day by which [UTC date].';
COMMENT ON COLUMN core.operator_kpi.filing IS 'Filing or publication that says so.';
COMMENT ON COLUMN core.operator_kpi.reported_value IS 'The figure, in the unit beside it.';
COMMENT ON COLUMN core.operator_kpi.reported_low_value IS 'The least that it may be; null where one figure alone is told.';
COMMENT ON COLUMN core.operator_kpi.reported_high_value IS 'The most that it may be; null where one figure alone is told.';
COMMENT ON COLUMN core.operator_kpi.unit IS 'count, USD, USD/month, fraction (0 to 1), Tbps or Tbps/week.';
COMMENT ON COLUMN core.operator_kpi.filed_day IS 'Day on which it was filed; the last of the month or year where no more is told [UTC date].';
COMMENT ON COLUMN core.operator_kpi.filed_text IS 'The same as far as it is told.';
COMMENT ON COLUMN core.operator_kpi.is_restated IS 'Whether a later filing gives another figure for the same period.';
COMMENT ON COLUMN core.operator_kpi.restated_by IS 'That filing, the last one; null where there is none.';
COMMENT ON COLUMN core.operator_kpi.confidence IS 'How sure the row is.';
COMMENT ON COLUMN core.operator_kpi.source IS 'Where it was read, which is seldom the filing itself.';
COMMENT ON COLUMN core.operator_kpi.source_url IS 'Where that is.';
COMMENT ON COLUMN core.operator_kpi.note IS 'What else is told.';

CREATE TABLE IF NOT EXISTS core.orbital_compute_daily (
    day DATE NOT NULL,
    programme VARCHAR NOT NULL,
    operator VARCHAR NOT NULL,
    announced_satellite_count BIGINT,
    filed_satellite_count BIGINT,
    satellite_power_mw DOUBLE,
    compute_text VARCHAR,
    announced_launch_text VARCHAR,
    launched_day DATE,
    catalogued_count BIGINT,
    catalogued_text VARCHAR,
    altitude_km DOUBLE,
    inclination_deg DOUBLE,
    announced_power_mw DOUBLE,
    catalogued_power_mw DOUBLE,
    name_pattern VARCHAR NOT NULL,
    name_pattern_basis VARCHAR NOT NULL,
    date_text VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_url VARCHAR,
    confidence VARCHAR NOT NULL,
    note VARCHAR,
    PRIMARY KEY (day, programme)
);
COMMENT ON TABLE core.orbital_compute_daily IS 'one row per day and announced programme of compute in orbit';
COMMENT ON COLUMN core.orbital_compute_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.orbital_compute_daily.programme IS 'Programme.';
COMMENT ON COLUMN core.orbital_compute_daily.operator IS 'Who announces it.';
COMMENT ON COLUMN core.orbital_compute_daily.announced_satellite_count IS 'Satellites that are announced for the first step; null where none are told.';
COMMENT ON COLUMN core.orbital_compute_daily.filed_satellite_count IS 'Satellites that are filed for; null where nothing is.';
COMMENT ON COLUMN core.orbital_compute_daily.satellite_power_mw IS 'Mean power of a satellite as announced [MW].';
COMMENT ON COLUMN core.orbital_compute_daily.compute_text IS 'What it is to compute with, as announced.';
COMMENT ON COLUMN core.orbital_compute_daily.announced_launch_text IS 'When it is, or was, to be launched, as announced.';
COMMENT ON COLUMN core.orbital_compute_daily.launched_day IS 'Day of the first launch, as told [UTC date].';
COMMENT ON COLUMN core.orbital_compute_daily.catalogued_count IS 'Objects of the day''s catalogs that have its name; null where no catalog with names was read.';
COMMENT ON COLUMN core.orbital_compute_daily.catalogued_text IS 'Their launches, by designator.';
COMMENT ON COLUMN core.orbital_compute_daily.altitude_km IS 'Mean altitude of these, median [km].';
COMMENT ON COLUMN core.orbital_compute_daily.inclination_deg IS 'Inclination of these, median [deg].';
COMMENT ON COLUMN core.orbital_compute_daily.announced_power_mw IS 'Power of the announced satellites together [MW].';
COMMENT ON COLUMN core.orbital_compute_daily.catalogued_power_mw IS 'Power of the catalogued ones together, by what is announced of one [MW].';
COMMENT ON COLUMN core.orbital_compute_daily.name_pattern IS 'Regular expression that its objects'' names match.';
COMMENT ON COLUMN core.orbital_compute_daily.name_pattern_basis IS 'Where that is from, or that it is assumed.';
COMMENT ON COLUMN core.orbital_compute_daily.date_text IS 'Date of what is announced.';
COMMENT ON COLUMN core.orbital_compute_daily.source IS 'Who says so.';
COMMENT ON COLUMN core.orbital_compute_daily.source_url IS 'Where that is.';
COMMENT ON COLUMN core.orbital_compute_daily.confidence IS 'How sure the row is.';
COMMENT ON COLUMN core.orbital_compute_daily.note IS 'What else is announced.';

CREATE TABLE IF NOT EXISTS core.price_daily (
    day DATE NOT NULL,
    price_kind VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    region VARCHAR NOT NULL,
    market VARCHAR NOT NULL,
    median_usd DOUBLE NOT NULL,
    quartile_low_usd DOUBLE,
    quartile_high_usd DOUBLE,
    lowest_usd DOUBLE,
    highest_usd DOUBLE,
    offer_count BIGINT,
    provider_count BIGINT,
    as_of_text VARCHAR NOT NULL,
    price_basis VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (day, price_kind, item, region, market)
);
COMMENT ON TABLE core.price_daily IS 'one row per day, kind of price, item, region and market';
COMMENT ON COLUMN core.price_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.price_daily.price_kind IS 'A GPU for an hour or for good, a million tokens in or out, or a kWh. One of: gpu_hour, gpu_purchase, token_input, token_output, electricity.';
COMMENT ON COLUMN core.price_daily.item IS 'Family of GPUs; model, maker of models or all; or electricity.';
COMMENT ON COLUMN core.price_daily.region IS 'ISO 3166-1 alpha-3 code, world, or a group of countries in words.';
COMMENT ON COLUMN core.price_daily.market IS 'on_demand, spot, or all.';
COMMENT ON COLUMN core.price_daily.median_usd IS 'Median of providers; of a GPU to buy, of days [USD].';
COMMENT ON COLUMN core.price_daily.quartile_low_usd IS 'Lower quartile of providers; null below three [USD].';
COMMENT ON COLUMN core.price_daily.quartile_high_usd IS 'Upper quartile of providers; null below three [USD].';
COMMENT ON COLUMN core.price_daily.lowest_usd IS 'Lowest [USD].';
COMMENT ON COLUMN core.price_daily.highest_usd IS 'Highest [USD].';
COMMENT ON COLUMN core.price_daily.offer_count IS 'Offers, models or readings; null of a shipped figure.';
COMMENT ON COLUMN core.price_daily.provider_count IS 'Providers or makers; null of a shipped figure, and where none is named.';
COMMENT ON COLUMN core.price_daily.as_of_text IS 'Newest date of what this rests on.';
COMMENT ON COLUMN core.price_daily.price_basis IS 'From a landed list, or a shipped figure. One of: landed, shipped.';
COMMENT ON COLUMN core.price_daily.source IS 'Source.';

CREATE TABLE IF NOT EXISTS core.readiness_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    readiness VARCHAR NOT NULL,
    value_number DOUBLE,
    value_p10_number DOUBLE,
    value_p50_number DOUBLE,
    value_p90_number DOUBLE,
    common_number DOUBLE,
    common_p10_number DOUBLE,
    common_p90_number DOUBLE,
    arithmetic_number DOUBLE,
    common_arithmetic_number DOUBLE,
    known_fraction DOUBLE,
    common_known_fraction DOUBLE,
    rank_stability_number DOUBLE,
    before_day DATE,
    change_number DOUBLE,
    target_number DOUBLE,
    passed BOOLEAN,
    trend_per_day_number DOUBLE,
    trend_day_count BIGINT,
    crossing_day DATE,
    crossing_early_day DATE,
    crossing_late_day DATE,
    trend_text VARCHAR,
    missing VARCHAR,
    definition_hash VARCHAR NOT NULL,
    PRIMARY KEY (day, constellation, readiness)
);
COMMENT ON TABLE core.readiness_daily IS 'one row per day, constellation and index or test';
COMMENT ON COLUMN core.readiness_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.readiness_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.readiness_daily.readiness IS 'Index (access, trunk) or test. One of: access, trunk, test_latency, test_cut, test_cost, test_availability.';
COMMENT ON COLUMN core.readiness_daily.value_number IS 'Index from 0 to 100 over all pillars, mean over AI demand, or the figure of the test; estimated; null where a pillar is not known for half of the demand.';
COMMENT ON COLUMN core.readiness_daily.value_p10_number IS '10th percentile of the draws of what is uncertain; null of tests.';
COMMENT ON COLUMN core.readiness_daily.value_p50_number IS 'Median of the draws.';
COMMENT ON COLUMN core.readiness_daily.value_p90_number IS '90th percentile of the draws.';
COMMENT ON COLUMN core.readiness_daily.common_number IS 'Index over the common pillars (dim.readiness), for comparing; null of tests, and where one of them is not known for half of the demand.';
COMMENT ON COLUMN core.readiness_daily.common_p10_number IS 'The same, 10th percentile of the draws.';
COMMENT ON COLUMN core.readiness_daily.common_p90_number IS 'The same, 90th percentile of the draws.';
COMMENT ON COLUMN core.readiness_daily.arithmetic_number IS 'Index over all pillars, weighted arithmetic means instead of geometric ones.';
COMMENT ON COLUMN core.readiness_daily.common_arithmetic_number IS 'The same over the common pillars.';
COMMENT ON COLUMN core.readiness_daily.known_fraction IS 'Part of AI demand whose places have all pillars [1].';
COMMENT ON COLUMN core.readiness_daily.common_known_fraction IS 'Part of AI demand whose places have the common pillars [1].';
COMMENT ON COLUMN core.readiness_daily.rank_stability_number IS 'Mean rank correlation of the places'' order with that under perturbed weights (Dirichlet, concentration 30), common pillars.';
COMMENT ON COLUMN core.readiness_daily.before_day IS 'Landed day before that changes are against; null without one of the same definition [UTC date].';
COMMENT ON COLUMN core.readiness_daily.change_number IS 'Change since then: of the common index, or of the test''s figure; core.readiness_driver_daily says what it is made of.';
COMMENT ON COLUMN core.readiness_daily.target_number IS 'What the test asks for at least; null of indices.';
COMMENT ON COLUMN core.readiness_daily.passed IS 'Whether the test is passed; null where its figure is not known, and of indices.';
COMMENT ON COLUMN core.readiness_daily.trend_per_day_number IS 'Slope of the test''s figure over the last 90 days, least squares; null with too few days.';
COMMENT ON COLUMN core.readiness_daily.trend_day_count IS 'Days that the slope rests on.';
COMMENT ON COLUMN core.readiness_daily.crossing_day IS 'When the test is passed if the figure goes on like that; null where it is, or is not on this trend [UTC date].';
COMMENT ON COLUMN core.readiness_daily.crossing_early_day IS 'The same with the steep end of the slope''s interval (80 %) [UTC date].';
COMMENT ON COLUMN core.readiness_daily.crossing_late_day IS 'The same with its flat end; null where that never leads there [UTC date].';
COMMENT ON COLUMN core.readiness_daily.trend_text IS 'passed, on this trend, not on this trend, or why there is none.';
COMMENT ON COLUMN core.readiness_daily.missing IS 'What is not known, so that figures are null.';
COMMENT ON COLUMN core.readiness_daily.definition_hash IS 'First 16 digits of the SHA-256 of readiness.csv: figures of one hash alone can be compared.';

CREATE TABLE IF NOT EXISTS core.readiness_driver_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    readiness VARCHAR NOT NULL,
    driver VARCHAR NOT NULL,
    change_number DOUBLE NOT NULL,
    PRIMARY KEY (day, constellation, readiness, driver)
);
COMMENT ON TABLE core.readiness_driver_daily IS 'one row per day, constellation, index and driver: what the change of the common index since the landed day before is made of';
COMMENT ON COLUMN core.readiness_driver_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.readiness_driver_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.readiness_driver_daily.readiness IS 'Index (access, trunk) or test. One of: access, trunk, test_latency, test_cut, test_cost, test_availability.';
COMMENT ON COLUMN core.readiness_driver_daily.driver IS 'Common pillar; demand, where AI use has moved; places, which are counted now and were not, or the other way round.';
COMMENT ON COLUMN core.readiness_driver_daily.change_number IS 'Points of the common index; all drivers add up to core.readiness_daily.change_number.';

CREATE TABLE IF NOT EXISTS core.readiness_pillar_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    readiness VARCHAR NOT NULL,
    pillar VARCHAR NOT NULL,
    weight_fraction DOUBLE NOT NULL,
    is_common BOOLEAN NOT NULL,
    measure_number DOUBLE,
    score_number DOUBLE,
    known_fraction DOUBLE NOT NULL,
    marginal_number DOUBLE,
    PRIMARY KEY (day, constellation, readiness, pillar)
);
COMMENT ON TABLE core.readiness_pillar_daily IS 'one row per day, constellation, index and pillar';
COMMENT ON COLUMN core.readiness_pillar_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.readiness_pillar_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.readiness_pillar_daily.readiness IS 'Index (access, trunk) or test. One of: access, trunk, test_latency, test_cut, test_cost, test_availability.';
COMMENT ON COLUMN core.readiness_pillar_daily.pillar IS 'Pillar of the index.';
COMMENT ON COLUMN core.readiness_pillar_daily.weight_fraction IS 'Weight of the pillar [1].';
COMMENT ON COLUMN core.readiness_pillar_daily.is_common IS 'Whether the pillar is one of the common ones.';
COMMENT ON COLUMN core.readiness_pillar_daily.measure_number IS 'What is measured, mean over the AI demand of places where it is known; unit: dim.readiness.';
COMMENT ON COLUMN core.readiness_pillar_daily.score_number IS 'Score, the same mean.';
COMMENT ON COLUMN core.readiness_pillar_daily.known_fraction IS 'Part of AI demand whose places have it [1].';
COMMENT ON COLUMN core.readiness_pillar_daily.marginal_number IS 'Points of the common index for one more point of the pillar everywhere; null of others.';

CREATE TABLE IF NOT EXISTS core.readiness_place_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    readiness VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    demand_fraction DOUBLE NOT NULL,
    index_number DOUBLE,
    common_number DOUBLE,
    rank_number BIGINT,
    rank_low_number DOUBLE,
    rank_high_number DOUBLE,
    PRIMARY KEY (day, constellation, readiness, place)
);
COMMENT ON TABLE core.readiness_place_daily IS 'one row per day, constellation, index and place';
COMMENT ON COLUMN core.readiness_place_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.readiness_place_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.readiness_place_daily.readiness IS 'Index (access, trunk) or test. One of: access, trunk, test_latency, test_cut, test_cost, test_availability.';
COMMENT ON COLUMN core.readiness_place_daily.place IS 'Country (ISO 3166-1 alpha-3) of access, corridor (from_id to to_id) of trunks.';
COMMENT ON COLUMN core.readiness_place_daily.demand_fraction IS 'The place''s part of the AI demand of all places of the index [1].';
COMMENT ON COLUMN core.readiness_place_daily.index_number IS 'Index over all pillars; null where one is not known.';
COMMENT ON COLUMN core.readiness_place_daily.common_number IS 'Index over the common pillars.';
COMMENT ON COLUMN core.readiness_place_daily.rank_number IS 'Rank among the places by the common pillars, 1 the readiest.';
COMMENT ON COLUMN core.readiness_place_daily.rank_low_number IS '10th percentile of its rank under perturbed weights.';
COMMENT ON COLUMN core.readiness_place_daily.rank_high_number IS '90th percentile of the same.';

CREATE TABLE IF NOT EXISTS core.readiness_score_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    readiness VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    pillar VARCHAR NOT NULL,
    demand_fraction DOUBLE NOT NULL,
    measure_number DOUBLE,
    score_number DOUBLE,
    PRIMARY KEY (day, constellation, readiness, place, pillar)
);
COMMENT ON TABLE core.readiness_score_daily IS 'one row per day, constellation, index, place and pillar';
COMMENT ON COLUMN core.readiness_score_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.readiness_score_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.readiness_score_daily.readiness IS 'Index (access, trunk) or test. One of: access, trunk, test_latency, test_cut, test_cost, test_availability.';
COMMENT ON COLUMN core.readiness_score_daily.place IS 'Country (ISO 3166-1 alpha-3) of access, corridor (from_id to to_id) of trunks.';
COMMENT ON COLUMN core.readiness_score_daily.pillar IS 'Pillar of the index.';
COMMENT ON COLUMN core.readiness_score_daily.demand_fraction IS 'The place''s part of the AI demand of all places of the index [1].';
COMMENT ON COLUMN core.readiness_score_daily.measure_number IS 'What is measured, of access in no cell better or worse than the anchors; unit: dim.readiness; null where it is not known.';
COMMENT ON COLUMN core.readiness_score_daily.score_number IS 'Its score.';

CREATE TABLE IF NOT EXISTS core.rival_daily (
    day DATE NOT NULL,
    rival VARCHAR NOT NULL,
    rival_kind VARCHAR NOT NULL,
    operator VARCHAR NOT NULL,
    covered_fraction DOUBLE,
    reached_people_fraction DOUBLE,
    rtt_median_ms DOUBLE,
    rtt_median_low_ms DOUBLE,
    rtt_median_high_ms DOUBLE,
    rtt_same_fibre_median_ms DOUBLE,
    rtt_gpu_median_ms DOUBLE,
    people_within_50_ms_fraction DOUBLE,
    people_within_100_ms_fraction DOUBLE,
    ai_within_50_ms_fraction DOUBLE,
    ai_within_100_ms_fraction DOUBLE,
    people_same_fibre_within_50_ms_fraction DOUBLE,
    region_count BIGINT,
    gateway_count BIGINT,
    satellite_count BIGINT,
    operational_count BIGINT,
    launch_90d_count BIGINT,
    launched_satellite_90d_count BIGINT,
    installed_down_tbps DOUBLE,
    in_service_down_tbps DOUBLE,
    sellable_down_tbps DOUBLE,
    market_count BIGINT,
    starlink_satellite_factor DOUBLE,
    starlink_installed_factor DOUBLE,
    starlink_sellable_factor DOUBLE,
    starlink_launch_factor DOUBLE,
    starlink_launched_satellite_factor DOUBLE,
    starlink_market_factor DOUBLE,
    fibre_basis VARCHAR,
    missing VARCHAR,
    PRIMARY KEY (day, rival)
);
COMMENT ON TABLE core.rival_daily IS 'one row per day and rival: constellations, and terrestrial ways to the regions of a cloud';
COMMENT ON COLUMN core.rival_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.rival_daily.rival IS 'Constellation, or aws, google_cloud, azure.';
COMMENT ON COLUMN core.rival_daily.rival_kind IS 'Constellation, or terrestrial backbone of a cloud. One of: constellation, backbone.';
COMMENT ON COLUMN core.rival_daily.operator IS 'Who runs it.';
COMMENT ON COLUMN core.rival_daily.covered_fraction IS 'Fraction of people and of the day with a satellite in view; null of a backbone [1].';
COMMENT ON COLUMN core.rival_daily.reached_people_fraction IS 'Of a constellation the fraction of people and of the day with a path to a PoP, null where no gateway is known; of a backbone the fraction of people who use the Internet, of those of whom that is known [1].';
COMMENT ON COLUMN core.rival_daily.rtt_median_ms IS 'Round trip to compute, the nearest region of any cloud over satellites and of that cloud over fibre, access included, median of people with a way; estimated [ms].';
COMMENT ON COLUMN core.rival_daily.rtt_median_low_ms IS 'The same with the low figures of access and of the stretch of fibre from people [ms].';
COMMENT ON COLUMN core.rival_daily.rtt_median_high_ms IS 'The same with their high figures [ms].';
COMMENT ON COLUMN core.rival_daily.rtt_same_fibre_median_ms IS 'The same with a fixed stretch of terrestrial fibre for everybody, that which a constellation''s way beyond its PoP has: like with like [ms].';
COMMENT ON COLUMN core.rival_daily.rtt_gpu_median_ms IS 'The same to the nearest large AI compute site of anybody [ms].';
COMMENT ON COLUMN core.rival_daily.people_within_50_ms_fraction IS 'Fraction of people, whether or not they have a line or a terminal, whose median round trip to compute is at most 50 ms; estimated [1].';
COMMENT ON COLUMN core.rival_daily.people_within_100_ms_fraction IS 'Fraction of people, whether or not they have a line or a terminal, whose median round trip to compute is at most 100 ms; estimated [1].';
COMMENT ON COLUMN core.rival_daily.ai_within_50_ms_fraction IS 'Fraction of AI demand whose median round trip to compute is at most 50 ms; estimated [1].';
COMMENT ON COLUMN core.rival_daily.ai_within_100_ms_fraction IS 'Fraction of AI demand whose median round trip to compute is at most 100 ms; estimated [1].';
COMMENT ON COLUMN core.rival_daily.people_same_fibre_within_50_ms_fraction IS 'Fraction of people within 50 ms with that fixed stretch for everybody [1].';
COMMENT ON COLUMN core.rival_daily.region_count IS 'Cloud regions at work; null of a constellation.';
COMMENT ON COLUMN core.rival_daily.gateway_count IS 'Gateways at work whose place is known; null of a backbone.';
COMMENT ON COLUMN core.rival_daily.satellite_count IS 'Satellites in the catalog; null of a backbone.';
COMMENT ON COLUMN core.rival_daily.operational_count IS 'Satellites at work.';
COMMENT ON COLUMN core.rival_daily.launch_90d_count IS 'Launches of the 90 days to the day whose satellites are in the catalog; null where no launch has a known day.';
COMMENT ON COLUMN core.rival_daily.launched_satellite_90d_count IS 'Their satellites in the catalog.';
COMMENT ON COLUMN core.rival_daily.installed_down_tbps IS 'Broadband downlink of all satellites, base; null of a backbone, of which none is cited [Tbps].';
COMMENT ON COLUMN core.rival_daily.in_service_down_tbps IS 'Broadband downlink of the satellites at work, base [Tbps].';
COMMENT ON COLUMN core.rival_daily.sellable_down_tbps IS 'What is served of demand in a fair share, mean of the day, to users [Tbps].';
COMMENT ON COLUMN core.rival_daily.market_count IS 'Countries and markets, the newest filed by the day.';
COMMENT ON COLUMN core.rival_daily.starlink_satellite_factor IS 'Starlink''s satellites over the rival''s; null where either is not known or the rival has none.';
COMMENT ON COLUMN core.rival_daily.starlink_installed_factor IS 'Starlink''s capacity of all satellites over the rival''s; null where either is not known or the rival has none.';
COMMENT ON COLUMN core.rival_daily.starlink_sellable_factor IS 'Starlink''s capacity that can be sold over the rival''s; null where either is not known or the rival has none.';
COMMENT ON COLUMN core.rival_daily.starlink_launch_factor IS 'Starlink''s launches of 90 days over the rival''s; null where either is not known or the rival has none.';
COMMENT ON COLUMN core.rival_daily.starlink_launched_satellite_factor IS 'Starlink''s satellites launched in 90 days over the rival''s; null where either is not known or the rival has none.';
COMMENT ON COLUMN core.rival_daily.starlink_market_factor IS 'Starlink''s markets over the rival''s; null where either is not known or the rival has none.';
COMMENT ON COLUMN core.rival_daily.fibre_basis IS 'Which stretch of fibre the way from people has; null of a constellation.';
COMMENT ON COLUMN core.rival_daily.missing IS 'What is not known.';

CREATE TABLE IF NOT EXISTS core.satellite_daily (
    day DATE NOT NULL,
    norad_cat_id BIGINT NOT NULL,
    identity VARCHAR NOT NULL,
    object_name VARCHAR,
    object_id VARCHAR,
    launch VARCHAR,
    launch_day DATE,
    constellation VARCHAR NOT NULL,
    generation VARCHAR NOT NULL,
    payload_class VARCHAR NOT NULL,
    shell_id VARCHAR,
    plane_id VARCHAR,
    slot BIGINT,
    state VARCHAR NOT NULL,
    state_day_count BIGINT NOT NULL,
    altitude_km DOUBLE NOT NULL,
    altitude_rate_km_per_day DOUBLE NOT NULL,
    eccentricity DOUBLE NOT NULL,
    inclination_deg DOUBLE NOT NULL,
    ra_of_asc_node_deg DOUBLE NOT NULL,
    epoch_utc TIMESTAMP NOT NULL,
    element_age_h DOUBLE NOT NULL,
    decay_predicted_day DATE,
    source VARCHAR NOT NULL,
    PRIMARY KEY (day, norad_cat_id)
);
COMMENT ON TABLE core.satellite_daily IS 'one row per day and satellite of the five constellations';
COMMENT ON COLUMN core.satellite_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.satellite_daily.norad_cat_id IS 'Catalog number, up to nine digits; provisional ones are 70000 to 72999 or nine digits.';
COMMENT ON COLUMN core.satellite_daily.identity IS 'The physical satellite, whatever its number and name: its designator, or its name where it was first seen under a provisional number.';
COMMENT ON COLUMN core.satellite_daily.object_name IS 'Name; null where no source of the day gives one.';
COMMENT ON COLUMN core.satellite_daily.object_id IS 'International designator; null where none is given.';
COMMENT ON COLUMN core.satellite_daily.launch IS 'Launch part of the designator, 2026-161 say.';
COMMENT ON COLUMN core.satellite_daily.launch_day IS 'Day of the launch, by SATCAT or the shipped list of launches; null where neither has it [UTC date].';
COMMENT ON COLUMN core.satellite_daily.constellation IS 'Constellation, by name. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.satellite_daily.generation IS 'Generation, by the rules of generation_assignment.csv.';
COMMENT ON COLUMN core.satellite_daily.payload_class IS 'What the satellite carries. One of: broadband, direct_to_cell, test, high_orbit.';
COMMENT ON COLUMN core.satellite_daily.shell_id IS 'Shell that it is in, of core.shell_daily; null outside of all.';
COMMENT ON COLUMN core.satellite_daily.plane_id IS 'Plane within the shell, by node; numbered as on the day before.';
COMMENT ON COLUMN core.satellite_daily.slot IS 'Place in the plane, by argument of latitude, counted along the flight; numbered as on the day before; planes that lie within 0.5 degrees share places, and spares have one beside another satellite.';
COMMENT ON COLUMN core.satellite_daily.state IS 'State; operational is what works. One of: operational, raising, lowering, decaying, parked, unknown.';
COMMENT ON COLUMN core.satellite_daily.state_day_count IS 'Landed days that the state rests on: 1 where only the day''s own elements are there.';
COMMENT ON COLUMN core.satellite_daily.altitude_km IS 'Mean altitude: two-body semi-major axis of the mean motion, less 6378.135 km (within 4 km of SGP4''s own) [km].';
COMMENT ON COLUMN core.satellite_daily.altitude_rate_km_per_day IS 'Rate of the mean altitude over the landed days behind (at most 7); by the elements'' own drag term where there is one day, and of who works also where that or the rate since the day before is smaller, for the days behind reach back beyond an arrival [km/day].';
COMMENT ON COLUMN core.satellite_daily.eccentricity IS 'Eccentricity [1].';
COMMENT ON COLUMN core.satellite_daily.inclination_deg IS 'Inclination [deg].';
COMMENT ON COLUMN core.satellite_daily.ra_of_asc_node_deg IS 'Right ascension of the ascending node at epoch [deg].';
COMMENT ON COLUMN core.satellite_daily.epoch_utc IS 'Epoch of the elements [UTC].';
COMMENT ON COLUMN core.satellite_daily.element_age_h IS 'Age of the elements at noon of the day; negative for epochs that lie ahead [h].';
COMMENT ON COLUMN core.satellite_daily.decay_predicted_day IS 'Day on which a decaying satellite comes down if it falls on as it does; null for others [UTC date].';
COMMENT ON COLUMN core.satellite_daily.source IS 'Source of the elements.';

CREATE TABLE IF NOT EXISTS core.scale_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    scale_fleet VARCHAR NOT NULL,
    scale_gateways VARCHAR NOT NULL,
    demand_factor DOUBLE NOT NULL,
    fleet_factor DOUBLE NOT NULL,
    in_service_tbps DOUBLE NOT NULL,
    gateway_tbps DOUBLE NOT NULL,
    sold_tbps DOUBLE NOT NULL,
    sellable_fraction DOUBLE NOT NULL,
    marginal_fraction DOUBLE,
    sold_levelised_low_usd_per_gbps_month DOUBLE,
    sold_levelised_usd_per_gbps_month DOUBLE,
    sold_levelised_high_usd_per_gbps_month DOUBLE,
    least_cost BOOLEAN,
    PRIMARY KEY (day, constellation, scale_fleet, scale_gateways, demand_factor, fleet_factor)
);
COMMENT ON TABLE core.scale_daily IS 'one row per day, constellation, generation of the fleet, gateways, demand and size: what would be sold and what it would cost';
COMMENT ON COLUMN core.scale_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.scale_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.scale_daily.scale_fleet IS 'Satellites as they are, or each replaced by one of the next generation. One of: today, next_generation.';
COMMENT ON COLUMN core.scale_daily.scale_gateways IS 'Gateways as they are, or with as much more capacity as the fleet has. One of: fixed, growing.';
COMMENT ON COLUMN core.scale_daily.demand_factor IS 'Demand over the day''s.';
COMMENT ON COLUMN core.scale_daily.fleet_factor IS 'Satellites over the day''s.';
COMMENT ON COLUMN core.scale_daily.in_service_tbps IS 'Downlink of the fleet [Tbps].';
COMMENT ON COLUMN core.scale_daily.gateway_tbps IS 'What all antennas of its gateways carry [Tbps].';
COMMENT ON COLUMN core.scale_daily.sold_tbps IS 'What can be sold of it to users [Tbps].';
COMMENT ON COLUMN core.scale_daily.sellable_fraction IS 'The same over the downlink [1].';
COMMENT ON COLUMN core.scale_daily.marginal_fraction IS 'What a further Tbps in service sells, from the next smaller fleet of the curve to this one; null for the smallest [1].';
COMMENT ON COLUMN core.scale_daily.sold_levelised_low_usd_per_gbps_month IS 'A Gbps-month that is sold, levelised, with the gateways that there are then, every cost at its low figure [USD/Gbps-month].';
COMMENT ON COLUMN core.scale_daily.sold_levelised_usd_per_gbps_month IS 'A Gbps-month that is sold, levelised, with the gateways that there are then [USD/Gbps-month].';
COMMENT ON COLUMN core.scale_daily.sold_levelised_high_usd_per_gbps_month IS 'A Gbps-month that is sold, levelised, with the gateways that there are then, every cost at its high figure [USD/Gbps-month].';
COMMENT ON COLUMN core.scale_daily.least_cost IS 'Whether it is the largest size of this curve that sells within a hundredth of the least cost: where the curve turns, unless it is at an end of it; null without costs.';

CREATE TABLE IF NOT EXISTS core.served_daily (
    day DATE NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    served_threshold VARCHAR NOT NULL,
    people_count DOUBLE NOT NULL,
    underserved_fraction DOUBLE,
    underserved_low_fraction DOUBLE,
    underserved_high_fraction DOUBLE,
    underserved_people_count DOUBLE,
    figure_year BIGINT,
    missing VARCHAR,
    PRIMARY KEY (day, country_iso3, served_threshold)
);
COMMENT ON TABLE core.served_daily IS 'one row per day, country or territory and threshold: people who are underserved on the ground';
COMMENT ON COLUMN core.served_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.served_daily.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN core.served_daily.served_threshold IS 'What they lack. One of: offline, no_fixed_line, below_100_mbps.';
COMMENT ON COLUMN core.served_daily.people_count IS 'People [people].';
COMMENT ON COLUMN core.served_daily.underserved_fraction IS 'Fraction of people who lack it, base; null where it is not known [1].';
COMMENT ON COLUMN core.served_daily.underserved_low_fraction IS 'The least that the figures allow [1].';
COMMENT ON COLUMN core.served_daily.underserved_high_fraction IS 'The most that the figures allow [1].';
COMMENT ON COLUMN core.served_daily.underserved_people_count IS 'People who lack it, base [people].';
COMMENT ON COLUMN core.served_daily.figure_year IS 'Year of the oldest figure that this rests on.';
COMMENT ON COLUMN core.served_daily.missing IS 'What is not known of the country.';

CREATE TABLE IF NOT EXISTS core.shell_daily (
    day DATE NOT NULL,
    shell_id VARCHAR NOT NULL,
    constellation VARCHAR NOT NULL,
    payload_class VARCHAR NOT NULL,
    shell_kind VARCHAR NOT NULL,
    steady BOOLEAN NOT NULL,
    altitude_km DOUBLE NOT NULL,
    altitude_low_km DOUBLE NOT NULL,
    altitude_high_km DOUBLE NOT NULL,
    altitude_rate_km_per_day DOUBLE NOT NULL,
    inclination_deg DOUBLE NOT NULL,
    satellite_count BIGINT NOT NULL,
    operational_count BIGINT NOT NULL,
    waiting_count BIGINT NOT NULL,
    plane_count BIGINT NOT NULL,
    slot_count BIGINT,
    slot_coherence DOUBLE NOT NULL,
    lattice_plane_count BIGINT,
    phasing BIGINT,
    notation VARCHAR NOT NULL,
    PRIMARY KEY (day, shell_id)
);
COMMENT ON TABLE core.shell_daily IS 'one row per day and shell, or altitude at which satellites wait';
COMMENT ON COLUMN core.shell_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.shell_daily.shell_id IS 'Shell; it keeps its name while it is moved, so the numbers in it are those of its first day.';
COMMENT ON COLUMN core.shell_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.shell_daily.payload_class IS 'What its satellites carry. One of: broadband, direct_to_cell, test, high_orbit.';
COMMENT ON COLUMN core.shell_daily.shell_kind IS 'shell: satellites keep places in their planes; holding: they wait there. One of: shell, holding.';
COMMENT ON COLUMN core.shell_daily.steady IS 'Whether it keeps its altitude within 0.3 km a day; only a steady shell works.';
COMMENT ON COLUMN core.shell_daily.altitude_km IS 'Median mean altitude of its satellites [km].';
COMMENT ON COLUMN core.shell_daily.altitude_low_km IS '5th percentile of the same [km].';
COMMENT ON COLUMN core.shell_daily.altitude_high_km IS '95th percentile of the same [km].';
COMMENT ON COLUMN core.shell_daily.altitude_rate_km_per_day IS 'Median rate of those of them that are seen on several days; 0 where most are not [km/day].';
COMMENT ON COLUMN core.shell_daily.inclination_deg IS 'Median inclination [deg].';
COMMENT ON COLUMN core.shell_daily.satellite_count IS 'Satellites that hold that altitude and inclination, within 3.5 km.';
COMMENT ON COLUMN core.shell_daily.operational_count IS 'Satellites at work in it.';
COMMENT ON COLUMN core.shell_daily.waiting_count IS 'Of the satellites those on levels on which no places are kept.';
COMMENT ON COLUMN core.shell_daily.plane_count IS 'Planes that hold satellites, by node.';
COMMENT ON COLUMN core.shell_daily.slot_count IS 'Places per plane that the satellites keep; null in a holding orbit.';
COMMENT ON COLUMN core.shell_daily.slot_coherence IS 'How well they keep them: 1 exactly, 0 not at all [1].';
COMMENT ON COLUMN core.shell_daily.lattice_plane_count IS 'Evenly spaced planes that the nodes fit, filled or not; null where they fit none.';
COMMENT ON COLUMN core.shell_daily.phasing IS 'Walker''s F on the lattice of planes and places; null where planes keep no phase.';
COMMENT ON COLUMN core.shell_daily.notation IS 'inclination:satellites/planes/F @altitude, after Walker; where F is known the planes are those of the lattice that it counts on, occupied or not.';

CREATE TABLE IF NOT EXISTS core.trunk_cost_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    from_id VARCHAR NOT NULL,
    to_id VARCHAR NOT NULL,
    geodesic_km DOUBLE NOT NULL,
    hop_median_count DOUBLE,
    landings_low_usd_per_gbps_month DOUBLE,
    landings_usd_per_gbps_month DOUBLE,
    landings_high_usd_per_gbps_month DOUBLE,
    hop_low_usd_per_gbps_month DOUBLE,
    hop_usd_per_gbps_month DOUBLE,
    hop_high_usd_per_gbps_month DOUBLE,
    mesh_low_usd_per_gbps_month DOUBLE,
    mesh_usd_per_gbps_month DOUBLE,
    mesh_high_usd_per_gbps_month DOUBLE,
    medium VARCHAR,
    fibre_life_years DOUBLE,
    satellite_life_years DOUBLE,
    fibre_low_usd_per_gbps_month DOUBLE,
    fibre_usd_per_gbps_month DOUBLE,
    fibre_high_usd_per_gbps_month DOUBLE,
    transit_low_usd_per_gbps_month DOUBLE,
    transit_usd_per_gbps_month DOUBLE,
    transit_high_usd_per_gbps_month DOUBLE,
    cheapest VARCHAR,
    of_terrestrial_low_factor DOUBLE,
    of_terrestrial_factor DOUBLE,
    of_terrestrial_high_factor DOUBLE,
    missing VARCHAR,
    PRIMARY KEY (day, constellation, from_id, to_id)
);
COMMENT ON TABLE core.trunk_cost_daily IS 'one row per day, constellation with lasers and AI corridor: a Gbps-month over the mesh against fibre';
COMMENT ON COLUMN core.trunk_cost_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.trunk_cost_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.trunk_cost_daily.from_id IS 'One end, as in core.corridor_daily.';
COMMENT ON COLUMN core.trunk_cost_daily.to_id IS 'The other end.';
COMMENT ON COLUMN core.trunk_cost_daily.geodesic_km IS 'Great circle between the ends [km].';
COMMENT ON COLUMN core.trunk_cost_daily.hop_median_count IS 'Satellites on the way, median; null without gateways or ways.';
COMMENT ON COLUMN core.trunk_cost_daily.landings_low_usd_per_gbps_month IS 'The gateways at both ends, low [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.landings_usd_per_gbps_month IS 'The gateways at both ends [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.landings_high_usd_per_gbps_month IS 'The gateways at both ends, high [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.hop_low_usd_per_gbps_month IS 'What one satellite on the way costs, as if all of it were there for that, low [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.hop_usd_per_gbps_month IS 'What one satellite on the way costs, as if all of it were there for that [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.hop_high_usd_per_gbps_month IS 'What one satellite on the way costs, as if all of it were there for that, high [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.mesh_low_usd_per_gbps_month IS 'All of it: landings and hops; null without a way, low [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.mesh_usd_per_gbps_month IS 'All of it: landings and hops; null without a way [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.mesh_high_usd_per_gbps_month IS 'All of it: landings and hops; null without a way, high [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.medium IS 'How a cable would lie, by assumption; null where nobody has said. One of: subsea, land.';
COMMENT ON COLUMN core.trunk_cost_daily.fibre_life_years IS 'Life of a cable [years].';
COMMENT ON COLUMN core.trunk_cost_daily.satellite_life_years IS 'Life of a satellite, for comparison [years].';
COMMENT ON COLUMN core.trunk_cost_daily.fibre_low_usd_per_gbps_month IS 'An own cable, over what is lit of it, low [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.fibre_usd_per_gbps_month IS 'An own cable, over what is lit of it [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.fibre_high_usd_per_gbps_month IS 'An own cable, over what is lit of it, high [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.transit_low_usd_per_gbps_month IS 'Transit at the dearer end; null where an end has no price, low [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.transit_usd_per_gbps_month IS 'Transit at the dearer end; null where an end has no price [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.transit_high_usd_per_gbps_month IS 'Transit at the dearer end; null where an end has no price, high [USD/Gbps-month].';
COMMENT ON COLUMN core.trunk_cost_daily.cheapest IS 'Cheapest terrestrial: fibre or transit; null where neither is known.';
COMMENT ON COLUMN core.trunk_cost_daily.of_terrestrial_low_factor IS 'Mesh over the cheapest terrestrial, low.';
COMMENT ON COLUMN core.trunk_cost_daily.of_terrestrial_factor IS 'The same, base.';
COMMENT ON COLUMN core.trunk_cost_daily.of_terrestrial_high_factor IS 'The same, high.';
COMMENT ON COLUMN core.trunk_cost_daily.missing IS 'What is not known, so that figures are null.';

CREATE TABLE IF NOT EXISTS core.trunk_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    trunk VARCHAR NOT NULL,
    trunk_direction VARCHAR NOT NULL,
    mesh_cut_gbps DOUBLE NOT NULL,
    mesh_cut_p05_gbps DOUBLE NOT NULL,
    landing_a_gbps DOUBLE NOT NULL,
    landing_a_p05_gbps DOUBLE NOT NULL,
    landing_b_gbps DOUBLE NOT NULL,
    landing_b_p05_gbps DOUBLE NOT NULL,
    transit_gbps DOUBLE,
    trunk_gbps DOUBLE NOT NULL,
    trunk_p05_gbps DOUBLE NOT NULL,
    gateway_a_count BIGINT NOT NULL,
    gateway_b_count BIGINT NOT NULL,
    subsea_design_tbps DOUBLE,
    subsea_basis VARCHAR,
    PRIMARY KEY (day, constellation, trunk, trunk_direction)
);
COMMENT ON TABLE core.trunk_daily IS 'one row per day, constellation, pair of regions and direction';
COMMENT ON COLUMN core.trunk_daily.day IS 'Day of the run; instants are spread over [day 00:00, +24 h) [UTC date].';
COMMENT ON COLUMN core.trunk_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.trunk_daily.trunk IS 'Pair of regions a and b: atlantic North America and Europe, pacific North America and East Asia, south_north_america South and North America, others in the order of their names. One of: atlantic, pacific, europe_asia, africa_europe, south_north_america.';
COMMENT ON COLUMN core.trunk_daily.trunk_direction IS 'Which way the traffic goes. Links have one rate both ways, so that only transit differs. One of: a_to_b, b_to_a.';
COMMENT ON COLUMN core.trunk_daily.mesh_cut_gbps IS 'Most that lasers carry from the satellites in view of one end''s gateways to those of the other, a maximum flow over all links that are up, mean of the day''s instants; 0 without lasers or gateways; estimated, links are a model [Gbps].';
COMMENT ON COLUMN core.trunk_daily.mesh_cut_p05_gbps IS 'The same, 5th percentile of the instants (nearest rank) [Gbps].';
COMMENT ON COLUMN core.trunk_daily.landing_a_gbps IS 'What antennas of the gateways of region a bring up to or down from satellites with lasers in view, within what these take, mean of the instants [Gbps].';
COMMENT ON COLUMN core.trunk_daily.landing_a_p05_gbps IS 'The same, 5th percentile of the instants [Gbps].';
COMMENT ON COLUMN core.trunk_daily.landing_b_gbps IS 'The same for region b, mean of the instants [Gbps].';
COMMENT ON COLUMN core.trunk_daily.landing_b_p05_gbps IS 'The same for region b, 5th percentile of the instants [Gbps].';
COMMENT ON COLUMN core.trunk_daily.transit_gbps IS 'What users'' own traffic takes of the cut in this direction, mean of the instants; null where it is not known, and then nothing is taken off [Gbps].';
COMMENT ON COLUMN core.trunk_daily.trunk_gbps IS 'What is left for a trunk: the least of the cut less transit, and of both landings, instant by instant, mean; an upper bound, for users need the same antennas [Gbps].';
COMMENT ON COLUMN core.trunk_daily.trunk_p05_gbps IS 'The same, 5th percentile of the instants [Gbps].';
COMMENT ON COLUMN core.trunk_daily.gateway_a_count IS 'Gateway sites of the constellation in region a.';
COMMENT ON COLUMN core.trunk_daily.gateway_b_count IS 'Gateway sites of the constellation in region b.';
COMMENT ON COLUMN core.trunk_daily.subsea_design_tbps IS 'Design capacity of subsea cables on the same way, of those with a cited figure alone; null where none is cited [Tbps].';
COMMENT ON COLUMN core.trunk_daily.subsea_basis IS 'Which cables that counts, and who says so.';

CREATE TABLE IF NOT EXISTS core.unit_cost_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    traffic_unit VARCHAR NOT NULL,
    network VARCHAR NOT NULL,
    unit_low_bytes DOUBLE NOT NULL,
    unit_bytes DOUBLE NOT NULL,
    unit_high_bytes DOUBLE NOT NULL,
    gbps_month_low_usd DOUBLE,
    gbps_month_usd DOUBLE,
    gbps_month_high_usd DOUBLE,
    unit_low_usd DOUBLE,
    unit_usd DOUBLE,
    unit_high_usd DOUBLE,
    price_usd DOUBLE,
    price_item VARCHAR,
    of_price_fraction DOUBLE,
    source VARCHAR NOT NULL,
    PRIMARY KEY (day, constellation, traffic_unit, network)
);
COMMENT ON TABLE core.unit_cost_daily IS 'one row per day, constellation, unit of AI use and network: what carrying it costs';
COMMENT ON COLUMN core.unit_cost_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.unit_cost_daily.constellation IS 'Constellation; networks on the ground are the same for all. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.unit_cost_daily.traffic_unit IS 'What is carried. One of: million_tokens, minute_of_voice, hour_of_video.';
COMMENT ON COLUMN core.unit_cost_daily.network IS 'satellite_sold: space segment at what a sold Gbps-month costs; satellite_list: the wholesale list price; transit at the hubs; access: a retail line on the ground. One of: satellite_sold, satellite_list, transit, access.';
COMMENT ON COLUMN core.unit_cost_daily.unit_low_bytes IS 'Bytes of the unit, both ways, framing and headers included, low [bytes].';
COMMENT ON COLUMN core.unit_cost_daily.unit_bytes IS 'The same, base [bytes].';
COMMENT ON COLUMN core.unit_cost_daily.unit_high_bytes IS 'The same, high [bytes].';
COMMENT ON COLUMN core.unit_cost_daily.gbps_month_low_usd IS 'A Gbps-month of the network, low; null where it is not known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.gbps_month_usd IS 'A Gbps-month of the network; null where it is not known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.gbps_month_high_usd IS 'A Gbps-month of the network, high; null where it is not known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.unit_low_usd IS 'Carrying the unit, low bytes at the low cost; null where the network''s cost is not known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.unit_usd IS 'Carrying the unit; null where the network''s cost is not known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.unit_high_usd IS 'Carrying the unit, high bytes at the high cost; null where the network''s cost is not known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.price_usd IS 'Price of the unit itself; null where none is known [USD].';
COMMENT ON COLUMN core.unit_cost_daily.price_item IS 'Whose price, and its source.';
COMMENT ON COLUMN core.unit_cost_daily.of_price_fraction IS 'Carrying it over its price [1].';
COMMENT ON COLUMN core.unit_cost_daily.source IS 'Where the cost of a Gbps-month is from.';

CREATE TABLE IF NOT EXISTS core.valuation_daily (
    day DATE NOT NULL,
    operator VARCHAR NOT NULL,
    valuation_basis VARCHAR NOT NULL,
    attribution VARCHAR NOT NULL,
    constellation VARCHAR NOT NULL,
    priced_day DATE NOT NULL,
    age_days BIGINT NOT NULL,
    is_stale BOOLEAN NOT NULL,
    price_usd DOUBLE,
    share_count DOUBLE,
    market_value_usd DOUBLE,
    net_debt_usd DOUBLE,
    enterprise_value_usd DOUBLE,
    valued_as VARCHAR,
    attributed_fraction DOUBLE,
    attributed_usd DOUBLE,
    installed_usd_per_gbps DOUBLE,
    in_service_usd_per_gbps DOUBLE,
    sellable_usd_per_gbps DOUBLE,
    per_subscriber_usd DOUBLE,
    subscriber_count DOUBLE,
    subscriber_day DATE,
    connectivity_revenue_usd DOUBLE,
    revenue_period_end_day DATE,
    ebitda_multiple_factor DOUBLE NOT NULL,
    ebitda_margin_fraction DOUBLE NOT NULL,
    arpu_usd_per_month DOUBLE NOT NULL,
    busy_hour_mbps DOUBLE NOT NULL,
    implied_revenue_usd DOUBLE,
    implied_revenue_low_usd DOUBLE,
    implied_revenue_high_usd DOUBLE,
    implied_revenue_factor DOUBLE,
    implied_subscriber_count DOUBLE,
    implied_subscriber_low_count DOUBLE,
    implied_subscriber_high_count DOUBLE,
    implied_price_usd_per_gbps_month DOUBLE,
    implied_price_low_usd_per_gbps_month DOUBLE,
    implied_price_high_usd_per_gbps_month DOUBLE,
    price_now_usd_per_gbps_month DOUBLE,
    utilisation_now_fraction DOUBLE,
    implied_utilisation_fraction DOUBLE,
    implied_utilisation_low_fraction DOUBLE,
    implied_utilisation_high_fraction DOUBLE,
    missing VARCHAR,
    source VARCHAR NOT NULL,
    PRIMARY KEY (day, operator, valuation_basis, attribution)
);
COMMENT ON TABLE core.valuation_daily IS 'one row per day, operator, basis of the price and attribution of the value';
COMMENT ON COLUMN core.valuation_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.valuation_daily.operator IS 'Operator.';
COMMENT ON COLUMN core.valuation_daily.valuation_basis IS 'A quoted price (set, or landed), or the valuation at the offering. One of: quote, ipo.';
COMMENT ON COLUMN core.valuation_daily.attribution IS 'What is set against the network: the whole value, an upper bound where there is other business, or the part that connectivity has in revenue. One of: whole, revenue_share.';
COMMENT ON COLUMN core.valuation_daily.constellation IS 'Constellation of the operator. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.valuation_daily.priced_day IS 'Day that the price is of [UTC date].';
COMMENT ON COLUMN core.valuation_daily.age_days IS 'Age of the price [days].';
COMMENT ON COLUMN core.valuation_daily.is_stale IS 'Whether the price is more than 30 days old.';
COMMENT ON COLUMN core.valuation_daily.price_usd IS 'Price of a share; null of the offering, whose value is told as a whole [USD].';
COMMENT ON COLUMN core.valuation_daily.share_count IS 'Shares that there are; null where nobody tells.';
COMMENT ON COLUMN core.valuation_daily.market_value_usd IS 'Price x shares, or the valuation at the offering; null where the shares are not known [USD].';
COMMENT ON COLUMN core.valuation_daily.net_debt_usd IS 'Debt less cash; null where nobody tells [USD].';
COMMENT ON COLUMN core.valuation_daily.enterprise_value_usd IS 'Market value + net debt; null where either is not known [USD].';
COMMENT ON COLUMN core.valuation_daily.valued_as IS 'What stands for the value: the enterprise value, or the market value where net debt is not known.';
COMMENT ON COLUMN core.valuation_daily.attributed_fraction IS 'Part of the value that is set against the network; null where the part in revenue is not filed [1].';
COMMENT ON COLUMN core.valuation_daily.attributed_usd IS 'Value that is set against the network [USD].';
COMMENT ON COLUMN core.valuation_daily.installed_usd_per_gbps IS 'That per Gbps of all satellites to users (core.fleet_capacity_daily, base) [USD/Gbps].';
COMMENT ON COLUMN core.valuation_daily.in_service_usd_per_gbps IS 'The same per Gbps of the satellites at work [USD/Gbps].';
COMMENT ON COLUMN core.valuation_daily.sellable_usd_per_gbps IS 'The same per Gbps that can be sold [USD/Gbps].';
COMMENT ON COLUMN core.valuation_daily.per_subscriber_usd IS 'The same per subscriber [USD].';
COMMENT ON COLUMN core.valuation_daily.subscriber_count IS 'Subscribers, the newest filed by the day.';
COMMENT ON COLUMN core.valuation_daily.subscriber_day IS 'Day that the count is of [UTC date].';
COMMENT ON COLUMN core.valuation_daily.connectivity_revenue_usd IS 'Connectivity revenue of the newest period filed by the day, as of a year [USD].';
COMMENT ON COLUMN core.valuation_daily.revenue_period_end_day IS 'Last day of that period [UTC date].';
COMMENT ON COLUMN core.valuation_daily.ebitda_multiple_factor IS 'Enterprise value over EBITDA that is assumed.';
COMMENT ON COLUMN core.valuation_daily.ebitda_margin_fraction IS 'EBITDA over revenue: of the newest filing, else, and where that is a loss, assumed [1].';
COMMENT ON COLUMN core.valuation_daily.arpu_usd_per_month IS 'Revenue per user and month: of the newest filing, else assumed [USD/month].';
COMMENT ON COLUMN core.valuation_daily.busy_hour_mbps IS 'What a subscriber uses in the busiest hour, assumed [Mbps].';
COMMENT ON COLUMN core.valuation_daily.implied_revenue_usd IS 'Revenue of a year that the value implies: attributed / multiple / margin [USD].';
COMMENT ON COLUMN core.valuation_daily.implied_revenue_low_usd IS 'Revenue of a year that the value implies: attributed / multiple / margin, low [USD].';
COMMENT ON COLUMN core.valuation_daily.implied_revenue_high_usd IS 'Revenue of a year that the value implies: attributed / multiple / margin, high [USD].';
COMMENT ON COLUMN core.valuation_daily.implied_revenue_factor IS 'That over today''s connectivity revenue.';
COMMENT ON COLUMN core.valuation_daily.implied_subscriber_count IS 'Subscribers that it implies: implied revenue / (12 x revenue per user).';
COMMENT ON COLUMN core.valuation_daily.implied_subscriber_low_count IS 'Subscribers that it implies: implied revenue / (12 x revenue per user), low.';
COMMENT ON COLUMN core.valuation_daily.implied_subscriber_high_count IS 'Subscribers that it implies: implied revenue / (12 x revenue per user), high.';
COMMENT ON COLUMN core.valuation_daily.implied_price_usd_per_gbps_month IS 'Price that it implies: implied revenue / 12 / what can be sold on the day [USD/Gbps-month].';
COMMENT ON COLUMN core.valuation_daily.implied_price_low_usd_per_gbps_month IS 'Price that it implies: implied revenue / 12 / what can be sold on the day, low [USD/Gbps-month].';
COMMENT ON COLUMN core.valuation_daily.implied_price_high_usd_per_gbps_month IS 'Price that it implies: implied revenue / 12 / what can be sold on the day, high [USD/Gbps-month].';
COMMENT ON COLUMN core.valuation_daily.price_now_usd_per_gbps_month IS 'Today''s price: connectivity revenue a month / (subscribers x rate in the busiest hour); estimated [USD/Gbps-month].';
COMMENT ON COLUMN core.valuation_daily.utilisation_now_fraction IS 'Today''s use, subscribers x rate in the busiest hour, of what can be sold; estimated [1].';
COMMENT ON COLUMN core.valuation_daily.implied_utilisation_fraction IS 'Utilisation that it implies at today''s price; above 1 the fleet of the day cannot earn it [1].';
COMMENT ON COLUMN core.valuation_daily.implied_utilisation_low_fraction IS 'Utilisation that it implies at today''s price; above 1 the fleet of the day cannot earn it, low [1].';
COMMENT ON COLUMN core.valuation_daily.implied_utilisation_high_fraction IS 'Utilisation that it implies at today''s price; above 1 the fleet of the day cannot earn it, high [1].';
COMMENT ON COLUMN core.valuation_daily.missing IS 'What is not known.';
COMMENT ON COLUMN core.valuation_daily.source IS 'Where the price is from.';

CREATE TABLE IF NOT EXISTS core.workload_daily (
    day DATE NOT NULL,
    constellation VARCHAR NOT NULL,
    workload VARCHAR NOT NULL,
    workload_class VARCHAR NOT NULL,
    max_rtt_limit_ms DOUBLE,
    max_rtt_target_ms DOUBLE,
    min_down_mbps DOUBLE,
    min_up_mbps DOUBLE,
    min_continuity_fraction DOUBLE NOT NULL,
    all_people_fraction DOUBLE,
    all_ai_demand_fraction DOUBLE,
    all_people_low_fraction DOUBLE,
    all_people_high_fraction DOUBLE,
    single_people_fraction DOUBLE,
    single_ai_demand_fraction DOUBLE,
    target_people_fraction DOUBLE,
    target_ai_demand_fraction DOUBLE,
    latency_people_fraction DOUBLE,
    latency_ai_demand_fraction DOUBLE,
    continuity_people_fraction DOUBLE,
    continuity_ai_demand_fraction DOUBLE,
    rate_people_fraction DOUBLE,
    rate_ai_demand_fraction DOUBLE,
    terrestrial_people_fraction DOUBLE,
    terrestrial_ai_demand_fraction DOUBLE,
    terrestrial_people_low_fraction DOUBLE,
    terrestrial_people_high_fraction DOUBLE,
    workload_limit VARCHAR,
    pair_count BIGINT,
    pair_fraction DOUBLE,
    pair_low_fraction DOUBLE,
    pair_high_fraction DOUBLE,
    terrestrial_pair_fraction DOUBLE,
    volume_bytes DOUBLE,
    transfer_mesh_h DOUBLE,
    transfer_terminal_h DOUBLE,
    transfer_fibre_h DOUBLE,
    missing VARCHAR,
    PRIMARY KEY (day, constellation, workload)
);
COMMENT ON TABLE core.workload_daily IS 'one row per day, constellation and AI workload of ai_workloads.csv';
COMMENT ON COLUMN core.workload_daily.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN core.workload_daily.constellation IS 'Constellation. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN core.workload_daily.workload IS 'Workload.';
COMMENT ON COLUMN core.workload_daily.workload_class IS 'Class of workloads that it belongs to.';
COMMENT ON COLUMN core.workload_daily.max_rtt_limit_ms IS 'Longest round trip with which it works; null where none is told [ms].';
COMMENT ON COLUMN core.workload_daily.max_rtt_target_ms IS 'Round trip with which it works well; null where none is told [ms].';
COMMENT ON COLUMN core.workload_daily.min_down_mbps IS 'Rate that it needs to the user, or between sites [Mbps].';
COMMENT ON COLUMN core.workload_daily.min_up_mbps IS 'Rate that it needs from the user, or between sites [Mbps].';
COMMENT ON COLUMN core.workload_daily.min_continuity_fraction IS 'Fraction of the day that it needs; assumed by its class [1].';
COMMENT ON COLUMN core.workload_daily.all_people_fraction IS 'Fraction of people for whom it suffices if everybody''s active lines use it at once; estimated; null where no gateway or terminal is known, or it is none of users [1].';
COMMENT ON COLUMN core.workload_daily.all_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) for whom it suffices if everybody''s active lines use it at once; estimated; null where no gateway or terminal is known, or it is none of users [1].';
COMMENT ON COLUMN core.workload_daily.all_people_low_fraction IS 'The same of people with the most lines active at a time [1].';
COMMENT ON COLUMN core.workload_daily.all_people_high_fraction IS 'The same of people with the fewest lines active at a time [1].';
COMMENT ON COLUMN core.workload_daily.single_people_fraction IS 'Fraction of people for whom it suffices as one of few users; estimated, without load; null as before [1].';
COMMENT ON COLUMN core.workload_daily.single_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) for whom it suffices as one of few users; estimated, without load; null as before [1].';
COMMENT ON COLUMN core.workload_daily.target_people_fraction IS 'Fraction of people the same, where the median round trip is within the target [1].';
COMMENT ON COLUMN core.workload_daily.target_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) the same, where the median round trip is within the target [1].';
COMMENT ON COLUMN core.workload_daily.latency_people_fraction IS 'Fraction of people within the limit of the round trip, 95th percentile of the day [1].';
COMMENT ON COLUMN core.workload_daily.latency_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) within the limit of the round trip, 95th percentile of the day [1].';
COMMENT ON COLUMN core.workload_daily.continuity_people_fraction IS 'Fraction of people with satellites and a gateway for long enough [1].';
COMMENT ON COLUMN core.workload_daily.continuity_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) with satellites and a gateway for long enough [1].';
COMMENT ON COLUMN core.workload_daily.rate_people_fraction IS 'Fraction of people for whom the rates suffice, everybody''s active lines at once [1].';
COMMENT ON COLUMN core.workload_daily.rate_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) for whom the rates suffice, everybody''s active lines at once [1].';
COMMENT ON COLUMN core.workload_daily.terrestrial_people_fraction IS 'Fraction of people for whom terrestrial networks suffice; estimated from lines, users and measured speeds of countries [1].';
COMMENT ON COLUMN core.workload_daily.terrestrial_ai_demand_fraction IS 'Fraction of AI demand (core.demand_daily) for whom terrestrial networks suffice; estimated from lines, users and measured speeds of countries [1].';
COMMENT ON COLUMN core.workload_daily.terrestrial_people_low_fraction IS 'The same of people with the low assumptions [1].';
COMMENT ON COLUMN core.workload_daily.terrestrial_people_high_fraction IS 'The same of people with the high assumptions [1].';
COMMENT ON COLUMN core.workload_daily.workload_limit IS 'What keeps most people from it if all use it at once; none where nothing does. One of: latency, continuity, rate, none.';
COMMENT ON COLUMN core.workload_daily.pair_count IS 'Pairs of compute sites (core.corridor_daily) that are looked at; null of workloads between no sites.';
COMMENT ON COLUMN core.workload_daily.pair_fraction IS 'Fraction of them between which it is feasible over the mesh, one way over lasers at their base rate; 0 without lasers, null where no gateway is known, or not whether there are lasers [1].';
COMMENT ON COLUMN core.workload_daily.pair_low_fraction IS 'The same at the low rate of lasers [1].';
COMMENT ON COLUMN core.workload_daily.pair_high_fraction IS 'The same at the high rate of lasers [1].';
COMMENT ON COLUMN core.workload_daily.terrestrial_pair_fraction IS 'Fraction between which it is feasible over stretched fibre at the rate that is assumed to be rented [1].';
COMMENT ON COLUMN core.workload_daily.volume_bytes IS 'What one transfer moves; null where nothing is moved in one piece [bytes].';
COMMENT ON COLUMN core.workload_daily.transfer_mesh_h IS 'Time of it over one way of the mesh, gateways at both ends [h].';
COMMENT ON COLUMN core.workload_daily.transfer_terminal_h IS 'Time of it to one terminal, or from it where more is needed up, at its rate alone, the median of people [h].';
COMMENT ON COLUMN core.workload_daily.transfer_fibre_h IS 'Time of it over the fibre that is assumed to be rented [h].';
COMMENT ON COLUMN core.workload_daily.missing IS 'What is not known, so that figures are null.';

CREATE TABLE IF NOT EXISTS dim.cell (
    cell_id UBIGINT NOT NULL,
    latitude_deg DOUBLE NOT NULL,
    longitude_deg DOUBLE NOT NULL,
    area_km2 DOUBLE NOT NULL,
    population_count DOUBLE NOT NULL,
    PRIMARY KEY (cell_id)
);
COMMENT ON TABLE dim.cell IS 'one row per HEALPix cell of the grid (nested order 6: 49,152 cells of equal area)';
COMMENT ON COLUMN dim.cell.cell_id IS 'HEALPix index, nested.';
COMMENT ON COLUMN dim.cell.latitude_deg IS 'Geodetic WGS-84 latitude of the centre [deg].';
COMMENT ON COLUMN dim.cell.longitude_deg IS 'Longitude of the centre [deg].';
COMMENT ON COLUMN dim.cell.area_km2 IS 'Area on the WGS-84 ellipsoid [km2].';
COMMENT ON COLUMN dim.cell.population_count IS 'People in the cell [people].';

CREATE TABLE IF NOT EXISTS dim.cell_country (
    cell_id UBIGINT NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    area_fraction DOUBLE NOT NULL,
    population_count DOUBLE NOT NULL,
    PRIMARY KEY (cell_id, country_iso3)
);
COMMENT ON TABLE dim.cell_country IS 'one row per cell and country or territory that has area or people in it';
COMMENT ON COLUMN dim.cell_country.cell_id IS 'HEALPix index, nested.';
COMMENT ON COLUMN dim.cell_country.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN dim.cell_country.area_fraction IS 'Fraction of the cell''s area that is land of the country [1].';
COMMENT ON COLUMN dim.cell_country.population_count IS 'People of the country in the cell [people].';

CREATE TABLE IF NOT EXISTS dim.cell_fine (
    fine_cell_id UBIGINT NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    cell_id UBIGINT,
    population_count DOUBLE NOT NULL,
    PRIMARY KEY (fine_cell_id, country_iso3)
);
COMMENT ON TABLE dim.cell_fine IS 'one row per HEALPix cell of order 8 (649 km2) and country that has people in it';
COMMENT ON COLUMN dim.cell_fine.fine_cell_id IS 'HEALPix index of order 8, nested.';
COMMENT ON COLUMN dim.cell_fine.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN dim.cell_fine.cell_id IS 'The cell of the grid that it is a part of; null where the grid is finer.';
COMMENT ON COLUMN dim.cell_fine.population_count IS 'People of the country in it [people].';

CREATE TABLE IF NOT EXISTS dim.cell_h3 (
    cell_id UBIGINT NOT NULL,
    h3_id UBIGINT NOT NULL,
    area_fraction DOUBLE NOT NULL,
    PRIMARY KEY (cell_id, h3_id)
);
COMMENT ON TABLE dim.cell_h3 IS 'one row per cell and H3 cell of resolution 3 that overlap, by points 25 km apart';
COMMENT ON COLUMN dim.cell_h3.cell_id IS 'HEALPix index, nested.';
COMMENT ON COLUMN dim.cell_h3.h3_id IS 'H3 index, resolution 3.';
COMMENT ON COLUMN dim.cell_h3.area_fraction IS 'Fraction of the HEALPix cell''s area that lies in the H3 cell [1].';

CREATE TABLE IF NOT EXISTS dim.compute_step (
    site_id VARCHAR NOT NULL,
    step_day DATE NOT NULL,
    power_mw DOUBLE,
    h100_equivalent_count DOUBLE,
    capital_cost_usd DOUBLE,
    status_text VARCHAR,
    projected BOOLEAN NOT NULL,
    PRIMARY KEY (site_id, step_day)
);
COMMENT ON TABLE dim.compute_step IS 'one row per AI data centre and dated step of its construction';
COMMENT ON COLUMN dim.compute_step.site_id IS 'Name of the site in dim.site.';
COMMENT ON COLUMN dim.compute_step.step_day IS 'Date of the step [UTC date].';
COMMENT ON COLUMN dim.compute_step.power_mw IS 'Power from then on [MW].';
COMMENT ON COLUMN dim.compute_step.h100_equivalent_count IS 'Compute from then on, in H100s.';
COMMENT ON COLUMN dim.compute_step.capital_cost_usd IS 'Capital cost so far, in dollars of 2025 [USD].';
COMMENT ON COLUMN dim.compute_step.status_text IS 'What was seen or is planned.';
COMMENT ON COLUMN dim.compute_step.projected IS 'Whether it lies beyond the present of the list: a plan, not an observation.';

CREATE TABLE IF NOT EXISTS dim.constellation (
    constellation VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    operator VARCHAR NOT NULL,
    min_elevation_deg DOUBLE NOT NULL,
    min_elevation_source VARCHAR NOT NULL,
    arc_exclusion_deg DOUBLE NOT NULL,
    arc_exclusion_us_deg DOUBLE,
    arc_exclusion_source VARCHAR NOT NULL,
    citation VARCHAR NOT NULL,
    PRIMARY KEY (constellation)
);
COMMENT ON TABLE dim.constellation IS 'one row per constellation';
COMMENT ON COLUMN dim.constellation.constellation IS 'Name used in every table. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN dim.constellation.title IS 'Name as the operator writes it.';
COMMENT ON COLUMN dim.constellation.operator IS 'Operator.';
COMMENT ON COLUMN dim.constellation.min_elevation_deg IS 'Elevation mask of a user terminal, licensed or filed [deg].';
COMMENT ON COLUMN dim.constellation.min_elevation_source IS 'Where the mask comes from.';
COMMENT ON COLUMN dim.constellation.arc_exclusion_deg IS 'Least angle at the terminal between a satellite in use and the geostationary arc [deg].';
COMMENT ON COLUMN dim.constellation.arc_exclusion_us_deg IS 'The same in the United States, from 13 July 2026 on; null without market access there [deg].';
COMMENT ON COLUMN dim.constellation.arc_exclusion_source IS 'Where the angles come from.';
COMMENT ON COLUMN dim.constellation.citation IS 'Rows of the shipped reference that describe it.';

CREATE TABLE IF NOT EXISTS dim.country (
    country_iso3 VARCHAR NOT NULL,
    country_iso2 VARCHAR,
    title VARCHAR NOT NULL,
    region VARCHAR,
    income_level VARCHAR,
    population_count DOUBLE NOT NULL,
    population_year BIGINT,
    gdp_per_head_ppp_usd DOUBLE,
    gdp_per_head_ppp_year BIGINT,
    internet_users_fraction DOUBLE,
    internet_users_year BIGINT,
    fixed_broadband_per_head DOUBLE,
    fixed_broadband_year BIGINT,
    mobile_subscriptions_per_head DOUBLE,
    mobile_subscriptions_year BIGINT,
    fixed_download_median_mbps DOUBLE,
    fixed_download_year BIGINT,
    people_basis VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    PRIMARY KEY (country_iso3)
);
COMMENT ON TABLE dim.country IS 'one row per country or territory of ISO 3166-1, and Kosovo; some have no people';
COMMENT ON COLUMN dim.country.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN dim.country.country_iso2 IS 'ISO 3166-1 alpha-2 code (Namibia is NA).';
COMMENT ON COLUMN dim.country.title IS 'English name.';
COMMENT ON COLUMN dim.country.region IS 'World Bank region.';
COMMENT ON COLUMN dim.country.income_level IS 'World Bank income level.';
COMMENT ON COLUMN dim.country.population_count IS 'People; 0 where nobody lives for good (Antarctica) [people].';
COMMENT ON COLUMN dim.country.population_year IS 'Year of the count; null where it is the sum of settlements.';
COMMENT ON COLUMN dim.country.gdp_per_head_ppp_usd IS 'Gross domestic product per head at purchasing power parity [USD].';
COMMENT ON COLUMN dim.country.gdp_per_head_ppp_year IS 'Year of that.';
COMMENT ON COLUMN dim.country.internet_users_fraction IS 'Fraction of people who use the Internet [1].';
COMMENT ON COLUMN dim.country.internet_users_year IS 'Year of that, or the year before which it was the newest.';
COMMENT ON COLUMN dim.country.fixed_broadband_per_head IS 'Fixed broadband subscriptions per head.';
COMMENT ON COLUMN dim.country.fixed_broadband_year IS 'Year of that.';
COMMENT ON COLUMN dim.country.mobile_subscriptions_per_head IS 'Mobile subscriptions per head, broadband or not.';
COMMENT ON COLUMN dim.country.mobile_subscriptions_year IS 'Year of that.';
COMMENT ON COLUMN dim.country.fixed_download_median_mbps IS 'Median download that fixed lines measured [Mbps].';
COMMENT ON COLUMN dim.country.fixed_download_year IS 'Year of that.';
COMMENT ON COLUMN dim.country.people_basis IS 'How people were placed on cells. One of: settlements, grid.';
COMMENT ON COLUMN dim.country.source IS 'Source of the figures.';

CREATE TABLE IF NOT EXISTS dim.country_pop (
    country_iso3 VARCHAR NOT NULL,
    region_code VARCHAR NOT NULL,
    pop_code VARCHAR NOT NULL,
    site_id VARCHAR,
    subnet_count BIGINT,
    share_fraction DOUBLE NOT NULL,
    is_main BOOLEAN NOT NULL,
    distance_km DOUBLE,
    pop_reason VARCHAR NOT NULL,
    left_out VARCHAR,
    passed_over VARCHAR,
    source VARCHAR NOT NULL,
    PRIMARY KEY (country_iso3, region_code, pop_code)
);
COMMENT ON TABLE dim.country_pop IS 'one row per country, region of a large one, and PoP that serves it';
COMMENT ON COLUMN dim.country_pop.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN dim.country_pop.region_code IS 'ISO 3166-2 code of a region, or all for the country as a whole.';
COMMENT ON COLUMN dim.country_pop.pop_code IS 'The operator''s code of the PoP, or what stands for it: site_id without starlink-.';
COMMENT ON COLUMN dim.country_pop.site_id IS 'Name of the PoP in dim.site; null where that has no place for it.';
COMMENT ON COLUMN dim.country_pop.subnet_count IS 'Subnets that it serves there; null where it is only the nearest.';
COMMENT ON COLUMN dim.country_pop.share_fraction IS 'Its part of the subnets there; 0 where it is left out [1].';
COMMENT ON COLUMN dim.country_pop.is_main IS 'Whether it has the largest share, the nearest of several.';
COMMENT ON COLUMN dim.country_pop.distance_km IS 'Great circle from where people live, on average, to the PoP; from stations where nobody lives [km].';
COMMENT ON COLUMN dim.country_pop.pop_reason IS 'Why: named by the landed feed, by the shipped table, or only the nearest. One of: feed, table, nearest.';
COMMENT ON COLUMN dim.country_pop.left_out IS 'Why it serves nobody although it is named; null where it serves.';
COMMENT ON COLUMN dim.country_pop.passed_over IS 'Why users are taken to reach a nearer PoP although it is named; null where they reach it.';
COMMENT ON COLUMN dim.country_pop.source IS 'Source of the assignment.';

CREATE TABLE IF NOT EXISTS dim.generation (
    generation VARCHAR NOT NULL,
    down_gbps DOUBLE,
    down_low_gbps DOUBLE,
    down_high_gbps DOUBLE,
    up_gbps DOUBLE,
    up_low_gbps DOUBLE,
    up_high_gbps DOUBLE,
    laser_count DOUBLE,
    confidence VARCHAR,
    citation VARCHAR,
    PRIMARY KEY (generation)
);
COMMENT ON TABLE dim.generation IS 'one row per generation of satellites, from satellite_generations.csv';
COMMENT ON COLUMN dim.generation.generation IS 'Generation.';
COMMENT ON COLUMN dim.generation.down_gbps IS 'Broadband downlink of one satellite, base [Gbps].';
COMMENT ON COLUMN dim.generation.down_low_gbps IS 'The same, low [Gbps].';
COMMENT ON COLUMN dim.generation.down_high_gbps IS 'The same, high [Gbps].';
COMMENT ON COLUMN dim.generation.up_gbps IS 'Broadband uplink of one satellite, base [Gbps].';
COMMENT ON COLUMN dim.generation.up_low_gbps IS 'The same, low [Gbps].';
COMMENT ON COLUMN dim.generation.up_high_gbps IS 'The same, high [Gbps].';
COMMENT ON COLUMN dim.generation.laser_count IS 'Laser links of one satellite.';
COMMENT ON COLUMN dim.generation.confidence IS 'Confidence in the downlink figure, as the reference states it.';
COMMENT ON COLUMN dim.generation.citation IS 'Source of the downlink figure.';

CREATE TABLE IF NOT EXISTS dim.place (
    place_id VARCHAR NOT NULL,
    country_iso3 VARCHAR NOT NULL,
    region_code VARCHAR NOT NULL,
    place_kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    latitude_deg DOUBLE NOT NULL,
    longitude_deg DOUBLE NOT NULL,
    population_count DOUBLE NOT NULL,
    staff_count BIGINT,
    weight_fraction DOUBLE NOT NULL,
    PRIMARY KEY (place_id)
);
COMMENT ON TABLE dim.place IS 'one row per place of a country where its figures are computed';
COMMENT ON COLUMN dim.place.place_id IS 'Country, region, and order and number of the HEALPix cell, or the name of a station.';
COMMENT ON COLUMN dim.place.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN dim.place.region_code IS 'ISO 3166-2 code of a region that dim.country_pop has apart, else all.';
COMMENT ON COLUMN dim.place.place_kind IS 'What it is: people as they are settled, staff of a station, or nobody that is counted. One of: settled, station, uninhabited.';
COMMENT ON COLUMN dim.place.title IS 'Largest settlement within, or the nearest one; the station; the island.';
COMMENT ON COLUMN dim.place.latitude_deg IS 'Geodetic WGS-84 latitude, mean of its people [deg].';
COMMENT ON COLUMN dim.place.longitude_deg IS 'Longitude, mean of its people [deg].';
COMMENT ON COLUMN dim.place.population_count IS 'People; 0 at a station, whose staff are no population [people].';
COMMENT ON COLUMN dim.place.staff_count IS 'Most staff at a time; null where people are settled, or nothing is told [people].';
COMMENT ON COLUMN dim.place.weight_fraction IS 'Part of the country''s people, or of its staff; equal parts where nobody is [1].';

CREATE TABLE IF NOT EXISTS dim.readiness (
    readiness VARCHAR NOT NULL,
    pillar VARCHAR NOT NULL,
    weight_fraction DOUBLE,
    at_zero_number DOUBLE,
    at_hundred_number DOUBLE NOT NULL,
    scale VARCHAR NOT NULL,
    is_common BOOLEAN NOT NULL,
    unit VARCHAR,
    source VARCHAR NOT NULL,
    note VARCHAR,
    definition_hash VARCHAR NOT NULL,
    PRIMARY KEY (readiness, pillar)
);
COMMENT ON TABLE dim.readiness IS 'one row per index or test and pillar: weights, anchors and targets';
COMMENT ON COLUMN dim.readiness.readiness IS 'Index (access, trunk) or test. One of: access, trunk, test_latency, test_cut, test_cost, test_availability.';
COMMENT ON COLUMN dim.readiness.pillar IS 'Pillar of the index.';
COMMENT ON COLUMN dim.readiness.weight_fraction IS 'Weight of the pillar in its index; null of a target [1].';
COMMENT ON COLUMN dim.readiness.at_zero_number IS 'Measure with a score of 0; null of a target.';
COMMENT ON COLUMN dim.readiness.at_hundred_number IS 'Measure with a score of 100, or the target of a test.';
COMMENT ON COLUMN dim.readiness.scale IS 'linear or log: how a score goes between the anchors.';
COMMENT ON COLUMN dim.readiness.is_common IS 'Whether the pillar is one of the common ones.';
COMMENT ON COLUMN dim.readiness.unit IS 'Unit of the measure.';
COMMENT ON COLUMN dim.readiness.source IS 'Who says so.';
COMMENT ON COLUMN dim.readiness.note IS 'What is measured.';
COMMENT ON COLUMN dim.readiness.definition_hash IS 'First 16 digits of the SHA-256 of readiness.csv: figures of one hash alone can be compared.';

CREATE TABLE IF NOT EXISTS dim.site (
    site_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    operator VARCHAR NOT NULL,
    constellation VARCHAR,
    country_iso3 VARCHAR,
    latitude_deg DOUBLE NOT NULL,
    longitude_deg DOUBLE NOT NULL,
    status VARCHAR NOT NULL,
    confidence VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_url VARCHAR,
    date_text VARCHAR NOT NULL,
    PRIMARY KEY (site_id)
);
COMMENT ON TABLE dim.site IS 'one row per site on the ground with a known place';
COMMENT ON COLUMN dim.site.site_id IS 'Name of the site, unique.';
COMMENT ON COLUMN dim.site.kind IS 'What stands there; a community gateway is a gateway. One of: pop, gateway, cloud_region, compute_site.';
COMMENT ON COLUMN dim.site.title IS 'Place, or region code and place.';
COMMENT ON COLUMN dim.site.operator IS 'Who runs it.';
COMMENT ON COLUMN dim.site.constellation IS 'Constellation that lands there. One of: starlink, amazon_leo, oneweb, qianfan, guowang.';
COMMENT ON COLUMN dim.site.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN dim.site.latitude_deg IS 'WGS-84 latitude, of the town or metropolitan area [deg].';
COMMENT ON COLUMN dim.site.longitude_deg IS 'WGS-84 longitude, of the town or metropolitan area [deg].';
COMMENT ON COLUMN dim.site.status IS 'operational, planned, or unverified: named by one source only, or its place read from a code.';
COMMENT ON COLUMN dim.site.confidence IS 'How sure the row is, or how exact its place: metro, town, area (a state or country is all that is told).';
COMMENT ON COLUMN dim.site.source IS 'Source.';
COMMENT ON COLUMN dim.site.source_url IS 'Where the source is.';
COMMENT ON COLUMN dim.site.date_text IS 'When the source said so.';

CREATE TABLE IF NOT EXISTS meta.check (
    day DATE NOT NULL,
    check_id VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    passed BOOLEAN NOT NULL,
    observed DOUBLE,
    bound VARCHAR NOT NULL,
    failed_count BIGINT NOT NULL,
    failed_rows VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    PRIMARY KEY (day, check_id)
);
COMMENT ON TABLE meta.check IS 'one row per day and check of the gate';
COMMENT ON COLUMN meta.check.day IS 'Day that was checked [UTC date].';
COMMENT ON COLUMN meta.check.check_id IS 'Table and rule.';
COMMENT ON COLUMN meta.check.table_name IS 'Table that was checked.';
COMMENT ON COLUMN meta.check.rule IS 'Rule in words; `rows` counts the rows of the table.';
COMMENT ON COLUMN meta.check.severity IS 'What a failure means: critical stops the day, a warning is printed. One of: critical, warning, info.';
COMMENT ON COLUMN meta.check.passed IS 'Whether every row kept the rule.';
COMMENT ON COLUMN meta.check.observed IS 'What was measured: a count, or the worst residual of a law.';
COMMENT ON COLUMN meta.check.bound IS 'What is accepted.';
COMMENT ON COLUMN meta.check.failed_count IS 'Rows that broke the rule.';
COMMENT ON COLUMN meta.check.failed_rows IS 'The first of these rows, as JSON.';
COMMENT ON COLUMN meta.check.message IS 'What happened and what to do; empty when passed.';

CREATE TABLE IF NOT EXISTS meta.delivery (
    day DATE NOT NULL,
    delivery_id VARCHAR NOT NULL,
    delivery VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    recipient_count BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    message VARCHAR NOT NULL,
    PRIMARY KEY (day, delivery_id)
);
COMMENT ON TABLE meta.delivery IS 'one row per day, mail and recipient; a mail that waits in the outbox has one row in all';
COMMENT ON COLUMN meta.delivery.day IS 'Day of the digest [UTC date].';
COMMENT ON COLUMN meta.delivery.delivery_id IS 'Hash of the mail and its recipient (addresses are not stored).';
COMMENT ON COLUMN meta.delivery.delivery IS 'What became of the mail. One of: sent, outbox.';
COMMENT ON COLUMN meta.delivery.message_id IS 'Message-ID, made from the day and the content.';
COMMENT ON COLUMN meta.delivery.recipient_count IS 'Recipients that the row stands for.';
COMMENT ON COLUMN meta.delivery.size_bytes IS 'Size of the mail [bytes].';
COMMENT ON COLUMN meta.delivery.message IS 'Why the mail stays in the outbox; empty when it was sent.';

CREATE TABLE IF NOT EXISTS meta.exclusion (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    row_number BIGINT NOT NULL,
    row_key VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    PRIMARY KEY (day, source, row_number)
);
COMMENT ON TABLE meta.exclusion IS 'one row per day, source and row that was left out, with the reason';
COMMENT ON COLUMN meta.exclusion.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN meta.exclusion.source IS 'Name of the source, or of the step that left the row out.';
COMMENT ON COLUMN meta.exclusion.row_number IS 'Line of the landed file, the header being 1 (in JSON and XML the ordinal of the object plus 1); of a satellite left out later, its catalog number.';
COMMENT ON COLUMN meta.exclusion.row_key IS 'What identifies the row: name and catalog number.';
COMMENT ON COLUMN meta.exclusion.reason IS 'The rule that the row broke.';

CREATE TABLE IF NOT EXISTS meta.landing (
    day DATE NOT NULL,
    source VARCHAR NOT NULL,
    landed_day DATE NOT NULL,
    age_days BIGINT NOT NULL,
    sha256 VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    url VARCHAR NOT NULL,
    fetched_at_utc TIMESTAMP NOT NULL,
    http_status BIGINT,
    licence VARCHAR NOT NULL,
    citation VARCHAR NOT NULL,
    synthetic BOOLEAN NOT NULL,
    PRIMARY KEY (day, source)
);
COMMENT ON TABLE meta.landing IS 'one row per day and source: the landed bytes that the day was made from';
COMMENT ON COLUMN meta.landing.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN meta.landing.source IS 'Name of the source.';
COMMENT ON COLUMN meta.landing.landed_day IS 'Day on which the bytes were landed [UTC date].';
COMMENT ON COLUMN meta.landing.age_days IS 'How much older the bytes are than the day [days].';
COMMENT ON COLUMN meta.landing.sha256 IS 'SHA-256 of the bytes, in hexadecimal.';
COMMENT ON COLUMN meta.landing.size_bytes IS 'Size of the bytes [bytes].';
COMMENT ON COLUMN meta.landing.url IS 'Where the bytes came from.';
COMMENT ON COLUMN meta.landing.fetched_at_utc IS 'When the bytes were landed, or found unchanged [UTC].';
COMMENT ON COLUMN meta.landing.http_status IS 'Status of the provider''s answer; null without a request.';
COMMENT ON COLUMN meta.landing.licence IS 'Terms of use.';
COMMENT ON COLUMN meta.landing.citation IS 'How the provider is credited.';
COMMENT ON COLUMN meta.landing.synthetic IS 'Whether the bytes are a synthetic sample.';

CREATE TABLE IF NOT EXISTS meta.run (
    run_id VARCHAR NOT NULL,
    day DATE NOT NULL,
    started_utc TIMESTAMP NOT NULL,
    finished_utc TIMESTAMP NOT NULL,
    outcome VARCHAR NOT NULL,
    synthetic BOOLEAN NOT NULL,
    catalog_day DATE,
    catalog_age_days BIGINT,
    satellite_count BIGINT,
    excluded_count BIGINT,
    message VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    PRIMARY KEY (run_id)
);
COMMENT ON TABLE meta.run IS 'one row per run of a day, whether it was published or not';
COMMENT ON COLUMN meta.run.run_id IS 'Day and starting time of the run.';
COMMENT ON COLUMN meta.run.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN meta.run.started_utc IS 'Start [UTC].';
COMMENT ON COLUMN meta.run.finished_utc IS 'End [UTC].';
COMMENT ON COLUMN meta.run.outcome IS 'What became of the day. One of: published, withheld, failed.';
COMMENT ON COLUMN meta.run.synthetic IS 'Made from the synthetic sample, not from a real catalog.';
COMMENT ON COLUMN meta.run.catalog_day IS 'Day on which the catalog that was used was landed; null where none was [UTC date].';
COMMENT ON COLUMN meta.run.catalog_age_days IS 'Age of that catalog on the day [days].';
COMMENT ON COLUMN meta.run.satellite_count IS 'Satellites of the five constellations.';
COMMENT ON COLUMN meta.run.excluded_count IS 'Rows left out, listed in meta.exclusion.';
COMMENT ON COLUMN meta.run.message IS 'Why the day was withheld or failed; empty when it was published.';
COMMENT ON COLUMN meta.run.version IS 'Version of skytrunk.';
