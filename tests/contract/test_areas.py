"""What the area catalogue's store holds to, in memory and on Redis; and that ingest follows it without a restart."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import shapely

from services import wire
from services.adapters.areas_memory import MemoryAreas
from services.adapters.areas_redis import RedisAreas
from services.adapters.chains_memory import MemoryChains
from services.adapters.journal_memory import MemoryJournal
from services.adapters.redis_link import sync_link
from services.adapters.tail_redis import RedisTail
from services.ingest.areas.places import Places
from services.kernel.areas import Area, AreaName, Catalogue
from services.kernel.events import Point
from services.kernel.ids import AreaId
from services.kernel.ports.areas import AreaStore
from services.kernel.ports.failures import CatalogueConflict, Unavailable
from services.kernel.ports.journal import JournalTail
from services.kit.settings import Settings
from tests.contract.ingest_door import Door

WEST, EAST = AreaName("West", "Ouest", ("K1A",)), AreaName("East")


def area(area_id: str, west: float, name: AreaName, kind: str = "ward") -> Area:
    """A square degree of the equator, from `west` on."""
    return Area(AreaId(area_id), kind, name, shapely.to_wkb(shapely.box(west, 0, west + 1, 1)))


TWO = (area("e", 1, EAST), area("w", 0, WEST))


class Desk(NamedTuple):
    store: AreaStore
    tail: JournalTail

    def load(self, *areas: Area) -> Catalogue:
        before = self.store.read()
        return self.store.replace(Catalogue(before.revision, ("ward",), areas), {one.id: one.name for one in areas})


@contextmanager
def on_redis(url: str) -> Iterator[Desk]:
    with sync_link(Settings(journal_url=url)) as link:
        yield Desk(RedisAreas(link), RedisTail(link))


@pytest.fixture(params=["memory", "redis"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    if request.param == "memory":
        journal = MemoryJournal()
        yield Desk(MemoryAreas(journal), journal)
        return
    with on_redis(request.getfixturevalue("redis_url")) as made:
        yield made


def test_nothing_was_ever_loaded(desk: Desk) -> None:
    assert (desk.store.revision(), desk.store.read(), desk.tail.area_names()) == ("", Catalogue(), {})


def test_what_was_put_is_read_with_its_names_under_a_revision_of_its_own(desk: Desk) -> None:
    first = desk.load(*TWO)
    assert desk.store.read() == first == Catalogue(first.revision, ("ward",), TWO)
    assert desk.tail.area_names() == {"w": WEST, "e": EAST}
    second = desk.load(TWO[0])
    assert desk.store.revision() == second.revision != first.revision
    assert (desk.store.read().areas, desk.tail.area_names()) == (TWO[:1], {"e": EAST}), "nothing is left of the one before"


def test_of_two_that_replace_the_same_revision_one_is_refused_and_nothing_of_it_is_there(desk: Desk) -> None:
    before = desk.load(*TWO)
    desk.load(TWO[0])
    with pytest.raises(CatalogueConflict):
        desk.store.replace(Catalogue(before.revision, ("ward",), TWO), {})
    assert (desk.store.read().areas, desk.tail.area_names()) == (TWO[:1], {"e": EAST})


def test_the_catalogues_name_comes_before_a_feeds(desk: Desk, request: pytest.FixtureRequest) -> None:
    if isinstance(desk.tail, MemoryJournal):
        asyncio.run(desk.tail.name_areas({AreaId("w"): "WEST END", AreaId("x"): "Elsewhere"}))
    else:
        with sync_link(Settings(journal_url=request.getfixturevalue("redis_url"))) as link:
            link.hset(wire.AREA_NAMES, mapping={"w": "WEST END", "x": "Elsewhere"})
    desk.load(*TWO)
    assert desk.tail.area_names() == {"w": WEST, "e": EAST, "x": AreaName("Elsewhere")}


def test_many_areas_are_written_in_pieces_and_read_while_others_replace_them(redis_url: str) -> None:
    """A reader never has half of one catalogue and half of another."""
    big = [tuple(Area(AreaId(f"{turn}-{n:03}"), "ward", AreaName(str(n)), bytes(20_000)) for n in range(200)) for turn in "ab"]
    with on_redis(redis_url) as writing, on_redis(redis_url) as reading, sync_link(Settings(journal_url=redis_url)) as link:
        writing.load(*big[0])
        writer = threading.Thread(target=lambda: [writing.load(*big[turn % 2]) for turn in range(6)])
        writer.start()
        while writer.is_alive():
            try:
                assert reading.store.read().areas in big
            except Unavailable:
                continue  # replaced each time it was read: told, never half
        writer.join()
        assert len(link.keys(wire.catalogue_areas("*"))) == 1, "catalogues of before are gone"
        assert link.ttl(wire.catalogue_areas(reading.store.revision())) == -1


def test_a_store_that_is_down_says_so(desk: Desk, redis_to_kill: Any) -> None:
    if isinstance(desk.store, MemoryAreas):
        desk.store.down = True
        down: AreaStore = desk.store
    else:
        down = RedisAreas(sync_link(Settings(journal_url=redis_to_kill.url, redis_timeout_s=1), retries=0))
        redis_to_kill.kill()
    calls: list[Callable[[], object]] = [down.revision, down.read, lambda: down.replace(Catalogue(), {})]
    for call in calls:
        with pytest.raises(Unavailable):
            call()


class TestIngest:
    """The whole front door over a catalogue in memory."""

    @pytest.fixture
    def at(self) -> Iterator[tuple[Door, MemoryAreas, Places]]:
        settings, journal = Settings(http_ready_fresh_s=0), MemoryJournal()
        store = MemoryAreas(journal)
        places = Places(store, settings)
        with asyncio.Runner() as runner:
            yield Door(runner, journal, journal, settings, MemoryChains(), places=places), store, places

    def send(self, door: Door, number: int, **more: Any) -> Any:
        event = {"event_id": f"e{number}", "outage_id": f"o{number}", "occurred_at": "2024-11-20T11:00:00Z", "status": "active", **more}
        assert door.run(door.sending("/ingest/v1/events", event)).status_code == 202
        return door.run(door.journal.current("demo", [f"o{number}"]))[f"o{number}"].areas  # type: ignore[arg-type, list-item]

    def test_an_event_finds_its_areas_keeps_those_it_has_and_follows_a_reload(self, at: tuple[Door, MemoryAreas, Places]) -> None:
        door, store, places = at
        there = {"type": "Point", "coordinates": [0.5, 0.5]}
        assert self.send(door, 1, geometry=there) == (), "no catalogue: unplaced, as before"
        Desk(store, door.tail).load(*TWO)
        places.refresh()
        assert self.send(door, 2, geometry=there) == ("w",)
        assert self.send(door, 3, geometry=there, areas=["e"]) == ("e",)
        assert self.send(door, 4, geometry={"type": "Point", "coordinates": [-60, 44]}) == ()
        assert self.send(door, 5) == ()
        polygon = {"type": "Polygon", "coordinates": [[[0.5, 0], [1.5, 0], [1.5, 1], [0.5, 1], [0.5, 0]]]}
        assert self.send(door, 6, geometry=polygon) == ("e", "w")
        Desk(store, door.tail).load(area("n", 0, AreaName("New")))
        places.refresh()
        assert self.send(door, 7, geometry=there) == ("n",)

    def test_a_pictures_outages_are_placed_and_placed_anew_once_after_a_reload(self, at: tuple[Door, MemoryAreas, Places]) -> None:
        door, store, places = at
        Desk(store, door.tail).load(*TWO)
        feature = {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [1.5, 0.5]}, "properties": {"outage_id": "a", "customers": 9}}
        body = {"type": "FeatureCollection", "features": [feature]}

        def picture(minute: int) -> tuple[Any, int]:
            answer = door.run(door.sending(f"/ingest/v1/snapshots/geojson?observed_at=2024-11-20T11:{minute:02}:00Z", body))
            assert answer.status_code == 202, answer.text
            return door.run(door.journal.current("demo", ["a"]))["a"].areas, answer.json()["unchanged"]  # type: ignore[arg-type, index, list-item]

        assert picture(0) == (("e",), 0)
        assert picture(1) == (("e",), 1)
        Desk(store, door.tail).load(area("n", 1, AreaName("New")))
        places.refresh()
        assert picture(2) == (("n",), 0)
        assert picture(3) == (("n",), 1)

    def test_while_the_catalogue_was_never_read_nothing_is_placed_nowhere_by_mistake(self, at: tuple[Door, MemoryAreas, Places]) -> None:
        door, store, places = at
        Desk(store, door.tail).load(*TWO)
        store.down = True
        event = {"event_id": "e", "outage_id": "o", "occurred_at": "2024-11-20T11:00:00Z", "status": "active"}
        refused = door.run(door.sending("/ingest/v1/events", event))
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
        assert door.run(door.client.get("/readyz")).status_code == 503
        store.down = False
        assert self.send(door, 1, geometry={"type": "Point", "coordinates": [0.5, 0.5]}) == ("w",)
        store.down = True
        with pytest.raises(Unavailable):
            places.refresh()
        assert self.send(door, 2, geometry={"type": "Point", "coordinates": [0.5, 0.5]}) == ("w",), "what was read holds"
        assert door.run(door.client.get("/readyz")).status_code == 200

    def test_many_who_wait_for_the_catalogue_hold_one_thread_and_none_that_bodies_are_read_in(self) -> None:
        asked, go, read = [], threading.Event(), threading.Event()

        class Slow(MemoryAreas):
            def revision(self) -> str:
                asked.append(threading.current_thread())
                go.wait(10)
                return super().revision()

        async def story() -> None:
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
            reading = asyncio.create_task(asyncio.to_thread(read.wait, 10))
            await asyncio.sleep(0)
            places = Places(Slow(MemoryJournal()), Settings())
            waiting = [asyncio.create_task(places.ready()) for _ in range(50)]
            try:
                async with asyncio.timeout(5):
                    while not asked:  # noqa: ASYNC110 - a thread asks
                        await asyncio.sleep(0.001)
                    go.set()
                    await asyncio.gather(*waiting)
                assert (len(asked), reading.done()) == (1, False)
            finally:
                go.set()
                read.set()

        asyncio.run(story())

    def test_a_catalogue_that_cannot_be_read_leaves_the_one_before(self, at: tuple[Door, MemoryAreas, Places]) -> None:
        _door, store, places = at
        before = store.replace(Catalogue("", ("ward",), TWO), {})
        places.refresh()
        store.replace(Catalogue(before.revision, ("ward",), (Area(AreaId("x"), "ward", EAST, b"no shape"),)), {})
        places.refresh()
        assert places.of(Point([0.5, 0.5])) == ("w",)
