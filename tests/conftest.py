"""Fixtures that every test folder shares: a real Redis-compatible server, with its append-only file on, as the embedded mode starts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from services.cli.embedded_redis import NoServer, Running, running


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the whole session."""
    folder: Path = tmp_path_factory.mktemp("redis")
    try:
        with running(folder) as server:
            yield server
    except NoServer as error:
        pytest.skip(f"no Redis server on this machine: {error}")


@pytest.fixture
def redis_url(redis_server: Running) -> str:
    """The server's URL; each test finds it empty."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
        client.script_flush()
    return redis_server.url
