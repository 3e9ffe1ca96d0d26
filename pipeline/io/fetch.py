"""Fetch: one HTTPS request with time-outs, a deadline, a size limit and few redirects, and a reading of the answer."""

from __future__ import annotations

import contextlib
import gzip
import io
import ipaddress
import re
import socket
import textwrap
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import httpx


@dataclass(frozen=True)
class Limits:
    """How long and how often a provider is asked: time-outs of one step [s], of the whole request [s], and counts."""

    connect_s: float = 10.0
    read_s: float = 30.0
    deadline_s: float = 120.0
    redirect_count: int = 3
    attempt_count: int = 3


LIMITS = Limits()
REDIRECTS = {301, 302, 303, 307, 308}
WORDS_BYTES = 8 * 2**10
NOTICE_BYTES = 2_000
GZIP_ERRORS = (OSError, EOFError, zlib.error)
# CelesTrak: "GP data has not updated since your last successful download of GROUP=active at ... UTC." A refusal that
# also speaks of blocking is taken as a ban: to stop is the safe reading.
UNCHANGED = re.compile(
    r"\bnot (yet )?(been )?(updated|changed|modified)\b|\bnothing (has )?changed\b|\bno new data\b", re.I
)
NOTICE = re.compile(r"(\w+ ){1,4}(has|have) not (been )?updated since\b", re.I)
BLOCKED = re.compile(r"\b(block|ban(ned)?\b|firewall|denied|abuse)", re.I)


class FetchError(RuntimeError):
    """No whole answer came, or none that can be used. `retry` says whether another try, hours later, may help."""

    def __init__(self, message: str, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry


@dataclass(frozen=True)
class Reply:
    """What the provider answered: content of a 200, one line of words of anything else."""

    status: int
    content: bytes = b""
    words: str = ""
    etag: str = ""
    last_modified: str = ""


def says_unchanged(reply: Reply) -> bool:
    """Whether the answer means that the bytes landed last are still the provider's newest.

    CelesTrak says so with 403, at times with 200 and nothing but the sentence.
    """
    words = reply.words or (one_line(reply.content) if len(reply.content) < NOTICE_BYTES else "")
    if reply.status == 200:
        return bool(NOTICE.match(words))
    return reply.status == 304 or (reply.status == 403 and bool(UNCHANGED.search(words)) and not BLOCKED.search(words))


class _Watchdog:
    """Cuts the connection when the whole request takes too long: a slow drip passes the time-out of every single read."""

    def __init__(self, deadline_s: float) -> None:
        self.fired = False
        self._deadline_s = deadline_s
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(deadline_s, self._fire)
        self._timer.daemon = True

    def __enter__(self) -> _Watchdog:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def see(self, name: str, info: Mapping[str, Any]) -> None:
        """Note the socket of a new connection (httpx's trace extension calls this)."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self.fired:
                self._fire()

    def check(self) -> None:
        """Raise FetchError when the time is over."""
        if self.fired:
            raise FetchError(f"the answer took longer than {self._deadline_s:g} s", retry=True)

    def _fire(self) -> None:
        self.fired = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # The plain method, for a TLS socket's own would pull the session from under the reading thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def fetch(address: str, headers: dict[str, str], limit_bytes: int, limits: Limits) -> Reply:
    """Ask one address, following a few redirects, and return the answer, of whatever status.

    `address` must be https (plain http only on loopback), `limit_bytes` bounds the content before and after
    decompression [bytes]. Raises FetchError when no whole answer comes.
    """
    timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s)
    with _Watchdog(limits.deadline_s) as watchdog:
        try:
            url = allowed(address)
            with httpx.Client(timeout=timeout, trust_env=not _is_loopback(url)) as client:
                for _ in range(limits.redirect_count + 1):
                    with client.stream("GET", url, headers=headers, extensions={"trace": watchdog.see}) as response:
                        target = response.headers.get("location")
                        if response.status_code not in REDIRECTS or not target:
                            return _read_reply(response, limit_bytes, watchdog)
                        url = allowed(url.join(target), loopback=_is_loopback(url))
            raise FetchError(f"the provider redirects more than {limits.redirect_count} times, last to {public(url)}")
        except httpx.InvalidURL as error:
            raise FetchError(f"the provider redirects to what is not an address ({error})") from error
        except httpx.HTTPError as error:
            watchdog.check()
            slow = isinstance(error, httpx.TimeoutException)
            why = "the provider does not answer in time" if slow else "the connection failed or broke off"
            raise FetchError(f"{why} ({one_line(str(error).encode()) or type(error).__name__})", retry=True) from error


def _read_reply(response: httpx.Response, limit_bytes: int, watchdog: _Watchdog) -> Reply:
    status, head = response.status_code, response.headers
    validators = {"etag": head.get("etag", ""), "last_modified": head.get("last-modified", "")}
    if status != 200:
        return Reply(status, words=_words(response), **validators)
    encoding = head.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise FetchError(f"the provider answers in an encoding that was not asked for ({encoding})")
    announced = head.get("content-length", "")
    too_large = f"the answer is larger than the {limit_bytes:,} bytes allowed"
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise FetchError(f"{too_large} (it announces {int(announced):,})")
    raw = bytearray()
    for chunk in response.iter_raw():
        raw += chunk
        if len(raw) > limit_bytes:
            raise FetchError(too_large)
    watchdog.check()
    content = bytes(raw)
    if encoding != "identity":
        try:
            content = gunzip(io.BytesIO(raw), limit_bytes)
        except GZIP_ERRORS as error:
            raise FetchError(f"the answer's compression is broken ({error})", retry=True) from error
    if len(content) > limit_bytes:
        raise FetchError(f"{too_large} once decompressed")
    return Reply(status, content, **validators)


def _words(response: httpx.Response) -> str:
    """Return the provider's words as one short line; what cannot be read is left out."""
    raw = bytearray()
    with contextlib.suppress(httpx.HTTPError):
        for chunk in response.iter_raw():
            raw += chunk
            if len(raw) > WORDS_BYTES:
                break
    if "gzip" in response.headers.get("content-encoding", "").lower():
        try:
            raw = bytearray(zlib.decompressobj(31).decompress(bytes(raw), WORDS_BYTES))
        except zlib.error:
            return ""
    return one_line(bytes(raw))


def one_line(data: bytes) -> str:
    """Return text or HTML as one short printable line without its tags."""
    text = data[:WORDS_BYTES].decode("utf-8", "replace")
    text = re.sub(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", " ", text, flags=re.I | re.S)
    printable = "".join(c if c.isprintable() else " " for c in text)
    return textwrap.shorten(printable, 240, placeholder=" ...")


def gunzip(stream: BinaryIO, limit_bytes: int) -> bytes:
    """Return at most one byte more than the limit, so that a bomb stops there. Raises one of GZIP_ERRORS."""
    with gzip.GzipFile(fileobj=stream) as whole:
        return whole.read(limit_bytes + 1)


def allowed(address: httpx.URL | str, *, loopback: bool = True) -> httpx.URL:
    """Return an address that may be asked: https, or where `loopback` allows it plain http on this machine.

    Raises FetchError when it may not be asked.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise FetchError(f"{address!r} is not a usable address ({error}): check SKYTRUNK_ADDRESS_*") from error
    if url.host and (url.scheme == "https" or (url.scheme == "http" and loopback and _is_loopback(url))):
        return url
    raise FetchError(f"{public(url)} is not an https address and is not asked: check SKYTRUNK_ADDRESS_*")


def _is_loopback(url: httpx.URL) -> bool:
    try:
        return ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"


def public(address: httpx.URL | str) -> str:
    """Return the address without user name and password, as it may be recorded."""
    return str(httpx.URL(address).copy_with(userinfo=b""))
