"""Great Expectations, kept to one file: the limits of a TABLE as expectations, judged on small pandas frames."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.table import Column, Table

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation


@dataclass(frozen=True)
class Broken:
    """One expectation that a small table did not meet; `row_numbers` are positions in the frame."""

    table: str
    rule: str
    failed_count: int
    row_numbers: list[int]


def judge(counts: pl.DataFrame, small: dict[Table, pl.DataFrame]) -> tuple[set[int], list[Broken]]:
    """Bound every column of `counts` (failed rows per finding) by 0, and hold each small table to its TABLE.

    Returns the row numbers of `counts` that failed, and what is broken in the small tables.
    """
    gx = _library()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    data = context.data_sources.add_pandas("skytrunk")
    none_failed = [_between(name, None, 0, severity=name.partition("_")[0]) for name in counts.columns]
    outcome = _validate(gx, context, data, "findings", counts, none_failed)
    failed = {number for result in outcome if not result.success for number in _row_numbers(result)}
    broken: list[Broken] = []
    for table, frame in small.items():
        shown = frame.drop("day")  # one day in all; pandas has no date type
        outcome = _validate(gx, context, data, table.name, shown, expectations_of(table))
        broken += [_broken(table, result) for result in outcome if not result.success]
    return failed, broken


def expectations_of(table: Table) -> list[Expectation]:
    """Limits, closed sets and the key of a daily table, as critical expectations.

    Nulls and NaN are one thing in pandas, so both are asked about before, in polars.
    """
    _library()
    import great_expectations.expectations as gxe

    key = [name for name in table.key if name != "day"]
    wanted: list[Expectation] = [_unique(key)]
    for column in table.columns:
        if column.values:
            wanted.append(
                gxe.ExpectColumnValuesToBeInSet(
                    column=column.name, value_set=list(column.values), meta=_meta(column.name, "closed set")
                )
            )
        if column.low is not None or column.high is not None:
            wanted.append(_between(column.name, column.low, column.high, rule=_limits(column)))
    return wanted


def _library() -> Any:
    """Import Great Expectations (seconds), silent and without its analytics."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # its own import sets another level
    return great_expectations


def _validate(gx: Any, context: Any, data: Any, name: str, frame: pl.DataFrame, wanted: list[Expectation]) -> list[Any]:
    batch = data.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=wanted))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batch, suite=suite))
    outcome = definition.run(batch_parameters={"dataframe": frame.to_pandas()}, result_format="COMPLETE")
    for result in outcome.results:
        if result.exception_info and result.exception_info.get("raised_exception"):
            raise RuntimeError(
                f"Great Expectations could not check {name}: {result.exception_info['exception_message']}"
            )
    return list(outcome.results)


def _between(
    name: str, low: float | None, high: float | None, *, rule: str = "", severity: str = "critical"
) -> Expectation:
    import great_expectations.expectations as gxe

    limits: dict[str, Any] = {"min_value": low, "max_value": high, "severity": severity}
    return gxe.ExpectColumnValuesToBeBetween(column=name, meta=_meta(name, rule), **limits)


def _unique(key: list[str]) -> Expectation:
    import great_expectations.expectations as gxe

    meta = _meta(", ".join(key), "one row per key")
    if len(key) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=key[0], meta=meta)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=key, meta=meta)


def _meta(name: str, rule: str) -> dict[str, str]:
    return {"rule": f"{name} {rule}".strip()}


def _limits(column: Column) -> str:
    parts = [
        f">= {column.low:g}" if column.low is not None else "",
        f"<= {column.high:g}" if column.high is not None else "",
    ]
    return " and ".join(part for part in parts if part)


def _row_numbers(result: Any) -> list[int]:
    return [int(number) for number in result.result.get("unexpected_index_list") or []]


def _broken(table: Table, result: Any) -> Broken:
    rule = result.expectation_config.meta["rule"]
    return Broken(table.name, rule, int(result.result.get("unexpected_count") or 0), _row_numbers(result))
