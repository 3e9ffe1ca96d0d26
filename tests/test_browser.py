"""The page and the mail as Debian's chromium draws them: drawn at all, no wider than the screen, and asking nobody."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import ClientConnection, connect

from pipeline.digest import digest, figures, html
from tests.digest import rows

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip
SCHEMES = ("light", "dark")
WIDTHS = (1280, 360)


class Tab:
    """One tab of a browser, spoken to by the DevTools protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.number = socket, 0
        self.requested: list[str] = []
        self.complaints: list[str] = []

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (answer := self._next()).get("id") != self.number:
            pass
        assert "error" not in answer, answer
        return dict(answer["result"])

    def open(self, path: Path, width: int, scheme: str) -> None:
        self.requested.clear()
        self.complaints.clear()
        for domain in ("Page", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.ask("Page.navigate", url=path.as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, script: str) -> Any:
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def picture(self, name: str) -> np.ndarray:
        """Pixels of the whole page; kept as SKYTRUNK_SCREENSHOTS/<name>.png when that folder is named."""
        from PIL import Image

        png = base64.b64decode(self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"])
        if folder := os.environ.get("SKYTRUNK_SCREENSHOTS"):
            (Path(folder) / f"{name}.png").write_bytes(png)
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def _next(self) -> dict[str, Any]:
        message = dict(json.loads(self.socket.recv(timeout=60)))
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        return message


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is not installed: apt-get install chromium"
    profile = tmp_path_factory.mktemp("chromium")
    process = subprocess.Popen(
        [chromium, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        port = _port(profile / "DevToolsActivePort", process)
        pages = [t for t in httpx.get(f"http://127.0.0.1:{port}/json/list").json() if t["type"] == "page"]
        with connect(pages[0]["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Tab(socket)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page, its sample twin with everything that can be said, a notice, an archive and a mail, as files."""
    made = tmp_path_factory.mktemp("site")
    templates, day = rows.templates(), digest.compose(rows.rows(), rows.DAY, rows.SOURCES)
    sample = digest.compose(rows.rows(first=True, synthetic=True, age_days=2), rows.DAY, rows.SOURCES)
    notice = digest.compose_notice(rows.DAY, "the catalog is 5 days old and may be 3 at most", rows.BEFORE)
    again = digest.compose_notice(rows.DAY, "the disk is full", rows.BEFORE, synthetic=True, has="tables")
    values = np.linspace(0, 120, 12 * 4**3)
    light, dark = (
        figures.world_map(values, [], title="Starlink satellites in view", note="Made by a test.", dark=dark)
        for dark in (False, True)
    )
    lids = [
        figures.world_map(values.astype(int) % 5, [], title="What limits", note="Made.", dark=dark, scale=figures.LIDS)
        for dark in (False, True)
    ]
    pictures = [
        html.Picture(light, dark, day.map_alt, day.map_caption),
        html.Picture(*lids, day.lid_alt, day.lid_caption),
    ]
    mail = html.mail_html(day, "map", templates, "https://skytrunk.invalid", "leave@example.org")
    inline = f"data:image/png;base64,{base64.b64encode(light).decode()}"
    contents = {
        "page": html.page(day, pictures, templates),
        "sample": html.page(sample, pictures, templates),
        "notice": html.page(notice, (), templates),
        "tables": html.page(again, (), templates),
        "archive": html.archive(rows.archive(), {rows.WITHHELD: "the catalog is 5 days old"}, templates),
        "mail": mail.replace("cid:map", inline),
    }
    for name, content in contents.items():
        (made / f"{name}.html").write_text(content)
    return made


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "chromium ended before it opened its port"
        if file.exists() and file.read_text().strip():
            return int(file.read_text().split()[0])
        time.sleep(0.1)
    raise AssertionError("chromium opened no port in a minute")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["page", "sample", "notice", "tables", "archive", "mail"])
def test_is_drawn_and_fits_the_screen(tab: Tab, folder: Path, name: str, width: int, scheme: str) -> None:
    tab.open(folder / f"{name}.html", width, scheme)
    pixels = tab.picture(f"{name}-{width}-{scheme}")
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert pixels.std() > 5
    assert (pixels[0, 0].mean() > 127) == (scheme == "light")


@pytest.mark.parametrize("name", ["page", "sample", "archive", "mail"])
def test_asks_for_nothing_outside(tab: Tab, folder: Path, name: str) -> None:
    tab.open(folder / f"{name}.html", 1280, "light")
    own = (folder / f"{name}.html").as_uri()
    assert [url[:80] for url in tab.requested if url != own and not url.startswith("data:")] == []
    assert tab.complaints == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["page", "sample", "notice", "archive", "mail"])
def test_text_has_contrast(tab: Tab, folder: Path, name: str, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 against the nearest opaque background."""
    tab.open(folder / f"{name}.html", 1280, scheme)
    assert tab.value(CONTRAST) == []


def test_picture_is_drawn(tab: Tab, folder: Path) -> None:
    tab.open(folder / "page.html", 1280, "light")
    assert tab.value("document.images[0].naturalWidth") == figures.WIDTH_PX


def test_tables_keep_their_meaning_on_a_phone(tab: Tab, folder: Path) -> None:
    """Stacked rows show the head of each column beside its value."""
    tab.open(folder / "page.html", 360, "light")
    label = "getComputedStyle(document.querySelector('.grid td'), '::before').content"
    assert tab.value(label) == '"Catalogued"'


CONTRAST = """
(() => {
  const channel = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
  const colour = text => text.match(/[0-9.]+/g).map(Number);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ['STYLE', 'TITLE'].includes(e.tagName)) continue;
    const [a, b] = [light(colour(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) bad.push(e.tagName + ' ' + ratio.toFixed(2) + ' ' + walker.currentNode.data.trim().slice(0, 40));
  }
  return bad;
})()
"""
