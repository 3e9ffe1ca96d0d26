"""A provider on loopback: a real HTTP server that behaves as the catalog's provider does, well and badly.

    with Provider(ok(CATALOG, etag='"1"')) as provider:
        settings = Settings(home=tmp_path, addresses=(("celestrak_active", provider.url),))
        ...
        assert provider.count == 1

An answer is a function of the request's handler. Several answers are given in turn; the last one stays.
"""

from __future__ import annotations

import contextlib
import gzip
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

# CelesTrak's words, as users have quoted them.
NOT_UPDATED = (
    b"GP data has not updated since your last successful\n"
    b"download of GROUP=active at 2026-08-17 08:11:36 UTC.\n"
    b"Data is updated once every 2 hours.\n"
)
BANNED = (
    b"<html><head><title>403 - Forbidden: Access is denied.</title></head><body><h2>403 - Forbidden</h2>\r\n"
    b"<p>Your IP address has been blocked after too many requests for data that has not been updated.</p></body></html>"
)
HTML = b"<!DOCTYPE html>\n<html><head><title>Scheduled maintenance</title></head><body>Back at noon.</body></html>\n"


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names are lower-cased."""

    path: str
    headers: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    """Hands every GET to the provider's current answer."""

    protocol_version = "HTTP/1.1"
    server: Provider

    def do_GET(self) -> None:
        self.close_connection = True
        answer = self.server.take(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
        with contextlib.suppress(OSError):  # a client may hang up in the middle
            answer(self)

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; underscores in header names stand for dashes."""
        self.head(status, **{"Content_Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int, **headers: str) -> None:
        """Send the status line and headers."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


Answer = Callable[[Handler], None]


class Provider(ThreadingHTTPServer):
    """The server, as a context manager; `requests` holds what came in, `count` how many.

    `tls` makes it speak https with that context.
    """

    daemon_threads = True

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._answers = list(answers)
        self._lock = threading.Lock()
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """Address of the catalog."""
        return f"{self.base}/NORAD/elements/gp.php?GROUP=active&FORMAT=csv"

    @property
    def base(self) -> str:
        """Address of the server."""
        return f"{self._scheme}://127.0.0.1:{self.server_port}"

    @property
    def count(self) -> int:
        """How many requests have come in."""
        return len(self.requests)

    def answers(self, *answers: Answer) -> None:
        """Give these answers from now on."""
        with self._lock:
            self._answers = list(answers)

    def take(self, request: Request) -> Answer:
        """Record a request and return the answer that is due."""
        with self._lock:
            self.requests.append(request)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that refuse a certificate hang up in the handshake."""

    def __enter__(self) -> Provider:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


def ok(content: bytes, *, etag: str = "", last_modified: str = "", compress: bool = False) -> Answer:
    """200 with the content, or 304 when the request's conditions say that the client has it."""

    def answer(handler: Handler) -> None:
        marks = {k: v for k, v in {"ETag": etag, "Last_Modified": last_modified}.items() if v}
        asked = handler.headers
        known = (etag and asked["If-None-Match"] == etag) or (
            not asked["If-None-Match"] and last_modified and asked["If-Modified-Since"] == last_modified
        )
        if known:
            handler.reply(304, b"", **marks)
        elif compress and "gzip" in (asked["Accept-Encoding"] or ""):
            handler.reply(200, gzip.compress(content), Content_Encoding="gzip", **marks)
        else:
            handler.reply(200, content, Content_Type="text/csv", **marks)

    return answer


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Any status with a body."""
    return lambda handler: handler.reply(code, body, Content_Type="text/plain; charset=UTF-8", **headers)


def not_updated() -> Answer:
    """403 that says that the data has not been updated since the last download."""
    return status(403, NOT_UPDATED)


def banned() -> Answer:
    """403 that says that the address is blocked."""
    return status(403, BANNED)


def html() -> Answer:
    """200 with a page where data should be."""
    return lambda handler: handler.reply(200, HTML, Content_Type="text/html")


def redirect(to: str, code: int = 301) -> Answer:
    """Redirect to an address or to a path of this server."""
    return lambda handler: handler.reply(code, b"Moved", Location=to)


def drip(content: bytes, pause_s: float = 0.02) -> Answer:
    """200 whose bytes come one at a time, without an announced length."""

    def answer(handler: Handler) -> None:
        handler.head(200)
        _drip(handler, content, pause_s)

    return answer


def drip_head(pause_s: float = 0.02) -> Answer:
    """200 whose headers never end."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        _drip(handler, b"x" * 100_000, pause_s)

    return answer


def silence() -> Answer:
    """No answer at all until the server stops."""
    return lambda handler: _wait(handler, 3600)


def cut(content: bytes, sent: int) -> Answer:
    """200 in chunks that breaks off after some bytes."""

    def answer(handler: Handler) -> None:
        handler.head(200, Transfer_Encoding="chunked")
        handler.wfile.write(b"%x\r\n%s" % (len(content), content[:sent]))

    return answer


def hang_up() -> Answer:
    """The connection closes without an answer."""
    return lambda handler: None


def wrong_length(content: bytes) -> Answer:
    """200 that announces more bytes than come."""

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=str(len(content) + 1000))
        handler.wfile.write(content)

    return answer


def bomb(size: int) -> Answer:
    """200 with a small compressed body that decompresses to `size` zeros."""
    body = gzip.compress(bytes(size))
    return lambda handler: handler.reply(200, body, Content_Encoding="gzip")


def broken_gzip(content: bytes) -> Answer:
    """200 whose compressed body is cut, in an answer of the announced length."""
    return lambda handler: handler.reply(200, gzip.compress(content)[:-10], Content_Encoding="gzip")


def announced(size: int) -> Answer:
    """200 that announces `size` bytes and sends few."""

    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=str(size))
        handler.wfile.write(b"OBJECT_NAME,")
        _wait(handler, 3600)

    return answer


def endless(block: bytes = bytes(65_536)) -> Answer:
    """200 without an announced length that does not end by itself."""

    def answer(handler: Handler) -> None:
        handler.head(200)
        while not handler.server.stopping.is_set():
            handler.wfile.write(block)

    return answer


def _drip(handler: Handler, content: bytes, pause_s: float) -> None:
    for i in range(len(content)):
        if handler.server.stopping.is_set():
            return
        handler.wfile.write(content[i : i + 1])
        handler.wfile.flush()
        time.sleep(pause_s)


def _wait(handler: Handler, seconds: float) -> None:
    handler.server.stopping.wait(seconds)
