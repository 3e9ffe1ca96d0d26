-- one row per published day and table
CREATE OR REPLACE VIEW marts.published_table AS
WITH checks AS (
    SELECT * FROM meta.check
),

counted AS (
    SELECT day, table_name, observed::BIGINT AS row_count FROM checks WHERE rule = 'rows'
)

SELECT
    day,
    table_name,
    row_count
FROM counted
ORDER BY day, table_name;

COMMENT ON VIEW marts.published_table IS 'one row per published day and table. How many rows of which table passed the gate. Grids and raw rows of older days are in the published Parquet files, not in this file.';
COMMENT ON COLUMN marts.published_table.day IS 'Published day [UTC date].';
COMMENT ON COLUMN marts.published_table.table_name IS 'Table.';
COMMENT ON COLUMN marts.published_table.row_count IS 'Rows of the day that passed the gate; of a dimension, its rows on that day.';
