"""The mirror: one position at a time, never backwards, and something to tell when all else is gone."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.adapters.mirror import SAVED_IN_ONE_GO, Mirror
from services.adapters.views_memory import MemoryViews
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kernel.views import AreaBrief, Count, Position, Shown, Spoken, Stamp, View, ViewChanges
from services.kit import metrics
from services.kit.settings import Settings

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
OVERALL = {"en": {"outage_status": (Spoken("In all, two."),)}}
QUICK = Settings(mirror_poll_s=0.001, mirror_retry_max_s=0.01, mirror_snapshot_s=0.0, redis_timeout_s=0.1)


class Still:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW + timedelta(seconds=30)


class Flaky(MemoryViews):
    """Views that can be gone for a while, or broken."""

    error: Exception | None = None
    failed = 0

    async def changes(self, revision: int) -> ViewChanges | None:
        if self.error is not None:
            self.failed += 1
            raise self.error
        return await super().changes(revision)


def view(area: str, outages: int = 1, name: str | None = None) -> View:
    return View(AreaBrief(AreaId(area), name or area.title(), outages, Count(10)), {"en": {"outage_status": (Spoken(f"{outages} in {area}."),)}})


def stamp(position: str) -> Stamp:
    return Stamp(Position(position), NOW)


def mirror(store: MemoryViews, snapshot: Path | None = None, **settings: float) -> Mirror:
    return Mirror(store, Still(), QUICK.model_copy(update=settings), snapshot)


async def until(holds: Callable[[], bool]) -> None:
    """Wait, no longer than 5 s, until `holds`."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0)


def test_it_shows_what_was_published_and_then_only_what_changed() -> None:
    store = MemoryViews()
    held = mirror(store)
    store.publish([view("hull"), view("aylmer")], OVERALL, stamp("5-1"))
    asyncio.run(held.catch_up())
    names = held.shown.names
    store.publish([view("hull", 3)], OVERALL, stamp("6-1"))
    asyncio.run(held.catch_up())
    assert held.shown == Shown(
        stamp("6-1"), {"hull": view("hull", 3), "aylmer": view("aylmer")}, OVERALL, {"hull": AreaName("Hull"), "aylmer": AreaName("Aylmer")}
    )
    assert held.shown.names is names, "names that did not change are the same object, so that nothing is prepared again"


def test_what_a_reader_holds_never_changes_under_it() -> None:
    store = MemoryViews()
    held = mirror(store)
    store.publish([view("hull")], OVERALL, stamp("5-1"))
    asyncio.run(held.catch_up())
    reading = held.shown
    store.publish([view("hull", 9), view("new")], {}, stamp("6-1"), whole=True)
    asyncio.run(held.catch_up())
    assert (reading.stamp, reading.views) == (stamp("5-1"), {"hull": view("hull")})


def test_a_renamed_area_makes_new_names() -> None:
    store = MemoryViews()
    held = mirror(store)
    store.publish([view("hull")], OVERALL, stamp("5-1"))
    asyncio.run(held.catch_up())
    store.publish([view("hull", name="Vieux-Hull")], OVERALL, stamp("6-1"))
    asyncio.run(held.catch_up())
    assert held.shown.names == {"hull": AreaName("Vieux-Hull")}


def test_areas_that_went_are_gone() -> None:
    store = MemoryViews()
    held = mirror(store)
    store.publish([view("hull"), view("aylmer")], OVERALL, stamp("5-1"))
    asyncio.run(held.catch_up())
    store.publish([view("hull")], OVERALL, stamp("6-1"), whole=True)
    asyncio.run(held.catch_up())
    assert (held.shown.views.keys(), held.shown.names) == ({"hull"}, {"hull": AreaName("Hull")})


def test_a_store_that_fell_back_never_takes_it_back() -> None:
    store, older = MemoryViews(), MemoryViews()
    store.publish([view("hull", 2)], OVERALL, stamp("9-1"))
    older.publish([view("hull", 1)], OVERALL, stamp("5-1"))
    held = mirror(store)
    asyncio.run(held.catch_up())
    held._feed = older
    with capture_logs() as logs:
        for _ in range(3):
            asyncio.run(held.catch_up())
    assert [(line["event"], line["shown"], line["offered"]) for line in logs] == [("voice.mirror_overtook", "9-1", "5-1")]
    assert (held.shown.stamp, held.shown.views) == (stamp("9-1"), {"hull": view("hull", 2)})


@pytest.mark.parametrize("error", [Unavailable("gone"), ValueError("a newer writer's shape")])
def test_it_goes_on_answering_while_the_store_is_gone_and_catches_up_after(error: Exception) -> None:
    async def scenario() -> None:
        store = Flaky()
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        held = mirror(store)
        await held.start()
        store.error = error
        await until(lambda: store.failed > 1)
        assert held.shown.views == {"hull": view("hull")}
        store.error = None
        store.publish([view("hull", 4)], OVERALL, stamp("6-1"))
        await until(lambda: held.shown.stamp == stamp("6-1"))
        await held.stop()

    asyncio.run(scenario())


def test_a_store_that_a_failover_took_back_is_taken_over_whole_once_it_has_caught_up() -> None:
    """The new master lacks the last revision, and gives its number to other views."""
    before, after = MemoryViews(), MemoryViews()
    for store in (before, after):
        store.publish([view("hull"), view("aylmer")], OVERALL, stamp("5-1"))
    before.publish([view("hull", 3)], OVERALL, stamp("6-1"))
    held = mirror(before)
    asyncio.run(held.catch_up())
    held._feed = after
    asyncio.run(held.catch_up())
    assert held.shown.views[AreaId("hull")] == view("hull", 3), "nothing older is shown"
    after.publish([view("aylmer", 2)], OVERALL, stamp("7-1"))
    for _ in range(2):
        asyncio.run(held.catch_up())
    assert dict(held.shown.views) == {"hull": view("hull"), "aylmer": view("aylmer", 2)}


def test_it_waits_for_a_store_that_is_away_for_a_moment_before_it_shows_an_old_snapshot(tmp_path: Path) -> None:
    store = Flaky()

    async def story() -> None:
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        first = mirror(store, tmp_path / "mirror.json")
        await first.start()
        await first.stop()
        store.publish([view("hull", 3)], OVERALL, stamp("6-1"))
        store.error = Unavailable("restarting")
        second = mirror(store, tmp_path / "mirror.json")
        starting = asyncio.create_task(second.start())
        await until(lambda: store.failed >= 2)
        assert not starting.done()
        store.error = None
        await starting
        assert second.shown.stamp == stamp("6-1")
        await second.stop()

    asyncio.run(story())


def test_it_starts_without_its_store_and_says_nothing_it_does_not_know() -> None:
    async def scenario() -> None:
        store = Flaky()
        store.error = Unavailable("not yet up")
        held = mirror(store)
        await held.start()
        assert held.shown == Shown()
        store.error = None
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        await until(lambda: held.shown.stamp == stamp("5-1"))
        await held.stop()

    asyncio.run(scenario())


def test_it_starts_warm_from_what_the_last_one_saved(tmp_path: Path) -> None:
    path = tmp_path / "voice" / "mirror.json"

    async def first() -> Shown:
        store = MemoryViews()
        store.publish([view("hull"), view("aylmer", 2)], OVERALL, stamp("5-1"))
        held = mirror(store, path)
        await held.start()
        await held.stop()
        return held.shown

    async def second() -> Mirror:
        gone = Flaky()
        gone.error = Unavailable("gone")
        held = mirror(gone, path)
        await held.start()
        await held.stop()
        return held

    before = asyncio.run(first())
    after = asyncio.run(second())
    assert after.shown == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["mirror.json", "mirror.shown"]


def test_a_snapshot_older_than_what_was_shown_is_not_shown_before_the_store_had_its_chance(tmp_path: Path) -> None:
    async def story() -> None:
        store = Flaky()
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        first = mirror(store, tmp_path / "mirror.json", mirror_snapshot_s=60.0)
        await first.start()
        await first.stop()  # saves 5-1
        again = mirror(store, tmp_path / "mirror.json", mirror_snapshot_s=60.0)
        await again.start()
        store.publish([view("hull", 3)], OVERALL, stamp("6-1"))
        await until(lambda: again.shown.stamp == stamp("6-1"))
        again._task.cancel()  # type: ignore[union-attr] # killed: nothing is saved
        store.error = Unavailable("restarting")
        second = mirror(store, tmp_path / "mirror.json", mirror_start_s=0.01, redis_timeout_s=30.0)
        starting = asyncio.create_task(second.start())
        failed = store.failed
        await until(lambda: store.failed >= failed + 3)
        assert not starting.done(), "6-1 was shown: 5-1 would be a step back"
        store.error = None
        await starting
        assert second.shown.stamp == stamp("6-1")
        await second.stop()

    asyncio.run(story())


@pytest.mark.parametrize("count", [0, 1, SAVED_IN_ONE_GO, 2 * SAVED_IN_ONE_GO + 1])
def test_a_snapshot_of_any_size_is_saved_in_small_pieces_and_read_whole(tmp_path: Path, count: int) -> None:
    store, path = MemoryViews(), tmp_path / "mirror.json"
    store.publish([view(f"w-{number}") for number in range(count)], OVERALL, stamp("5-1"), whole=True)

    async def run() -> Shown:
        saving = mirror(store, path)
        await saving.catch_up()
        await saving.stop()
        return saving.shown

    shown, loaded = asyncio.run(run()), mirror(MemoryViews(), path)
    loaded.load()
    assert (loaded.shown, loaded.revision) == (shown, store._revision)
    assert len(loaded.shown.views) == count


def test_it_saves_while_it_runs_so_that_a_kill_costs_little(tmp_path: Path) -> None:
    path = tmp_path / "mirror.json"

    async def scenario() -> None:
        store = MemoryViews()
        held = mirror(store, path)
        await held.start()
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        await until(path.exists)
        await held.stop()

    asyncio.run(scenario())
    assert json.loads(path.read_bytes())["stamp"]["position"] == "5-1"


@pytest.mark.parametrize("content", [b"", b'{"version": 1', b'{"version": 99}', b"[]", b"\x00" * 100])
def test_a_snapshot_that_cannot_be_read_is_passed_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mirror.json"
    path.write_bytes(content)
    held = mirror(MemoryViews(), path)
    held.load()
    assert held.shown == Shown()


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    async def scenario() -> None:
        store = MemoryViews()
        held = mirror(store, tmp_path / "file" / "mirror.json")
        await held.start()
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        await until(lambda: held.shown.stamp == stamp("5-1"))
        await held.stop()

    asyncio.run(scenario())


def test_the_age_of_what_is_shown_is_measured() -> None:
    async def scenario() -> None:
        store = MemoryViews()
        store.publish([view("hull")], OVERALL, stamp("5-1"))
        held = mirror(store)
        await held.start()
        await until(lambda: b'surgecast_output_age_seconds{output="voice"} 30.0' in metrics.exposition()[0])
        await held.stop()

    asyncio.run(scenario())
