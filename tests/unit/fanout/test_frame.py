"""The frame around every channel's work, on in-memory twins."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest

from services.adapters.fold_memory import MemoryGroup, MemoryRounds
from services.adapters.journal_memory import MemoryJournal
from services.adapters.suspects_memory import MemorySuspects
from services.fanout.channel import Work
from services.fanout.frame import Answered, Frame, Limits
from services.fanout.replica import Replica
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Overtaken, Unavailable
from services.kernel.views import Stamp
from services.wire import Channel
from tests.builders import NOW, SOURCE, SetClock, event

LIMITS = Limits(areas=10, busy=timedelta(seconds=8), single_flight_s=5, park_after=3)


class Recorder:
    """A channel that remembers what it was given, and does what the test wants meanwhile."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.works: list[tuple[Work, Stamp]] = []
        self.meanwhile: Callable[[Work], Mapping[AreaId, datetime] | None] = lambda work: None

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        self.works.append((work, stamp))
        return self.meanwhile(work) or {}


class House:
    """A frame on twins, with a clock that the test moves."""

    def __init__(self, channel: Channel) -> None:
        self.clock = SetClock()
        self.journal = MemoryJournal(self.clock)
        self.group = MemoryGroup(self.journal)
        self.due = self.group.due[channel]
        self.rounds, self.suspects = MemoryRounds(self.group.bells), MemorySuspects()
        self.worker = Recorder(channel)
        self.frame = self.another(self.worker)

    def another(self, worker: Recorder) -> Frame:
        return Frame(worker, Replica(self.journal, 5, 100), self.due, self.rounds, self.suspects, self.clock, LIMITS)

    def append(self, *events: OutageEvent) -> None:
        """Append, and make due, as ingest and relay do."""
        asyncio.run(self.journal.append(SOURCE, events))
        self.due.touch({area: self.clock.now() for one in events for area in one.areas})


@pytest.fixture
def site() -> House:
    return House(Channel.SITE)


def settle(house: House) -> None:
    house.frame.answer()
    house.worker.works.clear()


def test_what_is_due_is_done_and_struck_off_and_the_stamp_published(site: House) -> None:
    site.append(event("A", areas=("a",)), event("B", areas=("b",)))
    assert site.frame.answer() is Answered.DONE
    ((work, stamp),) = site.worker.works
    assert work.due == {"a", "b"}
    assert work.cold
    assert stamp == Stamp(site.journal.entries[-1].position, NOW)
    assert site.rounds.published(Channel.SITE) == stamp
    assert not site.due.at


def test_the_stamp_is_renewed_when_nothing_is_due(site: House) -> None:
    settle(site)
    site.clock.move(seconds=5)
    assert site.frame.answer() is Answered.DONE
    ((work, stamp),) = site.worker.works
    assert not work.due
    assert not work.areas
    assert stamp.as_of == NOW + timedelta(seconds=5)


def test_an_area_that_changes_while_it_is_worked_on_is_worked_on_again(site: House) -> None:
    settle(site)
    site.append(event("A", areas=("a",)))

    def more(work: Work) -> None:
        if len(site.worker.works) == 1:
            site.append(event("A", minute=1, areas=("a",)))
        site.clock.move(seconds=1)

    site.worker.meanwhile = more
    assert site.frame.answer() is Answered.DONE
    assert [work.due for work, _ in site.worker.works] == [{"a"}, {"a"}]
    assert site.worker.works[-1][1].position == site.journal.entries[-1].position


def test_work_stays_due_and_changes_stay_known_when_it_fails(site: House) -> None:
    settle(site)
    site.append(event("A", areas=("a",)))

    def broken(work: Work) -> None:
        raise ValueError("broken template")

    site.worker.meanwhile = broken
    with pytest.raises(ValueError, match="broken template"):
        site.frame.answer()
    assert set(site.due.at) == {"a"}
    site.worker.meanwhile = lambda work: None
    assert site.frame.answer() is Answered.DONE
    assert site.worker.works[-1][0].keys == {"oms:A"}
    assert not site.due.at


def test_what_a_run_plans_falls_due_again(site: House) -> None:
    site.append(event("A", areas=("a",)))
    site.worker.meanwhile = lambda work: {AreaId("a"): NOW + timedelta(hours=1)}
    site.frame.answer()
    assert site.due.at == {"a": NOW + timedelta(hours=1)}
    site.clock.move(hours=1)
    site.worker.meanwhile = lambda work: None
    site.frame.answer()
    assert site.worker.works[-1][0].due == {"a"}


def test_a_doorbell_is_let_go_when_another_worker_has_the_channel(site: House) -> None:
    site.append(event("A"))
    with site.rounds.single_flight(Channel.SITE, 5) as mine:
        assert mine
        assert site.frame.answer() is Answered.HELD_ELSEWHERE
    assert not site.worker.works
    assert site.frame.answer() is Answered.DONE


def test_no_wake_up_is_lost_when_a_doorbell_comes_just_before_the_holder_lets_go(site: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst moment: after the holder's last look, another doorbell is turned away."""
    settle(site)
    other = site.another(Recorder(Channel.SITE))
    take, turned_away = site.due.take, []

    def last_look(now: datetime, limit: int) -> dict[AreaId, datetime]:
        found = take(now, limit)
        if not found and not turned_away:
            monkeypatch.undo()
            site.append(event("A", areas=("a",)))
            turned_away.append(other.answer())
        return found

    monkeypatch.setattr(site.due, "take", last_look)
    assert site.frame.answer() is Answered.DONE
    assert turned_away == [Answered.HELD_ELSEWHERE]
    assert site.worker.works[-1][0].due == {"a"}
    assert not site.due.at


def test_a_doorbell_ends_in_time_when_work_never_ends(site: House) -> None:
    def endless(work: Work) -> None:
        site.clock.move(seconds=3)
        site.append(event("A", minute=len(site.worker.works), areas=("a",)))

    site.worker.meanwhile = endless
    site.append(event("A", areas=("a",)))
    assert site.frame.answer() is Answered.UNFINISHED
    assert len(site.worker.works) == 3
    with site.rounds.single_flight(Channel.SITE, 5) as free:
        assert free


def test_more_due_areas_than_one_round_takes_are_all_done(site: House) -> None:
    site.append(*(event(f"o{number}", areas=(f"a{number:02}",)) for number in range(25)))
    assert site.frame.answer() is Answered.DONE
    assert [len(work.due) for work, _ in site.worker.works] == [10, 10, 5]


def test_the_next_doorbell_may_ring_once_this_one_is_answered(site: House) -> None:
    assert site.group.bells.ring(Channel.SITE, 60_000)
    site.frame.answer()
    assert site.group.bells.ring(Channel.SITE, 60_000)


def test_a_worker_that_lost_its_hold_meanwhile_begins_no_further_round(site: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hold: list[str] = ["ours"]

    @contextmanager
    def single_flight(channel: str, ttl_s: float) -> Iterator[list[str]]:
        yield hold

    def stands_still(work: Work) -> None:
        hold.clear()
        site.append(event("B", areas=("b",)))

    monkeypatch.setattr(site.rounds, "single_flight", single_flight)
    site.worker.meanwhile = stands_still
    site.append(event("A", areas=("a",)))
    assert site.frame.answer() is Answered.HELD_ELSEWHERE
    assert len(site.worker.works) == 1
    assert set(site.due.at) == {"b"}


def test_an_area_named_late_counts_as_changed_at_the_next_heartbeat(site: House) -> None:
    site.append(event("A", areas=("a",)))
    settle(site)
    asyncio.run(site.journal.name_areas({AreaId("a"): "Alpha"}))
    site.clock.move(seconds=5)
    site.frame.answer()
    ((work, _),) = site.worker.works
    assert (work.due, work.areas) == (frozenset(), {"a"})


def test_work_stays_due_and_nothing_is_said_published_when_something_later_is_there(site: House) -> None:
    def overtaken(work: Work) -> None:
        raise Overtaken("the site shows a later position")

    site.worker.meanwhile = overtaken
    site.append(event("A", areas=("a",)))
    for _ in range(10):
        with pytest.raises(Overtaken):
            site.frame.answer()
    assert set(site.due.at) == {"a"}
    assert site.rounds.published(Channel.SITE) is None
    assert not site.suspects.parked


def test_social_takes_only_what_is_due() -> None:
    house = House(Channel.SOCIAL)
    settle(house)
    house.append(event("A", areas=("a",)))
    house.due.at[AreaId("a")] = NOW + timedelta(seconds=30)
    house.frame.answer()
    house.clock.move(seconds=30)
    house.frame.answer()
    assert [(work.due, work.areas) for work, _ in house.worker.works] == [(frozenset(), frozenset()), ({"a"}, {"a"})]


class TestPoison:
    """One area whose work always fails."""

    @pytest.fixture
    def poisoned(self, site: House) -> House:
        settle(site)

        def fails(work: Work) -> None:
            if "poison" in work.areas:
                raise ValueError("cannot be rendered")

        site.worker.meanwhile = fails
        site.append(event("A", areas=("a",)), event("P", areas=("poison",)), event("Z", areas=("z",)))
        return site

    def ring_until_done(self, house: House, doorbells: int = 20) -> int:
        for rung in range(doorbells):
            try:
                if house.frame.answer() is Answered.DONE and not house.due.at:
                    return rung
            except ValueError:
                continue
        raise AssertionError(f"still due after {doorbells} doorbells: {house.due.at}")

    def test_it_is_parked_and_the_others_are_done(self, poisoned: House) -> None:
        assert self.ring_until_done(poisoned) <= 2 * LIMITS.park_after
        reason, at = poisoned.suspects.parked[Channel.SITE][AreaId("poison")]
        assert (reason, at) == ("ValueError: cannot be rendered", NOW)
        done = {area for work, _ in poisoned.worker.works for area in work.areas}
        assert {"a", "z"} <= done

    def test_the_channel_goes_on_with_what_changes_next(self, poisoned: House) -> None:
        self.ring_until_done(poisoned)
        poisoned.append(event("A", minute=1, areas=("a",)))
        assert poisoned.frame.answer() is Answered.DONE
        assert poisoned.worker.works[-1][0].due == {"a"}

    def test_it_gets_another_chance_when_it_changes_and_is_freed_when_it_succeeds(self, poisoned: House) -> None:
        self.ring_until_done(poisoned)
        poisoned.worker.meanwhile = lambda work: None
        poisoned.append(event("P", minute=1, areas=("poison",)))
        assert poisoned.frame.answer() is Answered.DONE
        assert not poisoned.suspects.parked[Channel.SITE]

    def test_it_is_parked_and_the_others_are_served_when_a_worker_starts_cold(self, site: House) -> None:
        """And never due again: only the cold worker still meets it."""
        site.append(event("A", areas=("a",)), event("P", areas=("poison",)))
        site.due.at.clear()

        def fails(work: Work) -> None:
            taken = work.areas if work.alone or not work.cold else {"a", "poison"} - work.parked
            if "poison" in taken:
                raise ValueError("cannot be rendered")

        site.worker.meanwhile = fails
        for _ in range(2 * LIMITS.park_after):
            with suppress(ValueError):
                site.frame.answer()
        site.frame.answer()
        work, stamp = site.worker.works[-1]
        assert (work.cold, work.alone, work.parked) == (True, False, {"poison"})
        assert site.rounds.published(Channel.SITE) == stamp
        site.worker = Recorder(Channel.SITE)
        site.worker.meanwhile = fails
        assert site.another(site.worker).answer() is Answered.DONE, "the next cold worker leaves it out at once"

    def test_areas_tried_alone_claim_no_later_stamp_and_a_round_of_all_follows(self, site: House) -> None:
        settle(site)
        settled = site.rounds.published(Channel.SITE)
        trouble = ["passing"]

        def fails(work: Work) -> None:
            if trouble:
                raise ValueError("passing")
            if len(site.worker.works) < 50:  # never quiet
                site.append(event(f"X{len(site.worker.works)}", areas=(f"x{len(site.worker.works)}",)))

        site.worker.meanwhile = fails
        site.append(event("A", areas=("a",)), event("B", areas=("b",)))
        for _ in range(LIMITS.park_after):
            with pytest.raises(ValueError, match="passing"):
                site.frame.answer()
        trouble.clear()
        site.worker.works.clear()
        site.frame.answer()
        assert [(work.areas, work.alone, stamp) for work, stamp in site.worker.works[:2]] == [({"a"}, True, settled), ({"b"}, True, settled)]
        work, _ = site.worker.works[2]
        assert {"a", "b"} <= work.areas
        assert not any(work.alone for work, _ in site.worker.works[2:])
        assert site.rounds.published(Channel.SITE) == Stamp(site.journal.entries[-1].position, NOW)

    def test_a_trial_of_many_areas_goes_on_at_the_next_doorbell_when_it_takes_long(self, site: House) -> None:
        settle(site)

        def slow(work: Work) -> None:
            if work.alone:
                site.clock.move(seconds=5)
            elif len(site.worker.works) <= LIMITS.park_after:
                raise ValueError("passing")

        site.worker.meanwhile = slow
        site.append(*(event(name, areas=(name,)) for name in "abc"))
        for _ in range(LIMITS.park_after):
            with pytest.raises(ValueError, match="passing"):
                site.frame.answer()
        assert [site.frame.answer(), site.frame.answer()] == [Answered.UNFINISHED, Answered.DONE]
        assert [set(work.areas) for work, _ in site.worker.works if work.alone] == [{"a"}, {"b"}, {"c"}]

    def test_no_area_is_parked_when_every_one_of_them_fails(self, site: House) -> None:
        settle(site)

        def fails(work: Work) -> None:
            raise ValueError("broken template")

        site.worker.meanwhile = fails
        site.append(event("A", areas=("a",)), event("B", areas=("b",)))
        for _ in range(4 * LIMITS.park_after):
            with pytest.raises(ValueError, match="broken template"):
                site.frame.answer()
        assert not site.suspects.parked
        assert set(site.due.at) == {"a", "b"}

    def test_nobody_is_blamed_when_something_outside_is_down(self, site: House) -> None:
        settle(site)

        def down(work: Work) -> None:
            raise Unavailable("the disk is full")

        site.worker.meanwhile = down
        site.append(event("A", areas=("a",)), event("B", areas=("b",)))
        for _ in range(10):
            with pytest.raises(Unavailable):
                site.frame.answer()
        site.worker.meanwhile = lambda work: None
        assert site.frame.answer() is Answered.DONE
        assert site.worker.works[-1][0].due == {"a", "b"}
        assert not site.suspects.parked
