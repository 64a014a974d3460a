"""What speaks against taking more: seen in the background, earlier for bulk, and at once when the journal is silent."""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from structlog.testing import capture_logs

from services.ingest.pressure import GONE, UNWRITABLE, Pressure, bulk_from
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Backlog
from services.kit.refusal import Refusal
from services.kit.settings import Settings

SETTINGS = Settings(
    _env_file=None, ingest_lag_max_entries=100, ingest_memory_max_share=0.8, ingest_pressure_every_s=0.005, ingest_silent_s=0.02, ingest_silent_retry_s=0.005
)


def backlog(lag: int = 0, memory: float = 0.0, writable: bool = True) -> Backlog:
    return Backlog(0, lag, 0.0, {}, memory, writable=writable)


def seen(ask: Callable[[], Backlog], until: Callable[[Pressure], bool], room_mib: Callable[[], float] = lambda: math.inf) -> Pressure:
    """Watch until something is so."""

    async def story() -> Pressure:
        pressure = Pressure(ask, SETTINGS, room_mib=room_mib)
        watching = asyncio.create_task(pressure.watch())
        async with asyncio.timeout(10):
            while not until(pressure):  # noqa: ASYNC110 - a thread asks
                await asyncio.sleep(0.001)
        watching.cancel()
        return pressure

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (backlog(lag=101), "behind by 101 accepted events (SURGECAST_INGEST_LAG_MAX_ENTRIES is 100)"),
        (backlog(memory=0.81), "81% of the journal's memory is used (SURGECAST_INGEST_MEMORY_MAX_SHARE is 80%)"),
    ],
)
def test_the_reason_names_the_limit_and_how_far_it_is_passed(told: Backlog, words: str) -> None:
    pressure = seen(lambda: told, lambda pressure: pressure() is not None)
    refusal = pressure()
    assert refusal is not None
    assert refusal.name == "behind"
    assert words in refusal.why


@pytest.mark.parametrize("told", [backlog(lag=95), backlog(memory=0.75)])
def test_bulk_is_refused_while_there_is_still_room_for_single_updates(told: Backlog) -> None:
    pressure = seen(lambda: told, lambda pressure: pressure(True) is not None)
    assert pressure(False) is None


def test_a_disk_that_fills_up_is_told_before_it_is_full() -> None:
    rooms = iter([63.9])
    pressure = seen(backlog, lambda pressure: pressure() is not None, lambda: next(rooms, 64.0))
    refusal = pressure()
    assert refusal is not None
    assert (refusal.name, "64 MiB are left" in refusal.why, "SURGECAST_INGEST_DISK_MIN_MIB is 64" in refusal.why) == ("disk-full", True, True)
    assert seen(backlog, lambda _: True, lambda: 64.0)() is None


def test_replicas_that_events_would_wait_for_in_vain_are_told_before_any_does() -> None:
    async def story() -> Refusal | None:
        told = iter([1])
        pressure = Pressure(lambda: Backlog(0, 0, 0.0, {}, replicas=next(told, 2)), SETTINGS.model_copy(update={"journal_wait_replicas": 2}))
        watching, found = asyncio.create_task(pressure.watch()), None
        async with asyncio.timeout(10):
            while (refusal := pressure()) is not None or found is None:
                found = refusal or found
                await asyncio.sleep(0.001)
        watching.cancel()
        return found

    refusal = asyncio.run(story())
    assert refusal is not None
    assert (refusal.name, "1 of the journal's replicas are there (SURGECAST_JOURNAL_WAIT_REPLICAS is 2)" in refusal.why) == ("journal-unavailable", True)


def test_a_disk_that_is_full_is_told() -> None:
    assert seen(lambda: backlog(writable=False), lambda pressure: pressure() is not None)() is UNWRITABLE


def test_a_silent_journal_is_refused_for_before_it_says_anything_and_taken_again_once_it_answers() -> None:
    answer = threading.Event()

    def ask() -> Backlog:
        answer.wait(10)
        return backlog()

    async def story() -> None:
        pressure = Pressure(ask, SETTINGS)
        watching = asyncio.create_task(pressure.watch())
        async with asyncio.timeout(10):
            while pressure() is not GONE:  # noqa: ASYNC110 - a thread asks
                await asyncio.sleep(0.001)
            assert pressure(True) is GONE
            answer.set()
            while pressure() is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        watching.cancel()

    asyncio.run(story())


def test_a_journal_that_can_not_be_reached_is_gone_until_it_can() -> None:
    tries = iter(range(1_000))

    def ask() -> Backlog:
        if next(tries) < 3:
            raise Unavailable("Redis can't be reached")
        return backlog(lag=200)

    pressure = seen(ask, lambda pressure: pressure() is not None and pressure() is not GONE)
    assert next(tries) > 3
    assert pressure() is not GONE


def test_a_journal_that_still_takes_events_is_busy_and_not_gone() -> None:
    tries = iter(range(1_000))

    def ask() -> Backlog:
        if next(tries) < 3:
            raise Unavailable("Redis can't be reached: Timeout")
        return backlog(lag=200)

    async def story() -> None:
        pressure, refusals = Pressure(ask, SETTINGS, time.monotonic), []
        watching = asyncio.create_task(pressure.watch())
        async with asyncio.timeout(10):
            while (refusal := pressure()) is None or refusal is GONE:
                refusals.append(refusal)
                await asyncio.sleep(0.001)
        watching.cancel()
        assert GONE not in refusals

    asyncio.run(story())


def test_a_question_never_waits_behind_large_bodies() -> None:
    asked, read = threading.Event(), threading.Event()

    def ask() -> Backlog:
        asked.set()
        return backlog(lag=200)

    async def story() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        reading = asyncio.create_task(asyncio.to_thread(read.wait, 10))
        await asyncio.sleep(0)
        watching = asyncio.create_task(Pressure(ask, SETTINGS).watch())
        try:
            async with asyncio.timeout(5):
                while not asked.is_set():  # noqa: ASYNC110 - a thread asks
                    await asyncio.sleep(0.001)
            assert not reading.done()
        finally:
            read.set()
            watching.cancel()

    asyncio.run(story())


@pytest.mark.parametrize("error", [redis.ResponseError("NOPERM this user has no permissions to run 'info'"), KeyError("maxmemory")])
def test_an_answer_that_can_not_be_used_freezes_no_verdict(error: Exception) -> None:
    told = iter([backlog(), error, error, error])

    def ask() -> Backlog:
        now = next(told, backlog(lag=200))
        if isinstance(now, Exception):
            raise now
        return now

    async def story() -> None:
        pressure, refusals = Pressure(ask, SETTINGS), []
        with capture_logs() as logs:
            watching = asyncio.create_task(pressure.watch())
            async with asyncio.timeout(10):
                while (refusal := pressure()) is None or refusal is GONE:
                    refusals.append(refusal)
                    await asyncio.sleep(0.001)
            watching.cancel()
        assert GONE in refusals
        assert [line["event"] for line in logs].count("ingest.pressure_failed") == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("path", "method", "headers", "bulk"),
    [
        ("/ingest/v1/events", "POST", [(b"content-length", b"400")], False),
        ("/ingest/v1/events", "POST", [(b"content-length", b"70000")], True),
        ("/ingest/v1/events", "POST", [(b"transfer-encoding", b"chunked")], True),
        ("/ingest/v1/events", "POST", [(b"content-length", b"many")], True),
        ("/ingest/v1/snapshots/geojson", "POST", [(b"content-length", b"400")], True),
        ("/openapi.json", "GET", [], False),
    ],
)
def test_a_head_tells_what_is_bulk(path: str, method: str, headers: list[tuple[bytes, bytes]], bulk: bool) -> None:
    assert bulk_from(64 * 1024)({"path": path, "method": method, "headers": headers}) is bulk
