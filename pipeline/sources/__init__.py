"""Bytes to frames: one file per source, each with SOURCE, TABLE and parse(bytes)."""
