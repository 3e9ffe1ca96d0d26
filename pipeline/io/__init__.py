"""The only floor that knows network, disk, DuckDB, Great Expectations, SMTP, environment variables and the clock."""

from pipeline.io import kernel_cache

# Before any kernel is imported.
kernel_cache.settle()
