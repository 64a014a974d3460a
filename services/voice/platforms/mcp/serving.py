"""The library's part, loaded with the first request: it is large (some 25 MB), and most processes of voice are asked nothing by assistants."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from starlette.types import Receive, Scope, Send

from services.kit.logs import log


class Manager(Protocol):
    """The library's handler of one kind of HTTP request, and what runs while it serves."""

    def run(self) -> AbstractAsyncContextManager[None]:
        """Entered once, and left by the same task."""
        ...

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ...


class Serving:
    """Runs a manager in a task of its own, from its first use until it is closed."""

    def __init__(self, make: Callable[[], Manager]) -> None:
        """`make` loads what is large; it is called in a thread, so that questions of others go on meanwhile."""
        self._make = make
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[Manager] | None = None
        self._end = asyncio.Event()

    async def manager(self) -> Manager:
        """The manager, running. Raises what `make` does; the next caller tries again."""
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._ready))
        return await asyncio.shield(self._ready)

    async def close(self) -> None:
        """End it. Requests under way are given up."""
        self._end.set()
        if self._task is not None:
            await self._task

    async def _run(self, ready: asyncio.Future[Manager]) -> None:
        try:
            manager = await asyncio.to_thread(self._make)
        except Exception as error:
            log.error("mcp.not_loaded", exc_info=error)
            self._ready = None
            ready.set_exception(error)
            ready.exception()  # somebody may have left before it came
            return
        async with manager.run():
            ready.set_result(manager)
            await self._end.wait()
