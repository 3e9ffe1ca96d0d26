-- one row per day, constellation and country or territory whose rank is known
CREATE OR REPLACE VIEW marts.underserved_market AS
WITH market AS (
    SELECT * FROM core.market_daily
),

country AS (
    SELECT * FROM dim.country
)

SELECT
    market.day,
    market.constellation,
    market.rank_number,
    market.rank_low_number,
    market.rank_high_number,
    market.country_iso3,
    country.title AS country_title,
    country.region,
    country.income_level,
    market.people_count,
    market.no_fixed_line_low_people_count,
    market.no_fixed_line_people_count,
    market.no_fixed_line_high_people_count,
    market.no_fixed_line_reachable_people_count,
    market.newly_reachable_people_count,
    market.before_day,
    market.market_access,
    market.cost_usd_per_month,
    market.price_of_income_fraction,
    market.price_as_of_text,
    market.price_note,
    market.affordable_market_people_count,
    market.affordable_rank_number,
    market.affordable_rank_low_number,
    market.affordable_rank_high_number,
    market.served_fraction
FROM market
LEFT JOIN country ON market.country_iso3 = country.country_iso3
WHERE market.rank_number IS NOT NULL
ORDER BY market.day, market.constellation, market.rank_number;

COMMENT ON VIEW marts.underserved_market IS 'one row per day, constellation and country or territory whose rank is known. Markets by people without a fixed line and within reach, with the interval of the rank; banned ones are left out.';
COMMENT ON COLUMN marts.underserved_market.day IS 'Day of the run [UTC date].';
COMMENT ON COLUMN marts.underserved_market.constellation IS 'Constellation.';
COMMENT ON COLUMN marts.underserved_market.rank_number IS 'Rank by people without a fixed line and within reach; 1 is the largest.';
COMMENT ON COLUMN marts.underserved_market.rank_low_number IS 'Best rank: 10th percentile over draws between low and high of every country.';
COMMENT ON COLUMN marts.underserved_market.rank_high_number IS 'Worst rank: 90th percentile over the same draws.';
COMMENT ON COLUMN marts.underserved_market.country_iso3 IS 'ISO 3166-1 alpha-3 code.';
COMMENT ON COLUMN marts.underserved_market.country_title IS 'English name of the country or territory.';
COMMENT ON COLUMN marts.underserved_market.region IS 'World Bank region; null for territories without figures.';
COMMENT ON COLUMN marts.underserved_market.income_level IS 'World Bank income level; null for territories without figures.';
COMMENT ON COLUMN marts.underserved_market.people_count IS 'People [people].';
COMMENT ON COLUMN marts.underserved_market.no_fixed_line_low_people_count IS 'People who live without a fixed broadband line, the least that the figures allow [people].';
COMMENT ON COLUMN marts.underserved_market.no_fixed_line_people_count IS 'The same, base [people].';
COMMENT ON COLUMN marts.underserved_market.no_fixed_line_high_people_count IS 'The same, the most [people].';
COMMENT ON COLUMN marts.underserved_market.no_fixed_line_reachable_people_count IS 'Those of them, base, who are within reach of the constellation, sold there or not; taken to be independent [people].';
COMMENT ON COLUMN marts.underserved_market.newly_reachable_people_count IS 'People within reach who were not on the day before; null on a first day [people].';
COMMENT ON COLUMN marts.underserved_market.before_day IS 'The last landed day before [UTC date].';
COMMENT ON COLUMN marts.underserved_market.market_access IS 'Whether a plan can be had: sold, licensed, sold_out; null where it is not known.';
COMMENT ON COLUMN marts.underserved_market.cost_usd_per_month IS 'Plan and terminal, the latter paid off over 36 months; null without a price [USD/month].';
COMMENT ON COLUMN marts.underserved_market.price_of_income_fraction IS 'That cost over income per head and month in dollars, which is estimated [1].';
COMMENT ON COLUMN marts.underserved_market.price_as_of_text IS 'Date of the price.';
COMMENT ON COLUMN marts.underserved_market.price_note IS 'Stale when the price is older than a year, or that it is of a later date than the day; null when neither.';
COMMENT ON COLUMN marts.underserved_market.affordable_market_people_count IS 'People without a fixed line and within reach who can pay at 5 % of income; estimated, too high; null without a price [people].';
COMMENT ON COLUMN marts.underserved_market.affordable_rank_number IS 'Rank by these, among the countries with a known price.';
COMMENT ON COLUMN marts.underserved_market.affordable_rank_low_number IS 'Best such rank over the draws.';
COMMENT ON COLUMN marts.underserved_market.affordable_rank_high_number IS 'Worst such rank over the draws.';
COMMENT ON COLUMN marts.underserved_market.served_fraction IS 'What the constellation could serve of all broadband demand of the country, in a fair share [1].';
