"""An ASGI application on a real server, as the services run: for tests that speak to it byte by byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def serve(app: Any, **options: Any) -> Iterator[int]:
    """A server of `app` on loopback; gives its port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # before its thread runs: nobody is refused
    server = uvicorn.Server(uvicorn.Config(app, **{"log_config": None, "lifespan": "off", "proxy_headers": False, **options}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)
