"""An ASGI application as a server runs it, in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Start `app`, and stop it at the end (ASGI's lifespan protocol)."""
    told: asyncio.Queue[Any] = asyncio.Queue()
    said: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, told.get, said.put))
    for begin, done in (("lifespan.startup", "lifespan.startup.complete"), ("lifespan.shutdown", "lifespan.shutdown.complete")):
        await told.put({"type": begin})
        answer = await said.get()
        assert answer["type"] == done, answer
        if begin == "lifespan.startup":
            try:
                yield
            except BaseException:
                running.cancel()
                raise
    await running
