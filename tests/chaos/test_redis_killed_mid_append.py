"""kill -9 of Redis while many append at once: all that was acknowledged is there, and nothing is half applied (I1)."""

import asyncio
import json
import random
from typing import Any

from services import wire
from services.adapters.journal_redis import RedisJournal
from services.adapters.redis_link import async_link, sync_link, text
from services.adapters.tail_redis import RedisTail
from services.cli.embedded_redis import Running
from services.kernel.board import placed
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import OutageId, OutageKey, SourceName
from services.kernel.order import version
from services.kernel.picture import Change, Picture, Seen
from services.kernel.ports.failures import PictureConflict, Unavailable
from services.kernel.views import ORIGIN, Position
from services.kit.settings import Settings
from tests.builders import NOW, event

KILLS, WRITERS, BATCH = 5, 6, 100


class Acknowledged:
    """What the writers were told is safe."""

    def __init__(self) -> None:
        self.events: dict[Position, OutageEvent] = {}
        self.revisions: dict[SourceName, int] = {}
        self.refused = 0


async def write_batches(journal: RedisJournal, name: int, told: Acknowledged, stop: asyncio.Event, chance: random.Random) -> None:
    """Append batches, each again and again until it is acknowledged, as ingest's clients do."""
    nth = 0
    while not stop.is_set():
        nth += 1
        batch = [
            event(f"{chance.randrange(300)}", f"{name}-{nth}-{i}", minute=chance.randrange(10_000), areas=(f"K{i % 7}A",), status=chance.choice(list(Status)))
            for i in range(BATCH)
        ]
        try:
            answers = await journal.append(SourceName("oms"), batch)
        except Unavailable:
            told.refused += 1
            await asyncio.sleep(0.01)
            continue
        told.events.update({answer.position: sent for answer, sent in zip(answers, batch, strict=True) if answer.position})


async def write_pictures(journal: RedisJournal, source: SourceName, told: Acknowledged, stop: asyncio.Event) -> None:
    """Move a picture on; each picture remembers exactly its own number."""
    while not stop.is_set():
        try:
            after = await journal.revision(source, "geojson") + 1
            sent = [event("P", f"{source}-{after}-{i}", minute=after + i / 100) for i in range(20)]
            change = Change(tuple(sent), {OutageId("P"): Seen(str(after))}, (), Picture(after, NOW, after))
            answers = await journal.append_picture(source, "geojson", change)
        except PictureConflict:  # the one before was written, but its answer was lost
            continue
        except Unavailable:
            told.refused += 1
            await asyncio.sleep(0.01)
            continue
        assert {answer.outcome for answer in answers} == {"accepted"}
        told.revisions[source] = after
        told.events.update({answer.position: one for answer, one in zip(answers, sent, strict=True) if answer.position})


async def storm(server: Running, told: Acknowledged, kills: int) -> None:
    settings, stop, chance = Settings(journal_url=server.url, redis_timeout_s=2), asyncio.Event(), random.Random(7)
    link = async_link(settings)
    journal = RedisJournal(link, 2_000)
    async with asyncio.TaskGroup() as group:
        for name in range(WRITERS):
            group.create_task(write_batches(journal, name, told, stop, random.Random(name)))
        group.create_task(write_pictures(journal, SourceName("pictures"), told, stop))
        for _ in range(kills):
            before = len(told.events)
            while len(told.events) < before + 500:  # noqa: ASYNC110 - what it waits for is counted by many
                await asyncio.sleep(0.005)
            await asyncio.sleep(chance.random() / 20)
            refused = told.refused
            server.kill()
            while told.refused == refused:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.005)
            check(server, told)  # the server is started again, and read before anyone writes
        stop.set()
    await link.aclose()


def check(server: Running, told: Acknowledged) -> None:
    """Start the server again and hold what is there against what was acknowledged, and against itself."""
    server.restart()
    settings = Settings(journal_url=server.url)
    with sync_link(settings) as link:
        tail = RedisTail(link)
        cold, entries = tail.cold(), tail.since(ORIGIN, 10**6)
        stored: Any = link.hgetall(wire.VERSIONS)
        closed: Any = link.zrange(wire.CLOSED, 0, -1)
        head: Any = link.hgetall(wire.picture_head("pictures", "geojson"))
        seen: Any = link.hgetall(wire.picture("pictures", "geojson"))
    by_position = {entry.position: entry.event for entry in entries}
    assert {position: by_position.get(position) for position in told.events} == told.events
    assert [entry.number for entry in entries] == list(range(1, cold.number + 1))
    latest: dict[OutageKey, OutageEvent] = {}
    versions: dict[OutageKey, str] = {}
    for entry in entries:
        before = latest.get(entry.key)
        assert entry.areas_before == (placed(before.areas) if before else ())
        assert before is None or version(before) < version(entry.event)
        latest[entry.key] = entry.event
        versions[entry.key] = f"{version(entry.event)} {entry.position}"
    assert dict(cold.open) == {key: known for key, known in latest.items() if not known.status.is_over}
    assert {text(key): text(value).rsplit(" ", 1)[0] for key, value in stored.items()} == versions
    assert set(map(text, closed)) == {key for key, known in latest.items() if known.status.is_over}
    revision = int(head.get(b"revision", 0))
    assert revision >= told.revisions.get(SourceName("pictures"), 0)
    assert len([entry for entry in entries if entry.key == "pictures:P"]) == 20 * revision
    assert not revision or json.loads(seen[b"P"])[0] == str(revision)


def test_all_that_was_acknowledged_is_there_and_nothing_is_half_applied_when_redis_is_killed(redis_to_kill: Running) -> None:
    told = Acknowledged()
    asyncio.run(storm(redis_to_kill, told, KILLS))
    assert len(told.events) >= KILLS * 500
    assert told.refused >= KILLS
    check(redis_to_kill, told)
