"""The voice channel: only what changed is rendered, and every area that was ever named has an answer."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.adapters.journal_memory import MemoryJournal
from services.adapters.views_memory import MemoryViews
from services.fanout.channel import Work
from services.fanout.replica import Replica
from services.fanout.voice_cache import SPREAD_S, VoiceCache
from services.kernel.answers import spoken_at
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import AreaId, OutageId, SourceName
from services.kernel.messages import LANGS, Wording
from services.kernel.ports.failures import Overtaken
from services.kernel.ports.outputs import NO_EXTENTS, Extents
from services.kernel.views import Answers, Position, Stamp, View

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
WORDINGS = [Wording(lang, "Hydro", "America/Toronto", spoken=True) for lang in LANGS]


class Still:
    def now(self) -> datetime:
        return NOW


class Recording(MemoryViews):
    """Views that remember what each publication held."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[set[AreaId]] = []

    def publish(self, views: Iterable[View], overall: Answers, stamp: Stamp, extents: Extents = NO_EXTENTS, *, whole: bool = False) -> bool:
        held = list(views)
        self.published.append({view.brief.area for view in held})
        return super().publish(held, overall, stamp, extents, whole=whole)


class Storm:
    """A journal, its replica, and the channel under test."""

    def __init__(self) -> None:
        self.journal, self.store = MemoryJournal(Still()), Recording()
        self.replica = Replica(self.journal, privacy_threshold=5, recent_max=10)
        self.channel = VoiceCache(self.store, WORDINGS, Still())
        self._events = 0

    def hear(self, outage: str, area: str, customers: int = 100, status: Status = Status.ACTIVE, **more: Any) -> None:
        self._events += 1
        event = OutageEvent(
            event_id=str(self._events), outage_id=OutageId(outage), occurred_at=NOW + timedelta(seconds=self._events), status=status,
            customers_affected=customers, areas=(AreaId(area),), **more,
        )  # fmt: skip
        asyncio.run(self.journal.append(SourceName("oms"), [event]))

    def run(self, *areas: str, cold: bool = False) -> Mapping[AreaId, datetime]:
        self.replica.catch_up()
        touched = frozenset(AreaId(area) for area in areas)
        return self.channel.run(self.replica, Work(touched, touched, frozenset(), cold), Stamp(self.replica.position, NOW))

    def says(self, area: str, intent: str = "outage_status") -> str:
        changes = asyncio.run(self.store.changes(-1))
        assert changes is not None
        return spoken_at(changes.views[AreaId(area)].answers["en"][intent], NOW)

    def says_overall(self) -> str:
        changes = asyncio.run(self.store.changes(-1))
        assert changes is not None
        assert changes.overall is not None
        return spoken_at(changes.overall["en"]["outage_status"], NOW)


def test_the_first_run_renders_every_area_that_was_ever_named() -> None:
    storm = Storm()
    asyncio.run(storm.journal.name_areas({AreaId("hull"): "Hull", AreaId("aylmer"): "Aylmer"}))
    storm.hear("1", "hull")
    storm.run(cold=True)
    assert storm.store.published == [{"hull", "aylmer"}]
    assert storm.says("aylmer").startswith("We know of no outage in Aylmer right now.")


def test_later_runs_render_only_what_changed() -> None:
    storm = Storm()
    for number in range(20):
        storm.hear(str(number), f"area-{number}")
    storm.run(cold=True)
    storm.hear("3", "area-3", customers=900)
    storm.run("area-3")
    assert storm.store.published[-1] == {"area-3"}
    assert "900 customers" in storm.says("area-3")


def test_an_area_whose_outages_are_over_keeps_an_answer_that_says_so() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.run(cold=True)
    storm.hear("1", "hull", status=Status.RESTORED)
    storm.run("hull")
    assert storm.says("hull").startswith("We know of no outage in hull")
    assert storm.says_overall().startswith("We know of no outage right now.")


def test_clearing_is_no_outage_and_no_restoration_either() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.run(cold=True)
    storm.hear("1", "hull", status=Status.CLEARING)
    storm.run("hull")
    assert storm.says("hull").startswith("We know of no outage in hull")
    assert "restored" not in storm.says("hull")


def test_the_hardest_hit_areas_are_named_worst_first() -> None:
    storm = Storm()
    for area, customers in (("a", 10), ("b", 400), ("c", 300), ("d", 200)):
        storm.hear(area, area, customers)
    storm.hear("x", "unplaced", 9_000)
    storm.run(cold=True)
    assert storm.says_overall() == "There are 5 outages across the area we serve, affecting 9,910 customers. Hardest hit: b, c and d."
    storm.hear("b", "b", status=Status.RESTORED)
    storm.run("b")
    assert "Hardest hit: c, d and a." in storm.says_overall()


def test_answers_that_name_a_time_fall_due_after_midnight_spread_out() -> None:
    storm = Storm()
    for number in range(50):
        storm.hear(str(number), f"area-{number}", estimated_restoration=NOW + timedelta(hours=3))
    storm.hear("none", "without")
    again = storm.run(cold=True)
    midnight = datetime(2018, 9, 22, 4, 0, tzinfo=UTC)
    assert "without" not in again
    assert all(midnight <= due < midnight + timedelta(seconds=SPREAD_S) for due in again.values())
    assert len(set(again.values())) > 25


def test_a_heartbeat_moves_the_stamp_and_renders_nothing() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.run(cold=True)
    storm.run()
    assert storm.store.published[-1] == set()


def test_views_leave_out_the_list_of_outages() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.run(cold=True)
    changes = asyncio.run(storm.store.changes(-1))
    assert changes is not None
    assert b"oms:1" not in msgspec.json.encode(changes.views)


def test_it_says_so_when_answers_of_a_later_position_are_there() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.store.publish([], {}, Stamp(Position("99999999999999-0"), NOW))
    with pytest.raises(Overtaken, match="later position"):
        storm.run(cold=True)


def test_parked_areas_keep_the_views_that_they_have_when_a_worker_starts_cold() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.hear("2", "aylmer")
    storm.run(cold=True)
    storm.store.published.clear()
    storm.replica.catch_up()
    work = Work(frozenset(), frozenset(), frozenset(), cold=True, parked=frozenset({AreaId("hull")}))
    storm.channel.run(storm.replica, work, Stamp(storm.replica.position, NOW))
    assert storm.store.published == [{"aylmer"}]
    assert "100 customers" in storm.says("hull")


def test_an_area_tried_alone_is_published_under_the_stamp_given_and_not_at_all_without_one() -> None:
    storm = Storm()
    storm.hear("1", "hull")
    storm.hear("2", "aylmer", 900)
    storm.run(cold=True)
    settled = Stamp(storm.replica.position, NOW)
    storm.hear("1", "hull", 300)
    storm.replica.catch_up()
    cold = VoiceCache(storm.store, WORDINGS, Still())
    work = Work(frozenset(), frozenset({AreaId("hull")}), frozenset(), cold=True, alone=True)
    cold.run(storm.replica, work, Stamp())
    assert "100 customers" in storm.says("hull")
    cold.run(storm.replica, work, settled)
    changes = asyncio.run(storm.store.changes(-1))
    assert changes is not None
    assert changes.stamp == settled
    assert set(changes.views) == {"hull", "aylmer"}
    assert "300 customers" in storm.says("hull")
    assert "Hardest hit" not in storm.says_overall()
