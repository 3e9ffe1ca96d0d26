"""The only floor that knows network, disk, DuckDB, Great Expectations, SMTP, environment variables and the clock."""
