"""The only floor that knows network, disk, DuckDB, Great Expectations, SMTP, environment variables and the clock."""

from pipeline.io import kernels

# Before any kernel is imported.
kernels.settle()
