"""What operators report: figures from their filings, in a list that the user lands."""

from __future__ import annotations

import polars as pl

from pipeline.formats import records
from pipeline.formats.rows import Form
from pipeline.source import Parsed, Source
from pipeline.table import Column, Table

SOURCE = Source(
    name="operator_filings",
    title="Figures from operators' filings",
    address="https://www.sec.gov/cgi-bin/browse-edgar",
    licence="that of the list that you land",
    citation="the filing of each row, as the landed list names it",
    cadence="by hand",
    missing="newer figures of operators: the shipped ones stand, each with its period and filing",
    by_hand=True,
    limit_bytes=2**24,
)

TABLE = Table(
    "raw.operator_filings",
    "one row per line of the list",
    (
        Column("row_number", "integer", "", "Line of the landed file, the header being 1", key=True),
        Column("operator", "text", "", "Who reports"),
        Column("kpi_text", "text", "", "What is reported, as the list says"),
        Column("region", "text", "", "ISO 3166-1 alpha-3 code, or world"),
        Column("period_start_day", "day", "UTC date", "First day of the period"),
        Column("period_end_day", "day", "UTC date", "Last day of the period"),
        Column("reported_value", "number", "", "The figure, in the unit beside it"),
        Column("unit", "text", "", "Unit, as the list says"),
        Column("filing", "text", "", "Filing that says so"),
        Column("filed_day", "day", "UTC date", "Day on which it was filed"),
        Column("source_url", "text", "", "Where the filing is", nullable=True),
    ),
    may_be_empty=True,
)

# Fields whose name in the file is that of our column are read under another one, for both are held side by side.
_READ = "_read"
FORM = Form(
    source_name=SOURCE.name,
    header_name="a header of filings",
    fields={
        "operator": Column(f"operator{_READ}", "text", "", ""),
        "kpi": Column("kpi_text", "text", "", ""),
        "period_start": Column("period_start_day", "day", "", ""),
        "period_end": Column("period_end_day", "day", "", ""),
        "value": Column("reported_value", "number", "", ""),
        "unit": Column(f"unit{_READ}", "text", "", ""),
        "filing": Column(f"filing{_READ}", "text", "", ""),
        "filed_day": Column(f"filed_day{_READ}", "day", "", ""),
        "region": Column(f"region{_READ}", "text", "", ""),
        "address": Column("source_url", "text", "", ""),
    },
    name_field="operator",
    number_field="kpi",
    may_be_empty=["region", "address"],
    may_be_absent=["region", "address"],
    unreadable_fraction=0.5,
)


def parse(data: bytes) -> Parsed:
    """Read landed CSV with the columns operator, kpi, period_start, period_end, value, unit, filing and filed_day; region and address may be there.

    Whether a figure is known, its unit fits and its days are in order is judged where it is used (metrics.operator.compute), which names
    every row that is not. Raises SourceError when the bytes are no such list.
    """
    found = records.read(data, FORM)
    kept = found.kept.rename(lambda name: name.removesuffix(_READ)).with_columns(pl.col("region").fill_null("world"))
    return Parsed(TABLE.conform(kept.select(TABLE.column_names)), found.excluded)
