"""The supply of compute: data centres and clusters of AI, by day, country and owner.

Two lists that overlap and are never added up: `data_center` are the largest sites with their places and dated steps of construction,
`gpu_cluster` a wider list by country and owner. What could not be placed is in the region `unplaced`, and listed by name, so that
the sums over regions and owners are those of the landed files.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

import polars as pl

from pipeline.geometry import frames, outline
from pipeline.sources import country_grid
from pipeline.sources.epoch_data_center_timelines import SOURCE as STEPS
from pipeline.sources.epoch_data_centers import SOURCE as CENTERS
from pipeline.sources.epoch_data_centers import distinct
from pipeline.sources.epoch_gpu_clusters import SOURCE as CLUSTERS
from pipeline.table import Column, Table

UNPLACED, UNKNOWN = "unplaced", "unknown"
COAST_KM = 50.0
PLACE_KM = 25.0  # shipped compute sites stand at their town

YEAR_H = 8_766.0

COMPUTE = Table(
    "core.compute_daily",
    "one row per day, list, region and owner: compute that is there and planned",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("compute_basis", "compute_basis", "", "Which list: the two overlap and are never added up", key=True),
        Column("region", "text", "", "ISO 3166-1 alpha-3 code of the country, or unplaced", key=True),
        Column("owner", "text", "", "Who owns it, or unknown", key=True),
        Column("site_count", "integer", "", "Sites or clusters, planned ones too", 0),
        Column(
            "h100_equivalent_count", "number", "", "Compute that is there, in H100s, of those whose compute is known", 0
        ),
        Column("power_mw", "number", "MW", "Power of what is there, of those whose power is known", 0),
        Column("planned_h100_equivalent_count", "number", "", "Compute that is planned beyond that, in H100s", 0),
        Column("planned_power_mw", "number", "MW", "Power that is planned beyond that", 0),
        Column("unknown_count", "integer", "", "Sites or clusters whose compute is not known", 0),
        Column(
            "electricity_fraction",
            "number",
            "1",
            "Power of what is there over the mean power that its country uses; null where that is not landed",
            0,
            nullable=True,
        ),
    ),
    may_be_empty=True,
)

SITE = Table(
    "core.compute_site_daily",
    "one row per day and AI data centre: its size on that day",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("site_id", "text", "", "Name of the site in dim.site", key=True),
        Column("title", "text", "", "Short name"),
        Column("owner", "text", "", "Who owns it, or unknown"),
        Column("country_iso3", "text", "", "ISO 3166-1 alpha-3 code; null in the sea, or where neither coordinates nor country are told", nullable=True),
        Column("latitude_deg", "number", "deg", "WGS-84 latitude", -90, 90, nullable=True),
        Column("longitude_deg", "number", "deg", "WGS-84 longitude", -180, 180, nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute on that day, in H100s", 0, nullable=True),
        Column("power_mw", "number", "MW", "Power on that day", 0, nullable=True),
        Column("planned_h100_equivalent_count", "number", "", "Compute at the last step that is planned, in H100s", 0, nullable=True),
        Column("planned_power_mw", "number", "MW", "Power at the last step that is planned", 0, nullable=True),
        Column("step_day", "day", "UTC date", "Date of the step that the figures are of; null where there is no timeline", nullable=True),
        Column("status_text", "text", "", "What was seen then", nullable=True),
        Column("projected", "flag", "", "Whether that step lies beyond the present of the list: a plan, not an observation"),
    ),
    may_be_empty=True,
)  # fmt: skip

STEP = Table(
    "dim.compute_step",
    "one row per AI data centre and dated step of its construction",
    (
        Column("site_id", "text", "", "Name of the site in dim.site", key=True),
        Column("step_day", "day", "UTC date", "Date of the step", key=True),
        Column("power_mw", "number", "MW", "Power from then on", 0, nullable=True),
        Column("h100_equivalent_count", "number", "", "Compute from then on, in H100s", 0, nullable=True),
        Column("capital_cost_usd", "number", "USD", "Capital cost so far, in dollars of 2025", 0, nullable=True),
        Column("status_text", "text", "", "What was seen or is planned", nullable=True),
        Column("projected", "flag", "", "Whether it lies beyond the present of the list: a plan, not an observation"),
    ),
    may_be_empty=True,
)

# Sites that ship under an identifier of their own keep it, so that series go on. site_id -> Epoch's names, those of its lists of 2025 first.
SITE_NAMES = {
    "compute-xai-colossus-1": ("xAI Colossus 1 Memphis Tennessee", "xAI Colossus 1", "Colossus 1"),
    "compute-xai-colossus-2": ("xAI Colossus 2 Memphis Tennessee", "xAI Colossus 2", "Colossus 2"),
    "compute-stargate-abilene": ("OpenAI-Oracle Stargate Abilene Texas", "OpenAI Stargate Abilene"),
    "compute-rainier-new-carlisle": ("Anthropic-Amazon Project Rainier New Carlisle Indiana", "Anthropic-Amazon New Carlisle"),
    "compute-amazon-canton": ("Amazon Canton Mississippi", "Amazon Madison Mega Site"),
    "compute-fairwater-atlanta": ("Microsoft Fairwater Fayetteville Georgia", "Microsoft Fairwater Atlanta"),
    "compute-fairwater-wisconsin": ("Microsoft Fairwater Mount Pleasant Wisconsin", "Microsoft Fairwater Wisconsin"),
    "compute-meta-prometheus": ("Meta Prometheus New Albany Ohio", "Meta Prometheus"),
    "compute-meta-hyperion": ("Meta Hyperion Holly Ridge Louisiana", "Meta Hyperion"),
    "compute-google-new-albany": ("Google New Albany Ohio", "Google New Albany"),
    "compute-google-pryor": ("Google Mayes County Oklahoma", "Google Pryor", "Google Pryor (North)"),
    "compute-google-omaha": ("Google Omaha Nebraska", "Google Omaha"),
    "compute-alibaba-zhangbei": ("Alibaba Zhangbei Zhangjiakou Hebei", "Alibaba Zhangbei"),
    "compute-stargate-uae": ("OpenAI-Oracle Stargate Abu Dhabi", "OpenAI Stargate UAE"),
}  # fmt: skip
SITE_IDS = {name.lower(): site_id for site_id, names in SITE_NAMES.items() for name in names}
# What lists call countries that dim.country may call otherwise: ISO's, the UN's and the World Bank's words, and those of the street.
COUNTRY_WORDS = {
    "ARE": ("united arab emirates", "uae"),
    "BHS": ("bahamas, the",),
    "BOL": ("bolivia (plurinational state of)", "bolivia, plurinational state of"),
    "BRN": ("brunei", "brunei darussalam"),
    "CHN": ("people's republic of china", "prc", "china, mainland", "mainland china"),
    "CIV": ("côte d'ivoire", "cote d'ivoire", "ivory coast"),
    "COD": ("dr congo", "congo, dem. rep.", "congo (democratic republic of the)", "democratic republic of the congo"),
    "COG": ("congo", "congo, rep.", "republic of the congo"),
    "CPV": ("cape verde", "cabo verde"),
    "CZE": ("czechia", "czech republic"),
    "EGY": ("egypt", "egypt, arab rep."),
    "FSM": ("micronesia", "micronesia (federated states of)", "micronesia, fed. sts."),
    "GBR": ("united kingdom", "uk", "great britain", "united kingdom of great britain and northern ireland"),
    "GMB": ("gambia, the",),
    "HKG": ("hong kong", "hong kong sar", "hong kong, china", "hong kong sar, china"),
    "IRN": ("iran", "iran (islamic republic of)", "iran, islamic republic of", "iran, islamic rep."),
    "KGZ": ("kyrgyzstan", "kyrgyz republic"),
    "KOR": ("south korea", "korea (republic of)", "korea (the republic of)", "republic of korea", "korea, republic of", "korea, rep."),
    "LAO": ("laos", "lao people's democratic republic", "lao pdr"),
    "MAC": ("macau", "macao", "macao sar", "macao sar, china"),
    "MDA": ("moldova", "moldova (republic of)", "moldova, republic of", "republic of moldova"),
    "MKD": ("north macedonia", "macedonia"),
    "MMR": ("myanmar", "burma", "myanmar (burma)"),
    "NLD": ("netherlands", "netherlands (kingdom of)", "holland"),
    "PRK": ("north korea", "korea (democratic people's republic of)", "democratic people's republic of korea", "korea, dem. people's rep."),
    "PSE": ("palestine", "palestine, state of", "west bank and gaza"),
    "RUS": ("russia", "russian federation"),
    "SAU": ("saudi arabia", "ksa"),
    "SVK": ("slovakia", "slovak republic"),
    "SYR": ("syria", "syrian arab republic"),
    "TUR": ("turkey", "türkiye", "turkiye"),
    "TWN": ("taiwan", "taiwan (province of china)", "taiwan, province of china", "taiwan, china", "chinese taipei"),
    "TZA": ("tanzania", "tanzania, united republic of", "united republic of tanzania"),
    "USA": ("united states", "united states of america", "usa", "us", "u.s.", "u.s.a."),
    "VEN": ("venezuela", "venezuela (bolivarian republic of)", "venezuela, rb"),
    "VNM": ("vietnam", "viet nam"),
    "YEM": ("yemen", "yemen, rep."),
}  # fmt: skip
COUNTRY_NAMES = {name: code for code, names in COUNTRY_WORDS.items() for name in names}


def sites(
    centers: pl.DataFrame,
    timelines: pl.DataFrame,
    topology: dict[str, Any],
    day: date,
    country: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Rows of SITE: landed data centres with their country, and their size on the day.

    The country is that of the coordinates, else that which the list names, by the titles of dim.country and COUNTRY_NAMES.

    That is the size of the newest step not after the day, nothing before the first one; without steps the size that the list tells.
    Steps beyond the one that the list tells as the present are plans of its authors, and say so.
    """
    now, last = _sizes(timelines, day)
    both = _in_countries(centers, topology, country_names(country))
    for each in (now, last, _present(centers, timelines)):
        both = both.join(each, on="name", how="left")
    begun = pl.any_horizontal(pl.col(f"planned_{name}").is_not_null() for name in _SIZES)
    told = [
        pl.when(pl.col("step_day").is_not_null()).then(f"{name}_then").when(begun).then(0.0).otherwise(name).alias(name)
        for name in _SIZES
    ]
    rows = both.with_columns(
        *told,
        (pl.col("step_day") > pl.col("present_day")).fill_null(value=False).alias("projected"),
        _site_ids(both).alias("site_id"),
        pl.coalesce("title", "name").alias("title"),
        pl.col("owner").fill_null(UNKNOWN),
        pl.lit(day).alias("day"),
    )
    return SITE.conform(rows.select(SITE.column_names))


def steps(centers: pl.DataFrame, timelines: pl.DataFrame) -> pl.DataFrame:
    """Rows of STEP from the landed lists, of sites that the list of data centres has; `unlike` tells the others."""
    known = centers.select("name", _site_ids(centers).alias("site_id"))
    rows = (
        timelines.join(known, on="name")
        .join(_present(centers, timelines), on="name", how="left")
        .with_columns(
            (pl.col("step_day") > pl.col("present_day")).fill_null(value=False).alias("projected"),
        )
    )
    return STEP.conform(rows.select(STEP.column_names))


def compute(
    rows: pl.DataFrame, clusters: pl.DataFrame, country: pl.DataFrame, day: date, grid: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Rows of COMPUTE from those of SITE, the landed clusters, dim.country and raw.country_grid; and what could not be placed or does not count.

    The latter by source: row_number (of a site its place in SITE), row_key, reason.
    """
    counted, listed = _clusters(clusters, country, day)
    both = pl.concat([_summed(rows.with_columns(pl.lit("data_center").alias("compute_basis"))), _summed(counted)])
    lost = rows.with_row_index("row_number", 1).filter(pl.col("country_iso3").is_null())
    unplaced = lost.select(
        pl.col("row_number").cast(pl.Int64),
        pl.col("title").alias("row_key"),
        pl.lit("it is in no country, by its coordinates or in words: its compute counts as unplaced").alias("reason"),
    )
    frame = COMPUTE.conform(_of_electricity(both, grid).with_columns(pl.lit(day).alias("day")))
    return frame, {CENTERS.name: unplaced, CLUSTERS.name: listed}


def _of_electricity(rows: pl.DataFrame, grid: pl.DataFrame | None) -> pl.DataFrame:
    """With the part of the country's electricity that the power would take, were it drawn all year."""
    used = country_grid.TABLE.empty() if grid is None else grid
    mean = used.select(
        pl.col("country_iso3").alias("region"), (pl.col("electricity_use_gwh") * 1e3 / YEAR_H).alias("mean")
    )
    part = (pl.col("power_mw") / pl.col("mean")).alias("electricity_fraction")
    return rows.join(mean, on="region", how="left", maintain_order="left").with_columns(part).drop("mean")


def site_rows(shipped: pl.DataFrame, rows: pl.DataFrame, date_text: str) -> pl.DataFrame:
    """Rows of dim.site with the landed data centres in place of the shipped compute sites: rows of SITE, those with a place.

    A landed site without coordinates stands where it is shipped under the same site_id. Where no landed site has a place, what is
    shipped stays. A site is operational that has compute on the day, or, where that is not known, power.
    """
    known = shipped.filter(pl.col("kind") == "compute_site")
    town = known.select("site_id", *(pl.col(name).alias(f"town_{name}") for name in _TOWN))
    size = pl.coalesce("h100_equivalent_count", "power_mw")
    exact = pl.col("latitude_deg").is_not_null()
    landed = rows.join(town, on="site_id", how="left").select(
        "site_id",
        pl.lit("compute_site").alias("kind"),
        "title",
        pl.col("owner").alias("operator"),
        pl.lit(None, pl.String).alias("constellation"),
        pl.coalesce("country_iso3", "town_country_iso3").alias("country_iso3"),
        *(
            pl.when(exact).then(name).otherwise(f"town_{name}").alias(name)
            for name in ("latitude_deg", "longitude_deg")
        ),
        pl.when(size > 0).then(pl.lit("operational")).otherwise(pl.lit("planned")).alias("status"),
        pl.when(exact).then(pl.lit("site")).otherwise("town_confidence").alias("confidence"),
        pl.lit(f"{CENTERS.citation.split(',')[0]}, Frontier Data Centers ({CENTERS.licence})").alias("source"),
        pl.lit(CENTERS.citation.rsplit(", ", 1)[-1]).alias("source_url"),
        pl.lit(date_text).alias("date_text"),
    )
    placed = landed.filter(pl.col("latitude_deg").is_not_null())
    if placed.is_empty():
        return shipped
    return pl.concat([shipped.filter(pl.col("kind") != "compute_site"), placed.select(shipped.columns)])


def unlike(
    shipped: pl.DataFrame,
    centers: pl.DataFrame,
    timelines: pl.DataFrame,
    rows: pl.DataFrame,
    within_km: float = PLACE_KM,
) -> dict[str, pl.DataFrame]:
    """What does not fit together, by source as row_number, row_key, reason; nothing of it is left out of a table but the first.

    Steps of sites that the list of data centres has not; and rows of SITE that lie further than `within_km` from where they are shipped.
    """
    lost = timelines.join(centers, on="name", how="anti").group_by("name").agg(pl.len().alias("steps")).sort("name")
    reason = pl.format("no data centre of that name is listed: its {} steps do not count", "steps")
    both = rows.join(shipped, on="site_id", suffix="_town").filter(pl.col("latitude_deg").is_not_null()).sort("site_id")
    ends = [both[f"{name}_deg{end}"].to_numpy() for end in ("", "_town") for name in ("latitude", "longitude")]
    away = both.with_columns(pl.Series("away_km", frames.great_circle_km(*ends), pl.Float64))
    moved = away.filter(pl.col("away_km") > within_km)
    far = pl.format(
        "it is listed {} km from where it ships: the listed place stands", pl.col("away_km").round(0).cast(pl.Int64)
    )
    return {
        STEPS.name: _listed(lost, pl.col("name"), reason),
        CENTERS.name: _listed(moved, pl.col("site_id"), far),
    }


def _listed(frame: pl.DataFrame, key: pl.Expr, reason: pl.Expr) -> pl.DataFrame:
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number")
    return frame.select(number, key.alias("row_key"), reason.alias("reason"))


_TOWN = ("country_iso3", "latitude_deg", "longitude_deg", "confidence")
_SIZES = ("power_mw", "h100_equivalent_count")


def _in_countries(centers: pl.DataFrame, topology: dict[str, Any], names: dict[str, str]) -> pl.DataFrame:
    """Data centres with country_iso3: by outline, off the coast by the nearest one within COAST_KM, without coordinates by its name."""
    placed = centers.filter(pl.col("latitude_deg").is_not_null())
    latitude_deg, longitude_deg = (placed[name].to_numpy() for name in ("latitude_deg", "longitude_deg"))
    codes = outline.holders(outline.countries(topology), latitude_deg, longitude_deg, COAST_KM)
    held = placed.select("name", pl.Series("country_iso3", codes, pl.String))
    told = pl.when(pl.col("latitude_deg").is_null()).then(country_code(names))
    return centers.join(held, on="name", how="left").with_columns(
        pl.coalesce("country_iso3", told).alias("country_iso3")
    )


def country_names(country: pl.DataFrame | None) -> dict[str, str]:
    """Lower-case name of a country -> its code: titles of dim.country, and COUNTRY_NAMES where they differ."""
    titles = [] if country is None else country.select(pl.col("title").str.to_lowercase(), "country_iso3").rows()
    return dict(titles) | COUNTRY_NAMES


def country_code(names: dict[str, str], column: str = "country") -> pl.Expr:
    """Code of the country that a column names; null where none of `names` is meant."""
    word = pl.col(column).str.strip_chars().str.to_lowercase().str.replace_all("’", "'", literal=True)
    word = word.str.replace(r"\s*\((the|sar)\)$", "").str.replace(r"^the\s+", "")
    return word.replace_strict(names, default=None, return_dtype=pl.String)


def _sizes(timelines: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Size of each site after its newest step not after the day (`..._then`), and after its last one (`planned_...`)."""
    steps = timelines.sort("name", "step_day").with_columns(pl.col(name).forward_fill().over("name") for name in _SIZES)
    now = steps.filter(pl.col("step_day") <= day).group_by("name").last()
    then = [pl.col(name).alias(f"{name}_then") for name in _SIZES]
    return now.select("name", "step_day", "status_text", *then), steps.group_by("name").agg(
        pl.col(name).last().alias(f"planned_{name}") for name in _SIZES
    )


def _present(centers: pl.DataFrame, timelines: pl.DataFrame) -> pl.DataFrame:
    """Date of the newest step of each site that has the compute that the list itself tells, else of the newest with no more than that.

    By compute alone: the power of a list may be that of the computers. Where the list tells none, by power.
    """
    steps = timelines.select("name", "step_day", *(pl.col(name).alias(f"{name}_then") for name in _SIZES))
    both = steps.join(centers.select("name", *_SIZES), on="name")
    beyond = pl.coalesce(*((pl.col(f"{name}_then") - pl.col(name)) / (1 + pl.col(name)) for name in reversed(_SIZES)))
    newest = [pl.col("step_day").filter(rule).max() for rule in (beyond.abs() <= 1e-6, beyond <= 1e-6)]
    return both.group_by("name").agg(pl.coalesce(*newest).alias("present_day"))


def _site_ids(centers: pl.DataFrame) -> pl.Series:
    """Names of sites in dim.site, (n,): those that ship, else of the short name's letters; a number makes them unique, by Epoch's names."""
    ordered = centers.select("name", pl.coalesce("title", "name").alias("short")).with_row_index("at").sort("name")
    ids = distinct([_site_id(*names) for names in ordered.select("name", "short").rows()], "{}-{}")
    return ordered.with_columns(pl.Series("site_id", ids, pl.String)).sort("at")["site_id"]


def _site_id(name: str, short: str) -> str:
    known = SITE_IDS.get(name.lower()) or SITE_IDS.get(short.lower())
    plain = "".join(c for c in unicodedata.normalize("NFKD", short.lower()) if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", "-", plain).strip("-")
    return known or f"compute-{words or 'site'}"


def _clusters(clusters: pl.DataFrame, country: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clusters that count, with region and compute there and planned; and those that do not, or have no country, with the reason."""
    code = country_code(country_names(country)).alias("country_iso3")
    there = (pl.col("cluster_status") == "existing") & (pl.col("first_operational_day") <= day).fill_null(value=True)
    planned = (pl.col("cluster_status") != "decommissioned") & ~there
    why = (
        pl.when("withdrawn").then(pl.lit("Epoch excludes it: it does not count"))
        .when("possible_duplicate").then(pl.lit("Epoch takes it for one that is listed elsewhere: it does not count"))
        .when(pl.col("cluster_status") == "decommissioned").then(pl.lit("it is decommissioned: it does not count"))
        .when(pl.col("country").is_null()).then(pl.lit("its country is not told: it counts as unplaced"))
        .when(pl.col("country_iso3").is_null()).then(pl.format("its country '{}' is not known here: it counts as unplaced", "country"))
    )  # fmt: skip
    rows = clusters.with_columns(code).with_columns(why.alias("reason"))
    listed = rows.filter(pl.col("reason").is_not_null())
    counted = rows.filter(
        ~pl.col("withdrawn") & ~pl.col("possible_duplicate"), pl.col("cluster_status") != "decommissioned"
    )
    return counted.with_columns(
        pl.lit("gpu_cluster").alias("compute_basis"),
        pl.col("owner").fill_null(UNKNOWN),
        pl.col("h100_equivalent_count").is_null().alias("unknown"),
        *(pl.when(planned).then(name).otherwise(0.0).alias(f"planned_{name}") for name in _SIZES),
        *(pl.when(there).then(name).otherwise(0.0).alias(name) for name in _SIZES),
    ), listed.select(pl.col("line_number").alias("row_number"), pl.col("name").alias("row_key"), "reason")


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums by list, region and owner; of a data centre what is planned goes beyond what is there."""
    is_center = pl.col("compute_basis") == "data_center"
    beyond = [
        pl.when(is_center)
        .then((pl.col(f"planned_{n}") - pl.col(n)).clip(0))
        .otherwise(f"planned_{n}")
        .alias(f"planned_{n}")
        for n in _SIZES
    ]
    unknown = pl.col("unknown") if "unknown" in rows.columns else pl.col("h100_equivalent_count").is_null()
    return (
        rows.with_columns(*beyond, unknown.alias("unknown"), pl.col("country_iso3").fill_null(UNPLACED).alias("region"))
        .group_by("compute_basis", "region", "owner", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("site_count"),
            *(pl.col(name).sum() for n in _SIZES for name in (n, f"planned_{n}")),
            pl.col("unknown").sum().cast(pl.Int64).alias("unknown_count"),
        )
    )
