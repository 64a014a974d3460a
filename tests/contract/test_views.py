"""One contract for the views, on Redis and in memory."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services import wire
from services.adapters import views_redis
from services.adapters.mirror import Mirror
from services.adapters.redis_link import async_link, sync_link
from services.adapters.views_memory import MemoryViews
from services.adapters.views_redis import RedisViewFeed, RedisViews
from services.kernel.events import Point
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.outputs import Extents
from services.kernel.views import AreaBrief, Count, Extent, Position, Spoken, Stamp, View, ViewChanges, encode_view
from services.kit.settings import Settings
from tests.builders import SetClock

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
OVERALL = {"en": {"outage_status": (Spoken("In all, two."), Spoken("In all, none.", NOW + timedelta(hours=1)))}}


def view(area: str, outages: int = 1) -> View:
    return View(AreaBrief(AreaId(area), area.title(), outages, Count(10 * outages)), {"fr": {"outage_status": (Spoken(f"Il y a {outages} pannes."),)}})


def stamp(position: str, seconds: int = 0) -> Stamp:
    return Stamp(Position(position), NOW + timedelta(seconds=seconds))


A, B = OutageKey("oms:a"), OutageKey("oms:b")


def extents(*given: Extent, over: tuple[OutageKey, ...] = (), whole: bool = False) -> Extents:
    return Extents({**{extent.key: extent for extent in given}, **dict.fromkeys(over)}, whole)


def extent(key: OutageKey, *devices: str) -> Extent:
    return Extent(key, devices or ("feeder:7F12",), Point([-75.7, 45.4]))


class Views:
    """Both sides, whatever is behind them: each reading has its own event loop, as a mirror has."""

    def __init__(self, writer: Any, feed: Callable[[], Any]) -> None:
        self.publish, self._feed = writer.publish, feed

    def changes(self, revision: int) -> Any:
        async def read() -> Any:
            feed = self._feed()
            try:
                return await feed.changes(revision)
            finally:
                if isinstance(feed, RedisViewFeed):
                    await feed.close()

        return asyncio.run(read())


@pytest.fixture(params=["memory", "redis"])
def views(request: pytest.FixtureRequest) -> Views:
    if request.param == "memory":
        memory = MemoryViews()
        return Views(memory, lambda: memory)
    settings = Settings(journal_url=request.getfixturevalue("redis_url"))
    return Views(RedisViews(sync_link(settings)), lambda: RedisViewFeed(async_link(settings)))


class TestViews:
    def test_nothing_is_there_before_the_first_publication(self, views: Views) -> None:
        assert views.changes(0) is None

    def test_a_new_mirror_gets_everything_at_once(self, views: Views) -> None:
        assert views.publish([view("hull"), view("aylmer", 2)], OVERALL, stamp("5-1"))
        found = views.changes(0)
        assert found.views == {"hull": view("hull"), "aylmer": view("aylmer", 2)}
        assert (found.overall, found.stamp, found.whole) == (OVERALL, stamp("5-1"), True)

    def test_a_mirror_gets_only_what_changed_since_its_revision(self, views: Views) -> None:
        views.publish([view("hull"), view("aylmer")], OVERALL, stamp("5-1"))
        held = views.changes(0).revision
        views.publish([view("hull"), view("aylmer", 3)], OVERALL, stamp("6-1"))
        found = views.changes(held)
        assert found.views == {"aylmer": view("aylmer", 3)}
        assert (found.overall, found.stamp, found.whole) == (None, stamp("6-1"), False)
        assert found.revision > held

    def test_a_heartbeat_renews_the_stamp_alone(self, views: Views) -> None:
        views.publish([view("hull")], OVERALL, stamp("5-1"))
        held = views.changes(0).revision
        views.publish([], OVERALL, stamp("5-1", seconds=5))
        found = views.changes(held)
        assert (found.revision, found.views, found.overall, found.stamp) == (held, {}, None, stamp("5-1", seconds=5))

    @pytest.mark.parametrize("older", [stamp("9-1"), stamp("10-0"), stamp("9-9", seconds=5)])
    def test_an_older_position_never_goes_over_a_newer_one(self, views: Views, older: Stamp) -> None:
        views.publish([view("hull")], OVERALL, stamp("10-1"))
        assert not views.publish([view("hull", 7)], {}, older, whole=True)
        found = views.changes(0)
        assert (found.views, found.overall, found.stamp) == ({"hull": view("hull")}, OVERALL, stamp("10-1"))

    def test_the_same_position_is_renewed_though_the_clock_was_set_back(self, views: Views) -> None:
        views.publish([view("hull")], OVERALL, stamp("10-1", seconds=3600))
        assert views.publish([], OVERALL, stamp("10-1"))
        assert views.changes(0).stamp == stamp("10-1")

    def test_publishing_twice_changes_nothing_the_second_time(self, views: Views) -> None:
        views.publish([view("hull")], OVERALL, stamp("5-1"))
        held = views.changes(0)
        assert views.publish([view("hull")], OVERALL, stamp("5-1"))
        assert views.changes(0) == held

    def test_a_whole_publication_drops_other_areas_from_every_mirror(self, views: Views) -> None:
        views.publish([view("hull"), view("aylmer")], OVERALL, stamp("5-1"))
        held = views.changes(0).revision
        views.publish([view("hull")], OVERALL, stamp("6-1"), whole=True)
        found = views.changes(held)
        assert found.whole
        assert found.views == {"hull": view("hull")}
        assert found.overall == OVERALL

    def test_a_whole_publication_that_drops_nothing_is_no_reason_to_fetch_all(self, views: Views) -> None:
        views.publish([view("hull"), view("aylmer")], OVERALL, stamp("5-1"))
        held = views.changes(0).revision
        views.publish([view("hull"), view("aylmer", 2)], OVERALL, stamp("6-1"), whole=True)
        assert (views.changes(held).views, views.changes(held).whole) == ({"aylmer": view("aylmer", 2)}, False)

    def test_a_revision_from_another_life_of_the_store_gets_everything(self, views: Views) -> None:
        views.publish([view("hull")], OVERALL, stamp("5-1"))
        found = views.changes(views.changes(0).revision + 1_000)
        assert (found.views, found.whole) == ({"hull": view("hull")}, True)

    def test_extents_come_once_and_go_without_anything_else_being_fetched(self, views: Views) -> None:
        views.publish([view("hull")], OVERALL, stamp("5-1"), extents(extent(A), extent(B)))
        found = views.changes(0)
        assert found.extents == {A: extent(A), B: extent(B)}
        views.publish([], OVERALL, stamp("6-1"), extents(extent(A), extent(B, "feeder:9"), over=(OutageKey("oms:never-there"),)))
        found = views.changes(found.revision)
        assert (found.extents, found.views, found.whole) == ({B: extent(B, "feeder:9")}, {}, False)
        views.publish([], OVERALL, stamp("7-1"), extents(over=(B,)))
        again = views.changes(found.revision)
        assert (again.extents, again.views, again.whole) == ({B: None}, {}, False)
        assert views.changes(again.revision).extents == {}
        assert views.changes(0).extents == {A: extent(A)}

    def test_all_extents_drop_every_other_but_no_area(self, views: Views) -> None:
        views.publish([view("hull")], OVERALL, stamp("5-1"), extents(extent(A), extent(B)))
        held = views.changes(0).revision
        views.publish([], OVERALL, stamp("6-1"), extents(extent(B), whole=True))
        found = views.changes(held)
        assert (found.extents, found.views, found.whole) == ({A: None}, {}, False)
        views.publish([view("aylmer")], OVERALL, stamp("7-1"), whole=True)
        assert (views.changes(held).extents, views.changes(held).views) == ({B: extent(B)}, {"aylmer": view("aylmer")})

    def test_an_outage_that_opens_again_is_there_again(self, views: Views) -> None:
        views.publish([], OVERALL, stamp("5-1"), extents(extent(A)))
        views.publish([], OVERALL, stamp("6-1"), extents(over=(A,)))
        held = views.changes(0).revision
        views.publish([], OVERALL, stamp("7-1"), extents(extent(A)))
        assert views.changes(held).extents == {A: extent(A)}

    def test_an_empty_store_publishes_too(self, views: Views) -> None:
        assert views.publish([], {}, Stamp())
        assert views.changes(0).stamp == Stamp()


def test_a_mirror_shows_extents_and_drops_those_that_went(tmp_path: Path) -> None:
    store, settings, clock = MemoryViews(), Settings(_env_file=None), SetClock(NOW)
    mirror = Mirror(store, clock, settings, tmp_path / "mirror.json")

    async def follow() -> None:
        store.publish([view("hull")], OVERALL, stamp("5-1"), extents(extent(A), extent(B)))
        await mirror.catch_up()
        held = mirror.shown.extents
        assert held == {A: extent(A), B: extent(B)}
        store.publish([view("hull", 2)], OVERALL, stamp("6-1"))
        await mirror.catch_up()
        assert mirror.shown.extents is held
        store.publish([], OVERALL, stamp("7-1"), extents(over=(A,)))
        await mirror.catch_up()
        assert mirror.shown.extents == {B: extent(B)}
        await mirror.stop()

    asyncio.run(follow())
    next_one = Mirror(store, clock, settings, tmp_path / "mirror.json")
    next_one.load()
    assert next_one.shown.extents == {B: extent(B)}


def test_what_went_is_not_remembered_for_ever(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_redis, "GONE_MAX", 2)
    settings = Settings(journal_url=redis_url)
    link = sync_link(settings)
    views = Views(RedisViews(link), lambda: RedisViewFeed(async_link(settings)))
    keys = [OutageKey(f"oms:{number}") for number in range(4)]
    views.publish([view("hull")], OVERALL, stamp("5-1"), extents(*map(extent, keys)))
    held = views.changes(0).revision
    views.publish([], OVERALL, stamp("6-1"), extents(over=tuple(keys[:3])))
    found = views.changes(held)
    assert (found.whole, found.extents, found.views) == (True, {keys[3]: extent(keys[3])}, {"hull": view("hull")})
    assert link.zcard(wire.VIEWS_CHANGED) == link.hlen(wire.VIEWS)


def test_a_store_that_lost_its_data_starts_above_the_revisions_it_had(redis_url: str) -> None:
    settings = Settings(journal_url=redis_url)
    link = sync_link(settings)
    views = Views(RedisViews(link), lambda: RedisViewFeed(async_link(settings)))
    views.publish([view("hull")], OVERALL, stamp("5-1"))
    held = views.changes(0).revision
    link.flushdb()
    views.publish([view("aylmer")], OVERALL, stamp("5-1", seconds=1))
    assert (views.changes(held).views, views.changes(held).whole) == ({"aylmer": view("aylmer")}, True)


def test_the_stored_numbers_keep_all_their_digits(redis_url: str) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    RedisViews(link).publish([], OVERALL, Stamp(Position("1795439062123-12"), NOW + timedelta(microseconds=123_457)))
    assert b"[1795439062123,12,1537563840123457]" in link.get(wire.VIEWS_STAMP)  # type: ignore[operator]


def test_both_sides_say_when_redis_is_down() -> None:
    settings = Settings(journal_url="redis://127.0.0.1:1/0", redis_timeout_s=0.5)
    views = Views(RedisViews(sync_link(settings)), lambda: RedisViewFeed(async_link(settings)))
    with pytest.raises(Unavailable):
        views.publish([], OVERALL, stamp("5-1"))
    with pytest.raises(Unavailable):
        views.changes(0)


def test_a_large_publication_is_read_whole_and_leaves_others_their_turns() -> None:
    many = [view(f"w-{number}") for number in range(3 * views_redis.READ_IN_ONE_GO)]
    head = b'{"revision":7,"stamp":{"position":"5-1","as_of":"2018-09-21T21:04:00Z"}}'
    flat: list[bytes | None] = [part for one in many for part in (one.brief.area.encode(), encode_view(one))]

    async def read() -> tuple[ViewChanges, int]:
        reading, turns = asyncio.ensure_future(views_redis._read(head, 1, flat)), 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        return reading.result(), turns

    found, turns = asyncio.run(read())
    assert (found.revision, found.whole, list(found.views.values())) == (7, True, many)
    assert turns > 3
