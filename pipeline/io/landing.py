"""Landing: one request per source and day; bytes kept unchanged on disk, with a JSON sidecar that says where they came from."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

import pipeline
from pipeline.io.fetch import (
    GZIP_ERRORS,
    LIMITS,
    FetchError,
    Limits,
    Reply,
    allowed,
    fetch,
    gunzip,
    public,
    says_unchanged,
)
from pipeline.io.home import Home, HomeError, write_bytes, write_text
from pipeline.io.settings import Settings
from pipeline.source import Source
from pipeline.table import Column, Table

TABLE = Table(
    "meta.landing",
    "one row per day and source: the landed bytes that the day was made from",
    (
        Column("day", "day", "UTC date", "Day of the run", key=True),
        Column("source", "text", "", "Name of the source", key=True),
        Column("landed_day", "day", "UTC date", "Day on which the bytes were landed"),
        Column("age_days", "integer", "days", "How much older the bytes are than the day", 0),
        Column("sha256", "text", "", "SHA-256 of the bytes, in hexadecimal"),
        Column("size_bytes", "integer", "bytes", "Size of the bytes", 0),
        Column("url", "text", "", "Where the bytes came from"),
        Column("fetched_at_utc", "instant", "UTC", "When the bytes were landed, or found unchanged"),
        Column("http_status", "integer", "", "Status of the provider's answer; null without a request", 100, 599, nullable=True),
        Column("licence", "text", "", "Terms of use"),
        Column("citation", "text", "", "How the provider is credited"),
        Column("synthetic", "flag", "", "Whether the bytes are a synthetic sample"),
    ),
)  # fmt: skip

SIDECAR = re.compile(r"[0-9a-f]{64}\.json")
ATTEMPTS = "attempts.json"
INSTALLED = ("package:", "shipped:")


class LandingError(RuntimeError):
    """A source could not be landed for a day. `retry` says whether the scheduler may try again later."""

    def __init__(self, message: str, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


@dataclass(frozen=True)
class Landed:
    """Landed bytes: the day they stand for, the day they were landed, where they lie and where they came from."""

    source: str
    day: date
    landed_day: date
    path: Path
    sha256: str
    size_bytes: int
    url: str
    fetched_at_utc: datetime
    http_status: int | None
    synthetic: bool
    licence: str = ""
    citation: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def age_days(self) -> int:
        """How many days older the bytes are than the day they stand for."""
        return (self.day - self.landed_day).days


def land(
    settings: Settings, source: Source, day: date, *, now: datetime | None = None, limits: Limits = LIMITS
) -> Landed:
    """Land a source for a UTC day: from the network at most once, or record what the installation ships.

    A landed day is returned as it is. `now` is the instant of landing [UTC] (default: the clock).
    Raises LandingError when nothing can be landed, HomeError when the home cannot be written.
    """
    source = _addressed(settings, source)
    if source.address.startswith(INSTALLED):
        return _land_installed(settings, source, day, _utc(now))
    if done := landed(settings, source, day):
        return done
    where = f"{source.name} {day}"
    if settings.offline:
        raise LandingError(f"{where} is not landed and offline no network is used: {_by_hand(source, day)}")
    if day != _utc(now).date():
        raise LandingError(
            f"{where} is not landed and the provider serves only today's ({_utc(now).date()}): {_by_hand(source, day)}"
        )
    with _alone(settings, source):
        return landed(settings, source, day) or _ask(settings, source, day, _utc(now), limits)


def land_file(settings: Settings, source: Source, day: date, path: Path, *, now: datetime | None = None) -> Landed:
    """Land a file that the user has, plain or gzip, for a UTC day; what is in it is looked at later.

    Raises LandingError when it cannot be read, is too large, or differs from what the day has landed already.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(source.limit_bytes + 1)
    except OSError as error:
        raise LandingError(f"{path} cannot be read ({error.strerror or error}): check the path after --file") from error
    if content[:2] == b"\x1f\x8b" and len(content) <= source.limit_bytes:
        try:
            content = gunzip(io.BytesIO(content), source.limit_bytes)
        except GZIP_ERRORS as error:
            raise LandingError(f"{path} is a broken gzip file ({error}): get it again, then land it") from error
    if len(content) > source.limit_bytes:
        raise LandingError(
            f"{path} holds more than the {source.limit_bytes:,} bytes that {source.name} may have: check the file"
        )
    return land_bytes(settings, source, day, content, url=f"file:{path.name}", now=now)


def land_bytes(
    settings: Settings,
    source: Source,
    day: date,
    content: bytes,
    *,
    url: str,
    synthetic: bool = False,
    now: datetime | None = None,
) -> Landed:
    """Land bytes at hand for a UTC day; `url` says where they came from.

    The same bytes again change nothing. Raises LandingError when the day has landed other bytes.
    """
    with _alone(settings, source):
        return _store(settings, source, day, content, _utc(now), url=url, synthetic=synthetic)


def landed(settings: Settings, source: Source, day: date) -> Landed | None:
    """Return what is landed for exactly that day (perhaps bytes of an earlier day that were found unchanged), or None.

    Raises LandingError when the record is damaged or its bytes are gone.
    """
    folder = Home(settings.home).landing(source.name, day)
    sidecars = _sidecars(folder)
    if len(sidecars) > 1:
        raise LandingError(f"{folder} has {len(sidecars)} sidecars where one belongs: {_move_aside(folder)}")
    return _from_sidecar(settings, sidecars[0]) if sidecars else None


def standing(settings: Settings, source: Source, day: date) -> Landed | None:
    """Return what stands for a day: its own bytes, else the newest earlier ones, none older than `source.stands_days`."""
    item = landed(settings, source, day) or _newest_before(settings, source, day)
    if item is None:
        return None
    item = replace(item, day=day)
    return item if source.stands_days is None or item.age_days <= source.stands_days else None


def read(item: Landed) -> bytes:
    """Return landed bytes. Raises LandingError when they are gone or no longer those of the sidecar."""
    try:
        content = item.path.read_bytes()
    except OSError as error:
        raise LandingError(
            f"{item.path} cannot be read ({error.strerror or error}): land {item.source} again"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != item.sha256:
        remedy = (
            f"land {item.source} {item.day} again" if item.url.startswith(INSTALLED) else _move_aside(item.path.parent)
        )
        raise LandingError(f"{item.path} has hash {found[:12]} but was landed as {item.sha256[:12]}: {remedy}")
    return content


def rows(items: list[Landed], day: date) -> pl.DataFrame:
    """Return the landed items that a day is made from, as meta.landing."""
    names = [name for name in TABLE.column_names if name != "day"]
    records = [(day, *(getattr(replace(item, day=day), name) for name in names)) for item in items]
    frame = pl.DataFrame(records, schema={n: TABLE.polars_schema[n] for n in ("day", *names)}, orient="row")
    return TABLE.conform(frame)


# --- what is on disk -------------------------------------------------------------------------------------------------


def _store(
    settings: Settings,
    source: Source,
    day: date,
    content: bytes,
    now: datetime,
    *,
    url: str,
    synthetic: bool = False,
    reply: Reply | None = None,
) -> Landed:
    digest = hashlib.sha256(content).hexdigest()
    folder = Home(settings.home).landing(source.name, day)
    if done := landed(settings, source, day):
        if done.sha256 == digest:
            return done
        raise LandingError(
            f"{source.name} {day} has landed other bytes (landed {done.sha256[:12]}, new {digest[:12]}): {_move_aside(folder)}"
        )
    # A sidecar is named <sha256>.json, so landed JSON needs another name.
    name = f"{digest}.{'data.json' if source.suffix == 'json' else source.suffix}"
    item = Landed(
        source=source.name,
        day=day,
        landed_day=day,
        path=write_bytes(folder / name, content),
        sha256=digest,
        size_bytes=len(content),
        url=url,
        fetched_at_utc=now,
        http_status=reply.status if reply else None,
        synthetic=synthetic,
        licence=source.licence,
        citation=source.citation,
        etag=reply.etag if reply else "",
        last_modified=reply.last_modified if reply else "",
    )
    return _settle(folder, item)


def _settle(folder: Path, item: Landed) -> Landed:
    """Write the sidecar, which makes the day landed, and forget failed attempts."""
    note = {
        "source": item.source,
        "day": item.day.isoformat(),
        "landed_day": item.landed_day.isoformat(),
        "file": item.path.name,
        "sha256": item.sha256,
        "bytes": item.size_bytes,
        "url": item.url,
        "fetched_at_utc": item.fetched_at_utc.isoformat() + "Z",
        "http_status": item.http_status,
        "etag": item.etag or None,
        "last_modified": item.last_modified or None,
        "licence": item.licence,
        "citation": item.citation,
        "synthetic": item.synthetic,
    }
    write_text(folder / f"{item.sha256}.json", json.dumps(note, indent=2, ensure_ascii=False) + "\n")
    with contextlib.suppress(OSError):
        (folder / ATTEMPTS).unlink(missing_ok=True)
    return item


def _from_sidecar(settings: Settings, sidecar: Path) -> Landed:
    try:
        note = json.loads(sidecar.read_text())
        item = Landed(
            source=note["source"],
            day=date.fromisoformat(note["day"]),
            landed_day=date.fromisoformat(note["landed_day"]),
            path=_bytes_path(settings, note),
            sha256=note["sha256"],
            size_bytes=note["bytes"],
            url=note["url"],
            fetched_at_utc=datetime.fromisoformat(note["fetched_at_utc"]).replace(tzinfo=None),
            http_status=note["http_status"],
            synthetic=note["synthetic"],
            licence=note["licence"],
            citation=note["citation"],
            etag=note["etag"] or "",
            last_modified=note["last_modified"] or "",
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LandingError(f"{sidecar} cannot be read ({error!r}): {_move_aside(sidecar.parent)}") from error
    if not item.path.is_file():
        raise LandingError(
            f"{item.source} {item.day} stands on {item.path}, which is gone: put it back, or {_move_aside(sidecar.parent)}"
        )
    return item


def _bytes_path(settings: Settings, note: Mapping[str, Any]) -> Path:
    if note["url"].startswith(INSTALLED):
        return _installed_path(note["url"])
    return Home(settings.home).landing(note["source"], date.fromisoformat(note["landed_day"])) / note["file"]


def _sidecars(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if SIDECAR.fullmatch(path.name))


def _newest_before(settings: Settings, source: Source, day: date) -> Landed | None:
    """Return the newest sound record before a day; a synthetic sample stands for no day but its own."""
    days = []
    for folder in Home(settings.home).landing(source.name, day).parent.glob("*-*-*"):
        with contextlib.suppress(ValueError):
            days.append(date.fromisoformat(folder.name))
    for earlier in sorted((d for d in days if d < day), reverse=True):
        with contextlib.suppress(LandingError):
            item = landed(settings, source, earlier)
            if item and not item.synthetic:
                return item
    return None


@contextlib.contextmanager
def _alone(settings: Settings, source: Source) -> Iterator[None]:
    """Hold the source's lock file: of two processes at once, the second finds the day landed."""
    path = Home(settings.home).root / "landing" / source.name / ".lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise HomeError(
            f"cannot lock {path} ({error.strerror or error}): choose another folder with --home or SKYTRUNK_HOME"
        ) from error
    with lock:
        yield


# --- what the installation ships -------------------------------------------------------------------------------------


def _land_installed(settings: Settings, source: Source, day: date, now: datetime) -> Landed:
    """Record an installed file for a day without copying it; a newer installation renews the record."""
    path, url = _installed_path(source.address), _installed_url(source.address)
    if not path.is_file():
        raise LandingError(f"{source.name} {day}: {path} is missing: install the package again")
    with _alone(settings, source):
        done = landed(settings, source, day)
        if done and not done.url.startswith(INSTALLED):
            return done
        size_bytes = path.stat().st_size
        digest = _known_digest(done or _newest_before(settings, source, day), url, size_bytes) or _digest(path)
        if done and (done.url, done.sha256) == (url, digest):
            return done
        folder = Home(settings.home).landing(source.name, day)
        for stale in _sidecars(folder):
            stale.unlink(missing_ok=True)
        item = Landed(
            source.name, day, day, path, digest, size_bytes, url, now, None, False, source.licence, source.citation
        )
        return _settle(folder, item)


def _installed_path(address: str) -> Path:
    """Path of a "package:NAME[@VERSION]/PATH" or "shipped:FILE" address."""
    scheme, _, rest = address.partition(":")
    if scheme == "shipped":
        return Path(pipeline.__file__).parent / "reference" / rest
    name, _, inner = rest.partition("/")
    spec = importlib.util.find_spec(name.partition("@")[0])
    if spec is None or spec.origin is None:
        raise LandingError(_not_installed(name, address))
    return Path(spec.origin).parent / inner


def _installed_url(address: str) -> str:
    """Return the address with the package's version, which identifies the file without hashing it."""
    if not address.startswith("package:"):
        return address
    name, _, inner = address.removeprefix("package:").partition("/")
    try:
        return f"package:{name}@{importlib.metadata.version(name)}/{inner}"
    except importlib.metadata.PackageNotFoundError as error:
        raise LandingError(_not_installed(name, address)) from error


def _not_installed(name: str, address: str) -> str:
    return f"the package {name} of {address} is not installed: run `make clean`, then `make run`"


def _known_digest(earlier: Landed | None, url: str, size_bytes: int) -> str | None:
    known = (
        earlier is not None and url.startswith("package:") and (earlier.url, earlier.size_bytes) == (url, size_bytes)
    )
    return earlier.sha256 if earlier and known else None


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# --- the provider ----------------------------------------------------------------------------------------------------


def _ask(settings: Settings, source: Source, day: date, now: datetime, limits: Limits) -> Landed:
    """Ask the provider, count the attempt on disk before it starts, and remember how it failed."""
    folder = Home(settings.home).landing(source.name, day)
    past = _attempts(folder)
    _refuse_spent(source, day, past, folder, limits)
    _note_attempt(folder, past, now, f"{source.name} {day}: the attempt did not end", retry=True)
    earlier = _newest_before(settings, source, day)
    try:
        reply = fetch(source.address, _headers(settings, source, earlier), source.limit_bytes, limits)
        return _settle_reply(settings, source, day, now, reply, earlier)
    except FetchError as error:
        retry = error.retry and len(past) + 1 < limits.attempt_count
        later = f"attempt {len(past) + 1} of {limits.attempt_count}, try again in a few hours, or"
        message = f"{source.name} {day}: {error}: {later if retry else 'it is not asked again for this day,'} "
        message += _by_hand(source, day)
        _note_attempt(folder, past, now, message, retry=retry)
        raise LandingError(message, retry) from error


def _settle_reply(
    settings: Settings, source: Source, day: date, now: datetime, reply: Reply, earlier: Landed | None
) -> Landed:
    if says_unchanged(reply):
        if earlier is None:
            said = f' ("{reply.words}")' if reply.words else ""
            raise FetchError(
                f"the provider says that nothing changed{said}, but no earlier bytes are landed here", True
            )
        etag, modified = reply.etag or earlier.etag, reply.last_modified or earlier.last_modified
        item = replace(
            earlier, day=day, fetched_at_utc=now, http_status=reply.status, etag=etag, last_modified=modified
        )
        return _settle(Home(settings.home).landing(source.name, day), item)
    if reply.status == 200:
        return _store(settings, source, day, reply.content, now, url=public(source.address), reply=reply)
    said = f' and says "{reply.words}"' if reply.words else ""
    raise FetchError(f"the provider answers HTTP {reply.status}{said}", retry=reply.status >= 500)


def _headers(settings: Settings, source: Source, earlier: Landed | None) -> dict[str, str]:
    contact = "".join(c for c in settings.contact.strip() if " " <= c <= "~")
    headers = {
        "User-Agent": f"skytrunk/{pipeline.__version__}" + (f" (+{contact})" if contact else ""),
        "Accept-Encoding": "gzip",
    }
    if earlier and earlier.url == public(source.address):
        conditions = {"If-None-Match": earlier.etag, "If-Modified-Since": earlier.last_modified}
        headers |= {name: value for name, value in conditions.items() if value}
    return headers


# --- attempts --------------------------------------------------------------------------------------------------------


def _attempts(folder: Path) -> list[dict[str, Any]]:
    try:
        return json.loads((folder / ATTEMPTS).read_text())
    except (OSError, ValueError):
        return []


def _note_attempt(folder: Path, past: list[dict[str, Any]], now: datetime, message: str, *, retry: bool) -> None:
    entry = {"at_utc": now.isoformat() + "Z", "retry": retry, "message": message}
    write_text(folder / ATTEMPTS, json.dumps([*past, entry], indent=2, ensure_ascii=False) + "\n")


def _refuse_spent(source: Source, day: date, past: list[dict[str, Any]], folder: Path, limits: Limits) -> None:
    """Raise LandingError when a refusal is remembered or the attempts of the day are used up."""
    final = [attempt for attempt in past if not attempt["retry"]]
    if final:
        raise LandingError(f"{final[-1]['message']} (remembered in {folder / ATTEMPTS})")
    if len(past) >= limits.attempt_count:
        raise LandingError(
            f"{source.name} {day}: {len(past)} attempts are used up ({folder / ATTEMPTS}): {_by_hand(source, day)}"
        )


# --- small words -----------------------------------------------------------------------------------------------------


def _addressed(settings: Settings, source: Source) -> Source:
    """Return the source with the address that the settings put in its place, if any, once it may be asked."""
    source = replace(source, address=dict(settings.addresses).get(source.name, source.address))
    if not source.address.startswith(INSTALLED):
        try:
            allowed(source.address)
        except FetchError as error:
            raise LandingError(f"{source.name}: {error}") from error
    return source


def _utc(now: datetime | None) -> datetime:
    """Return the instant as naive UTC, in whole seconds."""
    now = now or datetime.now(UTC)
    return (now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now).replace(microsecond=0)


def _by_hand(source: Source, day: date) -> str:
    return f"land a file with `skytrunk land {source.name} {day} --file PATH`"


def _move_aside(folder: Path) -> str:
    return f"move the folder {folder} aside, then land the day again"
