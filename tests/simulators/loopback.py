"""Services on the loopback, for simulators: and the ways in which a service can fail to answer."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.responses import Response


class Broken(Response):
    """Breaks the connection without an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        scope["transport"].abort()


class Silent(Response):
    """Waits until the client has gone."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Truncated(Response):
    """Promises more than it sends, then breaks off."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": [(b"content-length", str(len(self.body) + 9).encode())]})
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})
        scope["transport"].close()


class Dripping(Response):
    """A byte now and then, so that no single wait is long, and never an end."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": []})
        for _ in range(200):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)


@contextmanager
def serving(app: Any, certificate: Path | None = None) -> Iterator[str]:
    """Serve an ASGI application on a free port; gives its origin. `certificate`: a PEM file with the key in it, for https."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        scope["transport"] = send.__self__.transport  # uvicorn's own, so that a fault can break the connection
        await app(scope, receive, send)

    config = uvicorn.Config(
        served,
        host="127.0.0.1",
        port=0,
        log_level="critical",
        http="h11",
        loop="asyncio",
        timeout_graceful_shutdown=1,
        lifespan="off",
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started, "the simulator did not start within 10 s"
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
