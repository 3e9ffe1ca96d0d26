"""Facts of countries with their years, and who is underserved by what they allow."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.io import assets
from pipeline.metrics import country, served
from pipeline.sources import ookla_fixed, world_bank
from tests import factory

DAY = date(2026, 8, 17)
SHIPPED = assets.reference("country_facts")


def landed(*rows: tuple[str, str, int, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=world_bank.TABLE.polars_schema, orient="row")


def fact(frame: pl.DataFrame, code: str) -> dict[str, object]:
    return frame.row(by_predicate=pl.col("iso3") == code, named=True)


def test_without_a_landed_source_the_shipped_facts_stand_with_their_years() -> None:
    frame, groups = country.facts(SHIPPED, world_bank.TABLE.empty(), "")
    assert groups.is_empty()
    assert frame["population_count"].to_list() == SHIPPED["population_count"].to_list()
    row = fact(frame, "AFG")
    assert (
        row["internet_users_year"],
        row["gdp_per_head_ppp_year"],
        row["fixed_broadband_year"],
        row["fixed_download_year"],
    ) == (2025, 2023, 2019, 2024)
    assert row["mobile_subscriptions_per_head"] is None


def test_a_landed_figure_stands_where_it_is_no_older() -> None:
    frame, groups = country.facts(
        SHIPPED,
        landed(("NAM", "IT.NET.BBND.P2", 2023, 0.05), ("NAM", "SP.POP.TOTL", 1999, 5.0), ("NAM", "IT.CEL.SETS.P2", 2023, 1.1), ("WLD", "SP.POP.TOTL", 2024, 1e9), ("AFE", "SP.POP.TOTL", 2024, 7e8)),
        "World Bank",
    )  # fmt: skip
    row = fact(frame, "NAM")
    assert (row["fixed_broadband_per_head"], row["fixed_broadband_year"]) == (0.05, 2023)
    assert (row["mobile_subscriptions_per_head"], row["mobile_subscriptions_year"]) == (1.1, 2023)
    assert row["population_count"] == fact(SHIPPED, "NAM")["population_count"]
    assert "fixed_broadband_per_head of 2023 from World Bank" in str(row["source"])
    assert row["iso2"] == "NA"
    assert groups["row_key"].to_list() == ["AFE", "WLD"]
    assert fact(frame, "DEU")["source"] == fact(SHIPPED, "DEU")["source"]


def test_a_territory_gets_a_row_as_soon_as_a_figure_of_it_is_landed() -> None:
    assert "XKX" not in SHIPPED["iso3"]
    frame, groups = country.facts(
        SHIPPED, landed(("XKX", "IT.NET.USER.ZS", 2023, 0.96), ("ZZZ", "SP.POP.TOTL", 2024, 5.0)), "World Bank"
    )
    row = fact(frame, "XKX")
    assert (row["iso2"], row["country"], row["internet_users_fraction"], row["population_count"]) == (
        "XK",
        "Kosovo",
        0.96,
        None,
    )
    assert groups["row_key"].to_list() == ["ZZZ"]
    assert frame.height == SHIPPED.height + 1


def speeds(*rows: tuple[str, float, int | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=ookla_fixed.TABLE.polars_schema, orient="row")


def test_a_speed_stands_where_its_list_tells_a_year_that_is_no_older() -> None:
    told = speeds(
        ("Namibia", 41.5, 2026), ("Germany", 3.0, 2023), ("Côte d'Ivoire", 50.0, 2024), ("Hong Kong (SAR)", 280.5, 2025)
    )
    frame, unused = country.with_speeds(factory.facts(), told)
    assert unused.is_empty()
    found = {
        code: (fact(frame, code)["fixed_download_median_mbps"], fact(frame, code)["fixed_download_year"])
        for code in ("NAM", "CIV", "HKG")
    }
    assert found == {"NAM": (41.5, 2026), "CIV": (50.0, 2024), "HKG": (280.5, 2025)}
    assert fact(frame, "DEU") == fact(factory.facts(), "DEU")
    assert "Ookla, Speedtest Global Index" in str(fact(frame, "NAM")["source"])


def test_a_speed_without_a_year_fills_a_gap_alone() -> None:
    frame, unused = country.with_speeds(factory.facts(), speeds(("Namibia", 41.5, None), ("Aruba", 70.0, None)))
    assert (
        fact(frame, "NAM")["fixed_download_median_mbps"] == fact(factory.facts(), "NAM")["fixed_download_median_mbps"]
    )
    assert (fact(frame, "ABW")["fixed_download_median_mbps"], fact(frame, "ABW")["fixed_download_year"]) == (70.0, None)
    assert frame.height == factory.facts().height
    assert unused.is_empty()


def test_a_name_that_is_no_country_or_one_twice_is_not_used() -> None:
    told = speeds(("Atlantis", 1.0, 2026), ("United States", 2.0, 2026), ("USA", 3.0, 2026))
    frame, unused = country.with_speeds(factory.facts(), told)
    assert unused["row_key"].to_list() == ["Atlantis", "USA"]
    assert fact(frame, "USA")["fixed_download_median_mbps"] == 2.0


def dim(**columns: object) -> pl.DataFrame:
    made = {"country_iso3": "XXX", "population_count": 100.0, "internet_users_fraction": 0.7, "internet_users_year": 2024, "fixed_broadband_per_head": 0.2, "fixed_broadband_year": 2020, "fixed_download_median_mbps": 120.0, "fixed_download_year": 2024}  # fmt: skip
    return factory.filled(factory.registry.table("dim.country"), [made | columns])


def bounds(frame: pl.DataFrame, threshold: str) -> tuple[object, ...]:
    row = frame.row(by_predicate=pl.col("served_threshold") == threshold, named=True)
    return (
        row["underserved_low_fraction"],
        row["underserved_fraction"],
        row["underserved_high_fraction"],
        row["figure_year"],
    )


def test_bounds_are_those_that_the_figures_allow() -> None:
    frame = served.compute(dim(), DAY)
    assert bounds(frame, "offline") == pytest.approx((0.3, 0.3, 0.3, 2024))
    # 0.2 lines a head: with five people on each all have one, with two 60 % have none.
    assert bounds(frame, "no_fixed_line") == pytest.approx((0, 0.3, 0.6, 2020))
    # The median is above 100: at least half of the lines are, perhaps all.
    low, base, high, year = bounds(frame, "below_100_mbps")
    assert (low, high, year) == (0, pytest.approx(1 - 0.4 * 0.5), 2020)
    assert base == pytest.approx(1 - 0.7 * 0.5724, abs=1e-4)  # a normal below ln 1.2


def test_a_median_below_the_benchmark_says_that_at_most_half_is_above() -> None:
    low, base, high, _ = bounds(served.compute(dim(fixed_download_median_mbps=20.0), DAY), "below_100_mbps")
    assert (low, high) == (0.5, 1)
    assert 0.9 < base < 1
    many = served.compute(dim(fixed_download_median_mbps=20.0, fixed_broadband_per_head=0.3), DAY)
    assert bounds(many, "below_100_mbps")[0] == pytest.approx(
        1 - 0.15 * 5
    )  # the faster half may be the larger households


def test_what_is_not_known_is_null_and_says_so() -> None:
    frame = served.compute(dim(internet_users_fraction=None, fixed_download_median_mbps=None), DAY)
    assert dict(frame.select("served_threshold", "missing").rows()) == {
        "offline": "Internet use",
        "no_fixed_line": None,
        "below_100_mbps": "measured speed",
    }
    assert bounds(frame, "offline") == (None, None, None, None)
    assert bounds(frame, "below_100_mbps") == (None, None, None, None)


@given(st.floats(0, 1), st.floats(0, 0.9), st.floats(0.1, 2_000))
def test_bounds_hold_the_base_and_who_lacks_a_line_lacks_a_fast_one(users: float, lines: float, median: float) -> None:
    frame = served.compute(
        dim(internet_users_fraction=users, fixed_broadband_per_head=lines, fixed_download_median_mbps=median), DAY
    )
    found = {name: bounds(frame, name)[:3] for name in ("offline", "no_fixed_line", "below_100_mbps")}
    for low, base, high in found.values():
        assert 0 <= low <= base + 1e-12 <= high + 2e-12 <= 1 + 3e-12
    for line, fast in zip(found["no_fixed_line"], found["below_100_mbps"], strict=True):
        assert line <= fast + 1e-12


@pytest.mark.realdata
def test_real_values_in_the_form_of_the_api_give_real_countries(shared: Path) -> None:
    folder = shared / "data" / "demand"
    people = list(csv.DictReader((folder / "wb_population_2023.csv").open(encoding="utf-8")))
    income = list(csv.DictReader((folder / "wb_gdp_per_capita_ppp_2023.csv").open(encoding="utf-8")))
    lines = list(
        csv.DictReader(
            io.StringIO(gzip.decompress((folder / "fixed_broadband_penetration.csv.gz").read_bytes()).decode())
        )
    )
    entries = [
        {"indicator": {"id": indicator}, "country": {"value": row[code]}, "countryiso3code": row[code], "date": str(year), "value": row[value] or None}
        for rows, indicator, code, value in (
            (people, "SP.POP.TOTL", "iso3", "population_2023"), (income, "NY.GDP.PCAP.PP.CD", "iso3", "gdp_pcap_ppp_2023"), (lines, "IT.NET.BBND.P2", "Code", "Fixed_broadband_subscriptions_per_100_people"),
        )
        for row in rows
        for year in (row.get("Year", 2023),)
        if len(row[code]) == 3 and row[code] != "WLD"
    ]  # fmt: skip
    content = json.dumps([{"page": 1, "pages": 1}, entries]).encode()
    frame, groups = country.facts(
        SHIPPED.with_columns(population_year=pl.lit(2000)), world_bank.parse(content).frame, "World Bank"
    )
    told = {row["iso3"]: float(row["population_2023"]) for row in people}
    both = [(row["population_count"], told[str(row["iso3"])]) for row in frame.rows(named=True) if row["iso3"] in told]
    assert len(both) > 200
    assert all(ours == theirs for ours, theirs in both)
    assert {"AFE", "ARB", "EUU"} <= set(groups["row_key"])
    assert fact(frame, "NAM")["population_count"] == told["NAM"]


def test_people_offline_are_the_itus_and_those_who_were_so_when_the_shipped_figures_were_made() -> None:
    facts = factory.facts().rename({"iso3": "country_iso3"})
    rows = served.compute(facts, DAY).filter(pl.col("served_threshold") == "offline")
    offline, known = (
        rows["underserved_people_count"].sum(),
        rows.filter(pl.col("missing").is_null())["people_count"].sum(),
    )
    print(f"offline {offline / 1e9:.2f} billion of {known / 1e9:.2f} billion whose use is known")
    # The ITU counts 2.2 billion for 2025. Most shipped figures are of 2017 or before: more people are offline in them.
    assert 2.2e9 < offline < 1.35 * 2.2e9
