"""The HTTP/1.1 server's protocol: a bound on what comes before a request's body, and no request that two readers could read in two ways.

uvicorn on httptools has neither. httptools itself refuses most of what request smuggling is made of (two lengths, a length beside a
transfer coding, folded lines, bare line feeds, odd chunk sizes); what it lets through is refused here.
"""

import asyncio
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.cli.http_cycle import Cycle

REFUSALS = {
    400: b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    501: b"HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}
"""RFC 9110, section 15; RFC 6585, section 5."""
ADDRESS_KEPT_MAX = 256
"""Longest address without a query, in bytes, that is kept with what is read from it: a service has few, and is asked for the same ones again and again."""


class Framed(HttpToolsProtocol):
    """uvicorn's, with these bounds. What uvicorn makes of a request is made when its head is whole and fit, not as it begins."""

    bytes_max: int
    timeout_s: float
    _in_head = True
    _got = 0
    """Bytes of the head under way; where it shares a read with the message before, from the next read on."""
    _late: asyncio.TimerHandle | None = None
    """When the head must have come; or, after an answer that didn't wait for the whole body, the rest of that body."""
    _idle_since = 0.0
    _idling: asyncio.TimerHandle | None = None
    """Closes a connection on which nothing has followed an answer. It isn't set anew for each: it looks, as it ends, when the last one was."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """The first head is awaited from now on."""
        super().connection_made(transport)
        self._late = self.loop.call_later(self.timeout_s, self._time_out)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._head_over()
        if self._idling is not None:
            self._idling.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that grows too large is refused, and one that is not whole yet has its time."""
        if self._in_head:
            self._got += len(data)
        super().data_received(data)
        self._has_read()
        if self._in_head and self._got > self.bytes_max:
            self._refuse(431)
        elif self._late is None and ((self._in_head and self._got) or (not self._in_head and self._answered())) and not self.transport.is_closing():
            self._late = self.loop.call_later(self.timeout_s, self._time_out)

    def on_message_begin(self) -> None:
        """A head begins."""
        self.url, self.headers = b"", []

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field of it."""
        if self._in_head:  # trailers are nobody's here, and would be kept without a bound
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Refuse a head that is unfit; a ValueError is what ends the parsing."""
        self._head_over()
        if self._got > self.bytes_max and sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > self.bytes_max:
            self._refuse(431)
            raise ValueError("the head is too large")  # ends the parsing
        version = self.parser.get_http_version()
        if status := _unfit(version, self.headers):
            self._refuse(status)
            raise ValueError("the head can be read in two ways")
        self._take(version)

    def _take(self, version: str) -> None:
        """Begin the request whose head has come, of this HTTP version, as uvicorn does: there it is made in parts, as the head comes."""
        path, raw_path, query = address(self.url)
        scope: Any = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "method": self.parser.get_method().decode("ascii"),
            "root_path": self.root_path,
            "path": self.root_path + path,
            "raw_path": self.root_path.encode("ascii") + raw_path,
            "query_string": query,
            "headers": self.headers,
            "state": self.app_state.copy(),
        }
        before: Any = self.cycle
        self.scope = scope
        self.cycle = Cycle(
            scope,
            self.transport,
            self.flow,
            self.logger,
            self.access_logger,
            self.access_log,
            self.server_state.default_headers,
            asyncio.Event(),
            any(name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers),
            version != "1.0" and self.parser.should_keep_alive(),
            self.on_response_complete,
        )
        if before is None or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:  # it came before the answer to the one before
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_message_complete(self) -> None:
        """What comes next is a head."""
        self._in_head, self._got = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is written: as uvicorn, but for the timer of each."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idles()

    def send_400_response(self, msg: str) -> None:
        """As uvicorn, but only where nothing has been said."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _has_read(self) -> None:
        """What came together was parsed."""

    def _head_over(self) -> None:
        self._in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _answered(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and bool(cycle.response_complete)

    def _idles(self) -> None:
        """From now on nothing is under way."""
        self._idle_since = self.loop.time()
        if self._idling is None:
            self._idling = self.loop.call_later(self.timeout_keep_alive, self._idled)

    def _idled(self) -> None:
        self._idling = None
        if not self._answered() or self._late is not None or self.transport.is_closing():
            return  # a request is under way, or another timer sees to what comes
        left_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._idling = self.loop.call_later(left_s, self._idled)
        else:
            self._let_go()

    def _let_go(self) -> None:
        """End a connection that nobody uses."""
        self.transport.close()

    def _time_out(self) -> None:
        self._late = None
        if self._in_head and (self._got or self.cycle is None):
            self._refuse(408)
        else:  # nobody waits for an answer
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or self._answered():  # else the answer to the request before is still being sent: no words into it
            self.transport.write(REFUSALS[status])
        self.transport.close()


def _unfit(version: str, headers: list[tuple[bytes, bytes]]) -> int | None:
    """The status that refuses this head: not exactly one Host (RFC 9112, section 3.2), a version without heads or a transfer coding
    in one that has none, or a coding other than chunked (sections 2.3 and 6.1).
    """
    names = [name for name, _ in headers]
    hosts = names.count(b"host")
    if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts):
        return 400
    if b"transfer-encoding" not in names:
        return None
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    return 400 if version == "1.0" else 501 if codings != [b"chunked"] else None


def address(url: bytes) -> tuple[str, bytes, bytes]:
    """The path of an address, decoded and as it came, and its query. Raises what ends the parsing where it is none."""
    return (_kept_address if len(url) <= ADDRESS_KEPT_MAX and b"?" not in url else _address)(url)


def _address(url: bytes) -> tuple[str, bytes, bytes]:
    parts = httptools.parse_url(url)
    path: str = parts.path.decode("ascii")
    return unquote(path) if "%" in path else path, parts.path, parts.query or b""


_kept_address = lru_cache(maxsize=1_000)(_address)
