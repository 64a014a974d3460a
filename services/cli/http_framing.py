"""The HTTP/1.1 server's protocol: a bound on what comes before a request's body, and no request that two readers could read in two ways.

uvicorn on httptools has neither. httptools itself refuses most of what request smuggling is made of (two lengths, a length beside a
transfer coding, folded lines, bare line feeds, odd chunk sizes); what it lets through is refused here.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REFUSALS = {
    400: b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    501: b"HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}
"""RFC 9110, section 15; RFC 6585, section 5."""


class Framed(HttpToolsProtocol):
    """uvicorn's, with these bounds. What uvicorn makes of a request is made when its head is whole and fit, not as it begins."""

    bytes_max: int
    timeout_s: float
    _in_head = True
    _got = 0
    """Bytes of the head under way; where it shares a read with the message before, from the next read on."""
    _late: asyncio.TimerHandle | None = None
    """When the head must have come; or, after an answer that didn't wait for the whole body, the rest of that body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """The first head is awaited from now on."""
        super().connection_made(transport)
        self._late = self.loop.call_later(self.timeout_s, self._time_out)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._head_over()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that grows too large is refused, and one that is not whole yet has its time."""
        if self._in_head:
            self._got += len(data)
        super().data_received(data)
        if self._in_head and self._got > self.bytes_max:
            self._refuse(431)
        elif self._late is None and ((self._in_head and self._got) or self._unattended()) and not self.transport.is_closing():
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
        """Begin the request whose head has come, of this HTTP version, as uvicorn does."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        self.expect_100_continue = any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)
        self.headers += headers  # as uvicorn's `on_header` does, one call for each
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is a head."""
        self._in_head, self._got = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """As uvicorn, but only where nothing has been said."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _head_over(self) -> None:
        self._in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _answered(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and bool(cycle.response_complete)

    def _unattended(self) -> bool:
        """Whether no other timer sees to a connection whose request is answered: uvicorn's own ends with the first byte, and is never set again."""
        return self.timeout_keep_alive_task is None and self._answered()

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
