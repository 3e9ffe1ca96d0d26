"""The peers of the benchmarks: their environments, and the processes that they run in."""
