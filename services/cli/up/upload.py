"""A request's body on its way to a part: within deadlines, and no further than the part wants it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpcore
from msgspec import Struct
from starlette.types import Receive

LOOK_S = 0.25
"""How often, while the client sends nothing, it is looked whether the part has answered already."""


class Gone(Exception):
    """The client went away before its request was whole."""


class Slow(Exception):
    """The client did not send its request within the deadlines."""


class Deadlines(Struct, frozen=True):
    """How long a body may take to arrive: to the next piece, and as a whole."""

    idle_s: float
    whole_s: float


class Upload:
    """One body. Its methods raise `Gone` and `Slow`."""

    def __init__(self, receive: Receive, deadlines: Deadlines) -> None:
        self._receive, self._idle_s = receive, deadlines.idle_s
        self._ends = asyncio.get_running_loop().time() + deadlines.whole_s
        self._head = bytearray()
        self._more = True
        self._part: httpcore.AsyncNetworkStream | None = None

    async def begin(self, bytes_max: int) -> bytes | None:
        """The whole body where it ends within `bytes_max`; else None, and `rest` gives it."""
        while self._more:
            self._head += await self._piece()
            if len(self._head) > bytes_max:
                return None
        return bytes(self._head)

    async def rest(self) -> AsyncIterator[bytes]:
        """All pieces, the first ones too, until the part has answered: of a request without a good key it wants no more."""
        yield bytes(self._head)
        while self._more:
            if piece := await self._piece():
                yield piece

    async def connected(self, event: str, facts: Mapping[str, Any]) -> None:
        """Learn the connection to the part: a `trace` extension of httpcore."""
        if event == "connection.connect_tcp.complete":
            self._part = facts["return_value"]

    async def _piece(self) -> bytes:
        loop = asyncio.get_running_loop()
        idle_ends = min(self._ends, loop.time() + self._idle_s)
        while True:
            if self._part is not None and self._part.get_extra_info("is_readable"):
                raise httpcore.WriteError("answered before the body was whole")  # the client reads the answer then
            try:
                async with asyncio.timeout_at(min(idle_ends, loop.time() + LOOK_S)):
                    message = await self._receive()
            except TimeoutError:
                if loop.time() >= idle_ends:
                    raise Slow from None
                continue
            if message["type"] == "http.disconnect":
                raise Gone
            self._more = message.get("more_body", False)
            return bytes(message.get("body", b""))
