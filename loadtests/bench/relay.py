"""How fast the relay folds, and how long from an appended event to what the voice channel published.

`python -m loadtests.bench.relay`: starts a server of its own; needs nothing else. Medians of `RUNS`.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from redis.asyncio import Redis

from loadtests.bench.figures import row
from services import wire
from services.adapters.doorbell_memory import MemoryDoorbell
from services.adapters.fold_redis import RedisFold
from services.adapters.journal_redis import RedisJournal
from services.adapters.redis_link import async_link, sync_link
from services.adapters.rounds_redis import RedisRounds
from services.cli.embedded_redis import running
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, OutageId, SourceName
from services.kernel.views import ORIGIN, Position, position_order
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.relay.loop import Relay
from services.relay.main import limits
from services.wire import Channel

RUNS = 5
ENTRIES, BATCH, AREAS = 20_000, 500, 500
EVENTS_TIMED = 40


def events(first: int, count: int) -> list[OutageEvent]:
    """Of about 400 bytes each, like a utility's."""
    return [
        OutageEvent(
            event_id=f"bench-{number}",
            outage_id=OutageId(f"outage-{number % 4_000}"),
            occurred_at=SystemClock().now(),
            sequence=number,
            status="active",  # type: ignore[arg-type]
            customers_affected=number % 900,
            areas=(AreaId(f"area-{number % AREAS}"),),
            devices=(f"feeder:{number % 97}", f"transformer:{number}"),
            note={"en": "Crews are at work on a damaged line; an estimate follows."},  # type: ignore[arg-type]
        )
        for number in range(first, first + count)
    ]


async def fill(settings: Settings, first: int, count: int) -> Position:
    async with async_link(settings) as link:
        return await append(link, settings, events(first, count))


async def append(link: "Redis", settings: Settings, made: list[OutageEvent]) -> Position:
    journal = RedisJournal(link, settings.heard_events_max)
    for start in range(0, len(made), BATCH):
        answers = await journal.append(SourceName("bench"), made[start : start + BATCH])
    position = answers[-1].position
    assert position is not None
    return position


def fold_rates(settings: Settings) -> list[float]:
    """Entries a second, one relay, from read to committed, with appendfsync always; doorbells are rung in memory."""
    rates = []
    for run in range(RUNS):
        asyncio.run(fill(settings, run * ENTRIES, ENTRIES))
        with sync_link(settings, retries=0) as link:
            relay = Relay(RedisFold(link), MemoryDoorbell(4), SystemClock(), "bench", limits(settings))
            folded, started = 0, time.perf_counter()
            while folded < ENTRIES:
                folded += relay.step()
            rates.append(folded / (time.perf_counter() - started))
            link.delete(*(wire.due(channel) for channel in Channel))
    return rates


def latencies(settings: Settings, folder: Path) -> list[float]:
    """Seconds from an acknowledged event to the moment that the voice channel has published it, one event at a time."""
    from tests.processes import pieces

    found = []
    with pieces(settings, folder / "log", ["relay"], ["worker", "--channel", "voice_cache"]), sync_link(settings) as link:
        rounds = RedisRounds(link)
        for number in range(EVENTS_TIMED + 3):
            position = asyncio.run(fill(settings, 10_000_000 + number, 1))
            started = time.perf_counter()
            while position_order(((stamp := rounds.published(Channel.VOICE_CACHE)) and stamp.position) or ORIGIN) < position_order(position):
                assert time.perf_counter() - started < 30, "the worker doesn't answer"
                time.sleep(0.001)
            found.append(time.perf_counter() - started)
    return found[3:]  # the first ones start the worker's caches


def main() -> None:
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as server:
        settings = Settings(journal_url=server.url, data=Path(name))
        print(row("relay folds, appendfsync always", fold_rates(settings), "entries/s", asked="20,000"))
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as server:
        settings = Settings(journal_url=server.url, data=Path(name))
        print(row("append to published by the voice channel, through relay and Celery", latencies(settings, Path(name)), "s"))


if __name__ == "__main__":
    main()
