"""Handing a picture in at the real ingest service, over real HTTP: what it answers, as the poller understands it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import uvicorn

from services.adapters.chains_memory import MemoryChains
from services.adapters.front_door_http import HttpFrontDoor
from services.adapters.front_door_memory import MemoryFrontDoor
from services.adapters.journal_memory import MemoryJournal
from services.adapters.keys_memory import MemoryKeys
from services.ingest.api import application
from services.ingest.formats import FORMATS
from services.kernel.ids import SourceName
from services.kernel.polls import Validators
from services.kernel.ports.keys import Rights
from services.kernel.ports.polls import Busy, Fetched, FrontDoor, Taken, Unusable
from services.kit.clock import SystemClock
from services.kit.settings import Settings

HYDRO, AT = SourceName("hydro"), SystemClock().now().replace(microsecond=0) - timedelta(minutes=5)
ONE = b'{"features":[{"properties":{"outage_id":"a","customers_affected":12,"areas":["K2G"]},"geometry":null}]}'
NONE = b'{"features":[]}'
MINUTE = timedelta(minutes=1)


@contextmanager
def served() -> Iterator[tuple[str, str, MemoryJournal]]:
    """An ingest service on loopback; its origin, a key for `hydro`, and its journal."""
    keys, journal = MemoryKeys(), MemoryJournal()
    key = keys.create(HYDRO, Rights(scopes=frozenset({"snapshots"}), formats=frozenset({"geojson"})))
    app = application(journal, keys, SystemClock(), Settings(), FORMATS, MemoryChains())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", key, journal
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def ingest() -> Iterator[tuple[str, str, MemoryJournal]]:
    with served() as made:
        yield made


def picture(body: bytes, minutes: float = 0) -> Fetched:
    return Fetched(body, "text/plain", Validators(), AT + minutes * MINUTE)


@pytest.mark.parametrize("kind", ["http", "memory"])
def test_a_picture_is_taken_once_and_an_older_one_is_overtaken(kind: str) -> None:
    with served() as (url, key, journal):
        door: FrontDoor = HttpFrontDoor(url, lambda _: key, 5) if kind == "http" else MemoryFrontDoor()
        assert door.take(HYDRO, "geojson", picture(ONE)) == Taken(1)
        assert door.take(HYDRO, "geojson", picture(ONE, 1)) == Taken(0)
        assert door.take(HYDRO, "geojson", picture(ONE, 1)) == Taken(0)
        assert door.take(HYDRO, "geojson", picture(ONE, -1)) == Taken(0, overtaken=True)
        if kind == "http":
            assert [entry.event.occurred_at for entry in journal.entries] == [AT]


def test_what_cannot_be_used_says_why(ingest: tuple[str, str, MemoryJournal]) -> None:
    url, key, _ = ingest
    door = HttpFrontDoor(url, lambda _: key, 5)
    door.take(HYDRO, "geojson", picture(ONE))
    with pytest.raises(Unusable, match=r"answers 400: "):
        door.take(HYDRO, "geojson", picture(b"<html>", 1))
    with pytest.raises(Unusable, match=r"answers 422: .*no records, but 1 outages are open"):
        door.take(HYDRO, "geojson", picture(NONE, 2))


def test_what_is_not_the_sources_fault_is_told_apart(ingest: tuple[str, str, MemoryJournal]) -> None:
    url, key, journal = ingest
    with pytest.raises(Busy, match=r"answers 401: "):
        HttpFrontDoor(url, lambda _: "sgc_no", 5).take(HYDRO, "geojson", picture(ONE))
    with pytest.raises(Busy, match=r"answers 403: "):
        HttpFrontDoor(url, lambda _: key, 5).take(HYDRO, "kubra", picture(ONE))
    with pytest.raises(Busy, match="can't be reached"):
        HttpFrontDoor("http://127.0.0.1:1", lambda _: key, 5).take(HYDRO, "geojson", picture(ONE))
    journal.down = True
    try:
        with pytest.raises(Busy, match=r"answers 503: ") as busy:
            HttpFrontDoor(url, lambda _: key, 5).take(HYDRO, "geojson", picture(ONE, 5))
        assert busy.value.retry_after_s >= 1
    finally:
        journal.down = False
