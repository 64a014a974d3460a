"""The HTTP/1.1 server's protocol: a bound on what comes before a request's body, and no request that two readers could read in two ways.

uvicorn on httptools has neither. httptools itself refuses most of what request smuggling is made of (two lengths, a length beside a
transfer coding, folded lines, bare line feeds, odd chunk sizes); what it lets through is refused here.

And it asks whoever guards the service as soon as a head has come: a refusal is written by the protocol itself (docs/decisions).
"""

import asyncio
from typing import Any, Protocol

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.kit.guard import Told
from services.kit.line import Waiting
from services.kit.refusal import Refusal, refusal_bytes
from services.kit.settings import Settings

REFUSALS = {
    400: b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    501: b"HTTP/1.1 501 Not Implemented\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}
"""RFC 9110, section 15; RFC 6585, section 5."""


class Door(Protocol):
    """Who decides which requests come in: `kit.guard.Guard`, or what stands before several."""

    def ask(self, scope: Scope, told: Told) -> Waiting | None:
        """As `Guard.ask`."""


def http_protocol(settings: Settings, door: Door | None = None) -> type[HttpToolsProtocol]:
    """The protocol with the limits of `settings`, for uvicorn's `http`. What `door` refuses never becomes a task, nor reaches the application."""

    class Bounded(_Bounded):
        bytes_max, timeout_s = settings.http_head_max_bytes, settings.http_head_timeout_s
        retry_after_max_s = settings.guard_retry_after_max_s

        if door is not None:

            def _start_asgi_task(self, cycle: Any, app: Any) -> None:
                self._waiting = door.ask(cycle.scope, lambda refusal: self._decided(cycle, app, refusal))

    return Bounded


class _Bounded(HttpToolsProtocol):
    bytes_max: int
    timeout_s: float
    retry_after_max_s: int
    _waiting: Waiting | None = None
    """The place in line of a request that nothing is decided about yet."""
    _in_head = True
    _got = 0
    """Bytes of the head under way; where it shares a read with the message before, from the next read on."""
    _late: asyncio.TimerHandle | None = None
    """When the head must have come; or, after an answer that didn't wait for the whole body, the rest of that body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._late = self.loop.call_later(self.timeout_s, self._time_out)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_over()
        if self._waiting is not None:
            self._waiting.leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._got += len(data)
        super().data_received(data)
        if self._in_head and self._got > self.bytes_max:
            self._refuse(431)
        elif self._in_head and self._got and self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(self.timeout_s, self._time_out)
        elif self._late is None and self._answered() and self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._late = self.loop.call_later(self.timeout_s, self._time_out)  # uvicorn's own timer ends with the first byte and is never set again

    def _decided(self, cycle: Any, app: Any, refusal: Refusal | None) -> None:
        """Begin a request that is let in; answer one that is not, without more. What of its body is still to come is read, and dropped."""
        if refusal is None:
            super()._start_asgi_task(cycle, app)
            return
        close = not cycle.keep_alive or cycle.waiting_for_100_continue  # who waits to be told to go on may take this for an end, or send all the same
        with_body = cycle.scope["method"] != "HEAD"
        self.transport.write(refusal_bytes(refusal, self.retry_after_max_s, with_body=with_body, close=close))
        cycle.response_started = cycle.response_complete = True
        if close:
            self.transport.close()
        if self.pipeline:
            self.loop.call_soon(self.on_response_complete)  # at once, thousands of them would be as many calls within calls
        else:
            self.on_response_complete()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # trailers are nobody's here, and would be kept without a bound
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_over()
        if self._got > self.bytes_max and sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > self.bytes_max:
            self._refuse(431)
            raise ValueError("the head is too large")  # ends the parsing
        if status := self._unfit():
            self._refuse(status)
            raise ValueError("the head can be read in two ways")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._got = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _unfit(self) -> int | None:
        """The status that refuses this head: not exactly one Host (RFC 9112, section 3.2), a version without heads or a transfer coding
        in one that has none, or a coding other than chunked (sections 2.3 and 6.1).
        """
        version, hosts, codings = self.parser.get_http_version(), 0, []
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding":
                codings.append(value.strip().lower())
        if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts) or (codings and version == "1.0"):
            return 400
        return 501 if codings and codings != [b"chunked"] else None

    def _head_over(self) -> None:
        self._in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _answered(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and bool(cycle.response_complete)

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
