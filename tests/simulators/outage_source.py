"""An outage map's server over real HTTP: with entity tags, pages and dates as RFC 9110 has them, and every way of going wrong that pollers meet."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum, auto
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_BOMB = gzip.compress(bytes(64_000_000), 1)


class Fault(Enum):
    """What goes wrong while it is set."""

    DOWN = auto()
    """500."""
    LIMITED = auto()
    """429 with Retry-After in seconds."""
    AWAY = auto()
    """503 with Retry-After as a date."""
    SILENT = auto()
    """It takes the request and says nothing."""
    DRIP = auto()
    """A byte of the head now and then, for ever."""
    BOMB = auto()
    """A thousand times as large as it looks."""
    CUT_GZIP = auto()
    """gzip that ends too early, in a whole answer."""
    CUT = auto()
    """The connection breaks in the middle of the body."""
    WEB_PAGE = auto()
    """200, and a page that says sorry."""
    MOVED = auto()
    """A redirect to another path here."""
    ELSEWHERE = auto()
    """A redirect to another server."""
    ROUND = auto()
    """A redirect to itself."""


def feature(outage_id: str, customers: int, area: str = "K2G") -> dict[str, Any]:
    """One outage as our own geojson format has it."""
    properties = {"outage_id": outage_id, "customers_affected": customers, "areas": [area]}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [-75.7, 45.3]}}


@dataclass
class OutageSource:
    """What the server shows, and what it was asked."""

    url: str = ""
    features: list[dict[str, Any]] = field(default_factory=list)
    page: int = 1_000
    """Most features in one answer."""
    fault: Fault | None = None
    validates: bool = True
    """Whether it gives an entity tag."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of each request, and its `path`."""
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, offset: int) -> bytes:
        more = len(self.features) > offset + self.page
        return json.dumps(
            {"type": "FeatureCollection", "properties": {"exceededTransferLimit": more}, "features": self.features[offset : offset + self.page]}
        ).encode()


@contextmanager
def outage_source(**state: Any) -> Iterator[OutageSource]:
    """A server on loopback until the block ends."""
    source = OutageSource(**state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"source": source}))
    server.daemon_threads = True
    source.url = f"http://127.0.0.1:{server.server_address[1]}/outages"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield source
    finally:
        source.over.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    source: OutageSource

    def do_GET(self) -> None:
        self.source.asked.append({**{name.lower(): value for name, value in self.headers.items()}, "path": self.path})
        fault = self.source.fault
        if fault is Fault.MOVED and self.path.startswith("/moved"):
            fault = None
        if fault is None:
            self._picture()
        else:
            getattr(self, f"_{fault.name.lower()}")()

    def _picture(self) -> None:
        body = self.source.answer(int(parse_qs(urlsplit(self.path).query).get("resultOffset", ["0"])[0]))
        tag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
        if self.source.validates and self.headers.get("If-None-Match") == tag:
            self._send(304, b"", ETag=tag)
        elif "gzip" in self.headers.get("Accept-Encoding", ""):
            self._send(200, gzip.compress(body), Content_Encoding="gzip", **({"ETag": tag} if self.source.validates else {}))
        else:
            self._send(200, body, ETag=tag)

    def _down(self) -> None:
        self._send(500, b"")

    def _limited(self) -> None:
        self._send(429, b"", Retry_After="77")

    def _away(self) -> None:
        self._send(503, b"", Retry_After=formatdate(time.time() + 300, usegmt=True))

    def _silent(self) -> None:
        self.source.over.wait(30)
        self.close_connection = True

    def _drip(self) -> None:
        while not self.source.over.wait(0.05):
            try:
                self.wfile.write(b"H")
                self.wfile.flush()
            except OSError:
                break
        self.close_connection = True

    def _bomb(self) -> None:
        self._send(200, _BOMB, Content_Encoding="gzip")

    def _cut_gzip(self) -> None:
        self._send(200, gzip.compress(self.source.answer(0))[:-9], Content_Encoding="gzip")

    def _cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"{")
        self.close_connection = True

    def _web_page(self) -> None:
        self._send(200, b"<html>Sorry</html>", Content_Type="text/html; charset=utf-8")

    def _moved(self) -> None:
        self._send(302, b"", Location="/moved")

    def _elsewhere(self) -> None:
        self._send(302, b"", Location="http://localhost:1/outages")

    def _round(self) -> None:
        self._send(301, b"", Location=self.path)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Type": "application/geo+json; charset=utf-8", "Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the poller had enough
            self.close_connection = True
