"""Fixtures that every test folder shares: real Redis-compatible servers, with their append-only file on, as the embedded mode starts them; and PostgreSQL.

SURGECAST_REDIS_SERVER names another server program to test on, such as the oldest that is supported.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
import redis

from services.cli.embedded_redis import NoServer, Running, running
from services.kit.settings import Settings
from tests import postgresql
from tests.examples import USUAL, examples

hypothesis.settings.register_profile("surgecast", deadline=None, max_examples=examples(USUAL))  # a busy machine is no mistake of the code's
hypothesis.settings.load_profile("surgecast")

LONG_FIRST = ("chaos/", "e2e/", "contract/test_formats_on_real_storms.py", "contract/")
"""Folders and files of tests, those first that take longest: where two run at a time by file, the last ones should be short, or one waits for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order in which the Makefile's `--no-loadscope-reorder` hands files out; within a file nothing moves."""

    def turn(item: pytest.Item) -> int:
        name = os.path.relpath(item.path, Path(__file__).parent)
        return next((number for number, long in enumerate(LONG_FIRST) if name.startswith(long)), len(LONG_FIRST))

    items.sort(key=turn)


@contextmanager
def _server(folder: Path) -> Iterator[Running]:
    try:
        process = running(folder, named=Settings().redis_server)
        server = process.__enter__()
    except NoServer as error:
        pytest.skip(f"no Redis server on this machine: {error}")
    try:
        yield server
    finally:
        process.__exit__(None, None, None)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the whole session."""
    with _server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: Running) -> str:
    """The session's server, empty."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
        client.script_flush()
    return redis_server.url


@pytest.fixture
def redis_to_kill(tmp_path: Path) -> Iterator[Running]:
    """A server of the test's own: to kill, stop, starve and start again."""
    with _server(tmp_path / "redis") as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """One PostgreSQL for the whole session: that which SURGECAST_TEST_POSTGRES names (all that is in it is dropped), or one of the tests' own."""
    if named := os.environ.get("SURGECAST_TEST_POSTGRES"):
        yield named
        return
    server = postgresql.running()
    try:
        url = server.__enter__()
    except postgresql.NoPostgres as error:
        pytest.skip(f"no PostgreSQL to test on: {error}")
    try:
        yield url
    finally:
        server.__exit__(None, None, None)
