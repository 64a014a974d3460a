"""One request and its answer, as uvicorn's; an answer that is there whole is written in one piece.

ASGI lets a server keep the head of an answer until the first of its body comes ('Response Start' of its HTTP message format). uvicorn writes both apart, and
looks through each header with two patterns each time: for a short answer that is much of what the server costs.
"""

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

WHOLE_MAX_BYTES = 64 * 1024
"""A longer body goes on the wire as it is: putting it behind its head is one more copy."""
KEPT_MAX_BYTES = 256
"""Longest value of a header whose line is kept: there are few, and the same again and again."""
_UVICORNS = frozenset({b"connection", b"transfer-encoding"})
"""Headers that change how an answer is written: uvicorn writes those that have one."""
_LENGTH = b"content-length: "


class Cycle(RequestResponseCycle):
    """What isn't there whole, or says how it is to be written, is left to uvicorn."""

    _start: Any = None
    """The start of an answer that is not written yet."""
    _head, _length = b"", 0
    """What it is on the wire, and how long the body is that it announces."""

    async def send(self, message: Any) -> None:
        """Meets ASGI's `send`. Raises RuntimeError for a header that no header can be."""
        start, self._start = self._start, None
        if message["type"] == "http.response.start":
            if not self.response_started and (head := _head(message["status"], [*self.default_headers, *message.get("headers", ())])):
                self._start, (self._head, self._length) = message, head
                return
        elif start is not None:
            if self._whole(message):
                return
            await super().send(start)
        await super().send(message)

    def _whole(self, message: Any) -> bool:
        """Write the answer, if `message` is all of its body and nothing is in the way."""
        body = message.get("body", b"")
        if len(body) != self._length or len(body) > WHOLE_MAX_BYTES or message.get("more_body", False) or self.scope["method"] == "HEAD":
            return False
        if self.disconnected or self.flow.write_paused or not self.keep_alive:
            return False
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.write(b"%b\r\n%b" % (self._head, body))
        self.message_event.set()
        self.on_response()
        return True


class _Over:
    """Stands for the request that was answered at once, where uvicorn looks for the one that was last: it takes no body."""

    response_complete = True
    message_event = asyncio.Event()  # set, never waited for
    keep_alive = disconnected = False


OVER: Any = _Over()


def on_the_wire(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bytes:
    """A whole answer, whose headers tell its length. Raises ValueError for headers that can't be written so."""
    head = _head(status, headers)
    if head is None or head[1] != len(body):
        raise ValueError("the answer's headers don't fit it")
    return b"%b\r\n%b" % (head[0], body)


def _head(status: int, headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, int] | None:
    """Status and headers on the wire, and the length that they announce; None where they announce none, or are uvicorn's to write."""
    lines, length = [STATUS_LINE[status]], None
    for name, value in headers:
        if not value.isalnum():
            line = (_line if len(value) <= KEPT_MAX_BYTES else _line.__wrapped__)(name, value)
        elif (field := _field(name)) == _LENGTH:
            length, line = int(value), b"%b%b\r\n" % (field, value)
        else:
            line = field and b"%b%b\r\n" % (field, value)
        if not line:
            return None
        lines.append(line)
    return None if length is None else (b"".join(lines), length)


@lru_cache(maxsize=512)
def _line(name: bytes, value: bytes) -> bytes:
    """A header on the wire; nothing where it is uvicorn's to write, or to refuse."""
    field = _field(name)
    return b"%b%b\r\n" % (field, value) if field and not HEADER_VALUE_RE.search(value) else b""


@lru_cache(maxsize=256)
def _field(name: bytes) -> bytes:
    """The name of a header on the wire, with its colon; nothing where it is uvicorn's."""
    lower = name.lower()
    return b"" if lower in _UVICORNS or HEADER_RE.search(name) else lower + b": "
