"""Words and tables: every table is one literal, and DDL, comments, dictionary and validation limits derive from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import polars as pl

# Enumerations: the only spellings that a published table may hold.
CONSTELLATION = ("starlink", "amazon_leo", "oneweb", "qianfan", "guowang")
STATE = ("operational", "raising", "lowering", "decaying", "parked", "unknown")
EVENT = (
    "launched", "first_catalogued", "reached_shell", "left_shell", "decay_predicted", "decayed", "vanished",
    "reappeared", "renamed", "renumbered",
)  # fmt: skip
PREDICTOR = ("model", "best_rank", "median_rank", "constant", "line")
SAMPLE = ("fitted", "judged")
CORRIDOR_KIND = ("ai", "pair")
ACCESS = ("gateway", "terminal", "propagation")
PAYLOAD_CLASS = ("broadband", "direct_to_cell", "test", "high_orbit")
FLOW_STEP = (
    "launched",
    "reappeared",
    "raised",
    "lowered",
    "moved",
    "decayed",
    "vanished",
    "reassessed",
    "other",
    "kept",
)
FLOW_STATE = (*STATE, "absent")
SHELL_KIND = ("shell", "holding")
BASIS = ("observed", "standing", "reconstructed")
BINDING = ("demand", "beam", "satellite", "gateway", "mesh")
DRIVER_KIND = ("drawn", "variant")
CAPACITY_STEP = ("launched", "raised", "lowered", "decayed", "moved", "gateways", "demand", "rest")
SITE_KIND = ("pop", "gateway", "cloud_region", "compute_site")
SEVERITY = ("critical", "warning", "info")
OUTCOME = ("published", "withheld", "failed")
DELIVERY = ("sent", "outbox")
SERVED_THRESHOLD = ("offline", "no_fixed_line", "below_100_mbps")
PRICE_KIND = ("gpu_hour", "gpu_purchase", "token_input", "token_output", "electricity")
PRICE_BASIS = ("landed", "shipped")
POP_REASON = ("feed", "table", "nearest")
PEOPLE_BASIS = ("settlements", "grid")
PLACE_KIND = ("settled", "station", "uninhabited")
# Whether a plan can be had in a country, and where it cannot, why.
MARKET_ACCESS = ("sold", "licensed", "sold_out", "banned")
CLUSTER_STATUS = ("existing", "planned", "decommissioned")
COMPUTE_BASIS = ("data_center", "gpu_cluster")
REGION = ("africa", "asia", "europe", "north_america", "oceania", "south_america")
# Where both ends of a pair lie; "world" is all pairs by one rule, "together" all pairs, each by the rule of its own regions.
REGION_PAIR = (
    "world",
    "together",
    *(f"within_{region}" for region in REGION),
    *(f"{one}_{other}" for k, one in enumerate(REGION) for other in REGION[k + 1 :]),
)
# Pairs of regions that a trunk leads between, and which way traffic goes on it (metrics.trunk says which end is a).
TRUNK = ("atlantic", "pacific", "europe_asia", "africa_europe", "south_north_america")
TRUNK_DIRECTION = ("a_to_b", "b_to_a")
AI_WORKLOAD = ("text", "voice", "image", "video", "documents", "agents")
READINESS = ("access", "trunk", "test_latency", "test_cut", "test_cost", "test_availability")
WORKLOAD_LIMIT = ("latency", "continuity", "rate", "none")
# What operators report (metrics.operator says in which unit), and how a market price is read (metrics.valuation).
OPERATOR_KPI = (
    "subscribers", "markets", "arpu", "revenue", "connectivity_revenue", "connectivity_revenue_share", "ai_revenue", "operating_income",
    "connectivity_operating_income", "ebitda", "connectivity_ebitda_margin", "free_cash_flow", "net_debt", "shares", "capex", "capex_guided",
    "ai_capex", "ai_research", "programme_capex", "launch_contracts", "offering_valuation", "offering_proceeds", "satellites",
    "satellites_planned", "satellites_due", "satellites_authorised", "gateway_sites", "gateway_antennas", "capacity", "capacity_planned",
    "capacity_per_week",
)  # fmt: skip
VALUATION_BASIS = ("quote", "ipo")
ATTRIBUTION = ("whole", "revenue_share")
RIVAL_KIND = ("constellation", "backbone")
TRAFFIC_UNIT = ("million_tokens", "minute_of_voice", "hour_of_video")
NETWORK = ("satellite_sold", "satellite_list", "transit", "access")
MEDIUM = ("subsea", "land")
SCALE_FLEET = ("today", "next_generation")
SCALE_GATEWAYS = ("fixed", "growing")

ENUMERATIONS: dict[str, tuple[str, ...]] = {
    "constellation": CONSTELLATION,
    "state": STATE,
    "event": EVENT,
    "payload_class": PAYLOAD_CLASS,
    "predictor": PREDICTOR,
    "sample": SAMPLE,
    "corridor_kind": CORRIDOR_KIND,
    "access": ACCESS,
    "flow_step": FLOW_STEP,
    "flow_state": FLOW_STATE,
    "shell_kind": SHELL_KIND,
    "basis": BASIS,
    "binding": BINDING,
    "driver_kind": DRIVER_KIND,
    "capacity_step": CAPACITY_STEP,
    "site_kind": SITE_KIND,
    "severity": SEVERITY,
    "outcome": OUTCOME,
    "delivery": DELIVERY,
    "people_basis": PEOPLE_BASIS,
    "place_kind": PLACE_KIND,
    "pop_reason": POP_REASON,
    "served_threshold": SERVED_THRESHOLD,
    "price_kind": PRICE_KIND,
    "price_basis": PRICE_BASIS,
    "market_access": MARKET_ACCESS,
    "ai_workload": AI_WORKLOAD,
    "readiness": READINESS,
    "workload_limit": WORKLOAD_LIMIT,
    "cluster_status": CLUSTER_STATUS,
    "compute_basis": COMPUTE_BASIS,
    "region": REGION,
    "region_pair": REGION_PAIR,
    "trunk": TRUNK,
    "trunk_direction": TRUNK_DIRECTION,
    "operator_kpi": OPERATOR_KPI,
    "valuation_basis": VALUATION_BASIS,
    "attribution": ATTRIBUTION,
    "rival_kind": RIVAL_KIND,
    "traffic_unit": TRAFFIC_UNIT,
    "network": NETWORK,
    "medium": MEDIUM,
    "scale_fleet": SCALE_FLEET,
    "scale_gateways": SCALE_GATEWAYS,
}

# kind -> (DuckDB type, polars type). Instants are UTC without a zone mark.
KINDS: dict[str, tuple[str, pl.DataType]] = {
    "text": ("VARCHAR", pl.String()),
    "integer": ("BIGINT", pl.Int64()),
    "cell": ("UBIGINT", pl.UInt64()),
    "number": ("DOUBLE", pl.Float64()),
    "flag": ("BOOLEAN", pl.Boolean()),
    "day": ("DATE", pl.Date()),
    "instant": ("TIMESTAMP", pl.Datetime("us")),
}

SCHEMAS = ("raw", "core", "dim", "marts", "meta")


class TableError(ValueError):
    """A frame does not fit the table it is meant for."""


@dataclass(frozen=True)
class Column:
    """One column: `low` and `high` are inclusive limits of what is plausible, checked before publication.

    `kind` is a key of KINDS or of ENUMERATIONS (an enumeration is text whose values are closed).
    `unit` is empty for text, flags and pure counts; a fraction is 0..1.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    low: float | None = None
    high: float | None = None
    key: bool = False
    nullable: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS and self.kind not in ENUMERATIONS:
            raise TableError(f"column {self.name}: unknown kind {self.kind!r}")
        if self.key and self.nullable:
            raise TableError(f"column {self.name}: a key cannot be null")

    @property
    def values(self) -> tuple[str, ...] | None:
        """The closed set of values of an enumeration, or None."""
        return ENUMERATIONS.get(self.kind)

    @property
    def sql_type(self) -> str:
        """DuckDB type."""
        return KINDS.get(self.kind, KINDS["text"])[0]

    @property
    def polars_type(self) -> pl.DataType:
        """Polars type."""
        return KINDS.get(self.kind, KINDS["text"])[1]

    @property
    def comment(self) -> str:
        """Meaning, unit and closed values in one sentence, as stored in the database."""
        unit = f" [{self.unit}]" if self.unit else ""
        values = f" One of: {', '.join(self.values)}." if self.values else ""
        return f"{self.meaning}{unit}.{values}"


@dataclass(frozen=True)
class Table:
    """One table: `name` with its schema ("core.coverage_daily"), `grain` as "one row per ...".

    `may_be_empty` says that a day without a row is no fault: nothing need have happened.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    may_be_empty: bool = False

    def __post_init__(self) -> None:
        schema = self.name.partition(".")[0]
        if schema not in SCHEMAS:
            raise TableError(f"table {self.name}: schema must be one of {', '.join(SCHEMAS)}")
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise TableError(f"table {self.name}: a column name repeats")

    @property
    def schema_name(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]

    @property
    def short_name(self) -> str:
        """The part after the dot."""
        return self.name.partition(".")[2]

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns, in order."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def is_daily(self) -> bool:
        """Whether rows belong to a day (else the table is a dimension, replaced as a whole)."""
        return "day" in self.column_names

    @property
    def is_grid(self) -> bool:
        """Whether rows are cells of a day: such tables are published for the last days only."""
        return self.is_daily and "cell_id" in self.key

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Column name -> polars type."""
        return {column.name: column.polars_type for column in self.columns}

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with exactly this table's columns, in order and type, sorted by the key.

        Raises TableError when a column is missing, unknown, of a type that does not convert, or null against the rule.
        """
        missing = [name for name in self.column_names if name not in frame.columns]
        unknown = [name for name in frame.columns if name not in self.column_names]
        if missing or unknown:
            self._refuse(f"missing columns {missing}, unknown columns {unknown}")
        try:
            frame = frame.select(pl.col(name).cast(kind) for name, kind in self.polars_schema.items())
        except pl.exceptions.PolarsError as error:
            raise TableError(f"{self.name}: {error}") from error
        for column in self.columns:
            if not column.nullable and frame[column.name].null_count():
                self._refuse(f"{frame[column.name].null_count()} nulls in {column.name}, which is never null")
        return frame.sort(self.key, maintain_order=True) if self.key else frame

    def empty(self) -> pl.DataFrame:
        """A frame of this table without rows."""
        return pl.DataFrame(schema=self.polars_schema)

    def _refuse(self, why: str) -> NoReturn:
        raise TableError(f"{self.name}: {why}; change the frame or the TABLE that declares it")


def quoted(text: str) -> str:
    """SQL string literal of `text`."""
    return "'" + text.replace("'", "''") + "'"


def ddl(table: Table) -> str:
    """CREATE TABLE and COMMENT ON statements of one table."""
    lines = [f"    {c.name} {c.sql_type}{'' if c.nullable else ' NOT NULL'}" for c in table.columns]
    if table.key:
        lines.append(f"    PRIMARY KEY ({', '.join(table.key)})")
    statements = [f"CREATE TABLE IF NOT EXISTS {table.name} (\n" + ",\n".join(lines) + "\n);"]
    statements.append(f"COMMENT ON TABLE {table.name} IS {quoted(table.grain)};")
    statements += [f"COMMENT ON COLUMN {table.name}.{c.name} IS {quoted(c.comment)};" for c in table.columns]
    return "\n".join(statements) + "\n"


def limit_rules(table: Table) -> dict[tuple[str, str], pl.Expr]:
    """Return (column name, rule) -> an expression that is true (or null) where a row of `table` breaks the rule."""
    rules: dict[tuple[str, str], pl.Expr] = {}
    for c in table.columns:
        col = pl.col(c.name)
        if c.kind == "number":
            rules[c.name, "finite"] = ~col.is_finite()
        if c.low is not None:
            rules[c.name, f">= {c.low:g}"] = col < c.low
        if c.high is not None:
            rules[c.name, f"<= {c.high:g}"] = col > c.high
        if c.values is not None:
            rules[c.name, "closed set"] = ~col.is_in(list(c.values))
    return rules


def limit_violations(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Count, per column of `table`, the rows of `frame` outside its limits, closed values or (for numbers) finiteness.

    Returns a frame: column_name, rule, failed_count. Rows that pass everything give an empty frame.
    """
    checks = limit_rules(table)
    schema = {"column_name": pl.String, "rule": pl.String, "failed_count": pl.Int64}
    if not checks or frame.is_empty():
        return pl.DataFrame(schema=schema)
    counts = frame.select(e.fill_null(value=False).sum().alias(f"{i}") for i, e in enumerate(checks.values())).row(0)
    rows = [(*where, int(n)) for where, n in zip(checks, counts, strict=True) if n]
    return pl.DataFrame(rows, schema=schema, orient="row")


def dictionary(tables: tuple[Table, ...]) -> pl.DataFrame:
    """Return the data dictionary, one row per column: table, grain, column, kind, unit, meaning, key, nullable, low, high."""
    rows = [
        (t.name, t.grain, c.name, c.kind, c.unit, c.meaning, c.key, c.nullable, c.low, c.high)
        for t in tables
        for c in t.columns
    ]
    names = ["table_name", "grain", "column_name", "kind", "unit", "meaning", "key", "nullable", "low", "high"]
    types = [pl.String] * 6 + [pl.Boolean] * 2 + [pl.Float64] * 2
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
