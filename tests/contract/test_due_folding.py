"""What the relay's side of the journal holds to, in memory and on Redis: folding, rounds, trimming."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import NamedTuple

import pytest
from redis import Redis

from services.adapters.due_redis import RedisDue
from services.adapters.fold_memory import MemoryFold, MemoryGroup, MemoryJanitor, MemoryRounds
from services.adapters.fold_redis import RedisFold
from services.adapters.janitor_redis import RedisJanitor
from services.adapters.rounds_redis import RedisRounds
from services.kernel.events import Status
from services.kernel.ports.clock import Clock
from services.kernel.ports.journal import Entry, Trimmed, Trimming
from services.kernel.ports.work import DueWork, Relaying, Rounds
from services.kernel.views import ORIGIN, Position, Stamp
from services.kit.clock import SystemClock
from services.wire import Channel
from tests.builders import event
from tests.contract.journals import Subject, in_memory, on_redis

SECOND = timedelta(seconds=1)


class Desk(NamedTuple):
    journal: Subject
    relay: Callable[[], Relaying]
    due: DueWork
    rounds: Callable[[], Rounds]
    janitor: Callable[[int, int], Trimming]
    clock: Clock

    def events(self, count: int) -> None:
        self.journal.append(*(event(str(i), minute=i, areas=(f"K{i}A",)) for i in range(count)))


@pytest.fixture(params=["memory", "redis"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with ExitStack() as stack:
        if request.param == "memory":
            subject = stack.enter_context(in_memory())
            group = MemoryGroup(subject.journal)
            rounds = MemoryRounds(group.bells)
            yield Desk(
                subject,
                lambda: MemoryFold(group),
                group.due[Channel.SITE],
                lambda: rounds,
                lambda retention, most: MemoryJanitor(group, retention, most),
                subject.journal.clock,
            )
            return
        url = request.getfixturevalue("redis_url")
        subject = stack.enter_context(on_redis(url))
        link = stack.enter_context(Redis.from_url(url, protocol=2))
        yield Desk(
            subject,
            lambda: RedisFold(link),
            RedisDue(link, Channel.SITE),
            lambda: RedisRounds(link),
            lambda retention, most: RedisJanitor(link, retention, most),
            SystemClock(),
        )


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.number for entry in entries]


class TestRelaying:
    def test_each_entry_is_read_by_one_relay_once(self, desk: Desk) -> None:
        desk.events(5)
        one, two = desk.relay(), desk.relay()
        assert numbers(one.read("one", 3, 0)) == [1, 2, 3]
        assert numbers(two.read("two", 3, 0)) == [4, 5]
        assert two.read("two", 3, 1) == []

    def test_relay_reads_what_it_held_first_when_it_starts_again(self, desk: Desk) -> None:
        desk.events(5)
        assert numbers(desk.relay().read("one", 4, 0)) == [1, 2, 3, 4]
        again = desk.relay()
        held = again.read("one", 2, 0)
        assert numbers(held) == [1, 2]
        again.commit(held, {})
        held = again.read("one", 9, 0)
        assert numbers(held) == [3, 4]
        again.commit(held, {})
        assert numbers(again.read("one", 9, 0)) == [5]

    def test_entries_of_a_dead_relay_are_claimed_once_they_are_old_enough(self, desk: Desk) -> None:
        desk.events(3)
        desk.relay().read("dead", 9, 0)
        heir = desk.relay()
        assert heir.claim("heir", 60_000, 9) == []
        claimed = heir.claim("heir", 0, 2)
        assert numbers(claimed) == [1, 2]
        heir.commit(claimed, {})
        assert numbers(heir.claim("heir", 0, 9)) == [3]
        assert desk.relay().backlog(desk.clock.now()).lag == 1

    def test_commit_makes_areas_due_and_acknowledges(self, desk: Desk) -> None:
        desk.events(2)
        relay, now = desk.relay(), desk.clock.now()
        entries = relay.read("one", 9, 0)
        relay.commit(entries, {"site": {"K0A": now, "K1A": now + SECOND}, "social": {}})
        assert desk.due.take(now, 9) == {"K0A": now}
        assert desk.relay().read("one", 9, 0) == []
        assert desk.relay().claim("two", 0, 9) == []

    def test_sooner_time_stays_when_an_area_is_touched_again(self, desk: Desk) -> None:
        relay, now = desk.relay(), desk.clock.now()
        relay.commit([], {"site": {"a": now, "b": now + 9 * SECOND}})
        relay.commit([], {"site": {"a": now + SECOND, "b": now + SECOND}})
        due = desk.due.take(now + SECOND, 9)
        assert timedelta() <= due["a"] - now < timedelta(milliseconds=1)
        assert due["b"] == now + SECOND

    def test_work_is_not_struck_off_when_an_event_came_after_it_was_taken(self, desk: Desk) -> None:
        relay, now = desk.relay(), desk.clock.now()
        relay.commit([], {"site": {"a": now, "b": now}})
        taken = desk.due.take(now, 9)
        relay.commit([], {"site": {"a": now + SECOND}})
        desk.due.done(taken, {"a": now + 60 * SECOND})
        assert list(desk.due.take(now + SECOND, 9)) == ["a"]

    def test_commit_twice_is_safe(self, desk: Desk) -> None:
        desk.events(2)
        relay, now = desk.relay(), desk.clock.now()
        entries = relay.read("one", 9, 0)
        for _ in range(2):
            relay.commit(entries, {"site": {"K0A": now}})
        assert list(desk.due.take(now + SECOND, 9)) == ["K0A"]
        assert relay.backlog(now).lag == 0

    def test_backlog_counts_the_unread_and_the_uncommitted(self, desk: Desk) -> None:
        relay = desk.relay()
        assert relay.backlog(desk.clock.now()) == desk.relay().backlog(desk.clock.now())
        assert (relay.backlog(desk.clock.now()).lag, relay.backlog(desk.clock.now()).oldest_age_s) == (0, 0)
        desk.events(5)
        later = desk.clock.now() + 60 * SECOND
        assert relay.backlog(later).lag == 5
        entries = relay.read("one", 3, 0)
        relay.commit(entries[:1], {"site": {"a": later - SECOND, "b": later - 5 * SECOND, "c": later + SECOND}})
        backlog = relay.backlog(later)
        assert (backlog.entries, backlog.lag) == (5, 4)
        assert 59 < backlog.oldest_age_s < 62
        assert backlog.due == dict.fromkeys(Channel, (0, 0.0)) | {"site": (2, pytest.approx(5.0))}

    def test_consumer_leaves_only_when_it_holds_nothing(self, desk: Desk) -> None:
        desk.events(1)
        relay = desk.relay()
        entries = relay.read("one", 9, 0)
        assert relay.leave("one") is False
        relay.commit(entries, {})
        assert relay.leave("one") is True
        assert relay.leave("never there") is True

    def test_bell_is_rung_once_until_answered_or_too_old(self, desk: Desk) -> None:
        relay, rounds = desk.relay(), desk.rounds()
        assert [relay.ring("site", 60_000), desk.relay().ring("site", 60_000), relay.ring("social", 60_000)] == [True, False, True]
        rounds.answered("site")
        assert relay.ring("site", 60_000) is True
        assert relay.ring("voice_cache", 1) is True
        assert any(relay.ring("voice_cache", 60_000) for _ in range(10_000))

    def test_thousands_are_committed_in_one_step(self, desk: Desk) -> None:
        desk.journal.append(*(event(str(i), minute=i) for i in range(9_000)))
        relay, now = desk.relay(), desk.clock.now()
        entries = relay.read("one", 9_000, 0)
        relay.commit(entries, {channel: {f"area {i}": now for i in range(9_000)} for channel in Channel})
        assert relay.backlog(now).due["social"][0] == 9_000
        assert relay.backlog(now).lag == 0


class TestRounds:
    def test_one_caller_works_for_a_channel_at_a_time(self, desk: Desk) -> None:
        with desk.rounds().single_flight("site", 60) as first:
            with desk.rounds().single_flight("site", 60) as second, desk.rounds().single_flight("social", 60) as other:
                assert (bool(first), bool(second), bool(other)) == (True, False, True)
            with desk.rounds().single_flight("site", 60) as third:
                assert not third
        with desk.rounds().single_flight("site", 60) as fourth:
            assert fourth

    def test_lock_is_let_go_when_the_work_fails(self, desk: Desk) -> None:
        with pytest.raises(ZeroDivisionError), desk.rounds().single_flight("site", 60):
            raise ZeroDivisionError
        with desk.rounds().single_flight("site", 60) as ours:
            assert ours

    def test_lock_of_another_is_left_alone_when_ours_ran_out(self, desk: Desk) -> None:
        with desk.rounds().single_flight("site", 0.001):
            for _ in range(100_000):
                successor = desk.rounds().single_flight("site", 60)
                if successor.__enter__():
                    break
                successor.__exit__(None, None, None)
        with desk.rounds().single_flight("site", 60) as third:
            assert not third
        successor.__exit__(None, None, None)

    def test_published_stamp_never_goes_back(self, desk: Desk) -> None:
        rounds, now = desk.rounds(), desk.clock.now()
        assert rounds.published("site") is None
        stamps = [Stamp(Position("9-0"), now), Stamp(Position("10-0"), now), Stamp(Position("9-9"), now + SECOND), Stamp(Position("10-0"), now - SECOND)]
        for stamp in stamps:
            rounds.set_published("site", stamp)
        assert rounds.published("site") == stamps[1]
        rounds.set_published("site", Stamp(Position("10-0"), now + SECOND))
        assert desk.rounds().published("site") == Stamp(Position("10-0"), now + SECOND)
        assert rounds.published("social") is None


class TestTrimming:
    FOREVER = 10**6

    def test_newest_entries_stay(self, desk: Desk) -> None:
        desk.events(10)
        relay, janitor = desk.relay(), desk.janitor(self.FOREVER, 1_000)
        relay.commit(relay.read("one", 99, 0), {})
        assert janitor.trim(4, desk.clock.now()) == Trimmed(6, 0)
        assert numbers(desk.journal.tail.since(ORIGIN, 99)) == [7, 8, 9, 10]
        assert janitor.trim(4, desk.clock.now()) == Trimmed(0, 0)
        assert janitor.trim(0, desk.clock.now()).entries == 3
        assert desk.journal.tail.cold().position == desk.journal.tail.since(ORIGIN, 9)[0].position

    def test_entries_stay_when_they_are_not_committed(self, desk: Desk) -> None:
        desk.events(10)
        relay, janitor = desk.relay(), desk.janitor(self.FOREVER, 1_000)
        assert janitor.trim(1, desk.clock.now()).entries == 0  # no relay has read anything
        entries = relay.read("one", 6, 0)
        relay.commit([*entries[:2], entries[4]], {})
        assert janitor.trim(1, desk.clock.now()).entries == 2
        relay.commit(entries, {})
        assert janitor.trim(1, desk.clock.now()).entries == 4  # four are unread
        assert numbers(desk.relay().read("two", 9, 0)) == [7, 8, 9, 10]

    def test_outages_over_are_forgotten_when_old_or_too_many(self, desk: Desk) -> None:
        janitor, now = desk.janitor(3600, 3), desk.clock.now()
        desk.journal.append(*(event(outage) for outage in "ABCDEF"))
        for outage in "ABCDE":
            desk.journal.append(event(outage, minute=1, status=Status.RESTORED))
        desk.journal.append(event("A", minute=2))
        assert janitor.trim(1, now) == Trimmed(0, 1)
        assert len(desk.journal.versions()) == 5
        assert desk.janitor(3600, 3).trim(1, now + timedelta(hours=2)) == Trimmed(0, 3)
        assert set(desk.journal.versions()) == {"oms:A", "oms:F"} == set(desk.journal.open())
