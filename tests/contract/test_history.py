"""What the history holds to, in memory and on Redis with SQLite: exactly once, whatever happens in between; and what an export reads of it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from services import wire
from services.adapters.history_sql import SqlArchive
from services.adapters.janitor_redis import RedisJanitor
from services.cli.export import reading
from services.fanout.history import Archived, purge
from services.kernel.events import Status
from services.kernel.history import Recorded, position_at, records
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.history import Archive, Cursor, HistoryMark, recorded
from services.kernel.views import ORIGIN, Position, position_order
from services.kit import metrics
from services.kit.clock import SystemClock
from tests.builders import NOW, SetClock, event
from tests.contract.histories import Desk, desk_in_memory, desk_on_redis, ledger_at
from tests.contract.ledgers import empty_ledger
from tests.examples import examples


@pytest.fixture(params=["memory", "redis and sqlite"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with desk_in_memory() if request.param == "memory" else desk_on_redis(request.getfixturevalue("redis_url"), ledger_at(tmp_path)) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    if request.param == "memory":
        with desk_in_memory() as made:
            yield made.archive
        return
    sql = SqlArchive(empty_ledger(request, request.param, tmp_path), 5)
    yield sql
    sql.close()


def exported(desk: Desk, since: Position = ORIGIN, before: Position | None = None, count: int = 3) -> list[Recorded]:
    return list(reading.events(desk.archive, desk.journal.tail, since, before, count))


def ids(events: list[Recorded]) -> list[str]:
    return [one.event.event_id for one in events]


class Flaky:
    """An archive or a mark that stops working at one call, as a process that dies there does; what it did before stands."""

    def __init__(self, inner: Archive | HistoryMark, fails_at: int, after: bool) -> None:
        self._inner, self._left, self._after = inner, fails_at, after

    def __getattr__(self, name: str) -> object:
        def call(*arguments: object) -> object:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Unavailable("died before")
            answer = getattr(self._inner, name)(*arguments)
            if self._left == 0:
                raise Unavailable("died after")
            return answer

        return call


class TestArchive:
    def rows(self, *outages: str, start: int = 1) -> list[Recorded]:
        return [Recorded(Position(f"{9 + n}-{n}"), n, f"oms:{name}", ("K2G",), event(name, minute=n)) for n, name in enumerate(outages, start)]

    def test_events_and_records_are_read_back_in_the_order_of_positions(self, archive: Archive) -> None:
        rows = self.rows("A", "B", "A\0Å", "A")
        assert archive.cursor() == Cursor()
        assert archive.write(rows, Cursor(), NOW)
        assert archive.cursor() == Cursor(rows[-1].position, 4)
        assert archive.events(ORIGIN, None, 9) == rows
        assert archive.events(rows[0].position, rows[3].position, 9) == rows[1:3]
        assert archive.events(ORIGIN, None, 2) == rows[:2]
        found = archive.outages(ORIGIN, ORIGIN, None, 9)
        assert [(one.first_position, one.last_position) for one in found] == [("10-1", "13-4"), ("11-2", "11-2"), ("12-3", "12-3")]
        assert found[0] == records(rows)["oms:A"]
        assert [one.key for one in archive.outages(ORIGIN, Position("12-0"), Position("12-0"), 9)] == ["oms:A"]

    def test_second_writer_writes_nothing_when_the_cursor_has_moved_on(self, archive: Archive) -> None:
        first, second = self.rows("A", "B"), self.rows("C", "D")
        assert archive.write(first, Cursor(), NOW)
        assert not archive.write(second, Cursor(), NOW)
        assert ids(archive.events(ORIGIN, None, 9)) == ids(first)
        assert [one.key for one in archive.outages(ORIGIN, ORIGIN, None, 9)] == ["oms:A", "oms:B"]
        assert archive.write([], Cursor(), NOW), "nothing to do is done"

    def test_event_written_again_stays_once(self, archive: Archive) -> None:
        rows = self.rows("A", "B", "A")
        assert archive.write(rows, Cursor(), NOW)
        assert archive.write(rows, archive.cursor(), NOW)
        assert archive.events(ORIGIN, None, 9) == rows
        assert archive.outages(ORIGIN, ORIGIN, None, 9) == sorted(records(rows).values(), key=lambda one: one.first_position)

    def test_purge_deletes_what_is_old_in_steps_and_keeps_open_outages(self, archive: Archive) -> None:
        day = timedelta(days=1)
        rows = [
            Recorded(Position(f"{position_order(position_at(NOW + n * day))[0]}-0"), n + 1, f"oms:{name}", (), event(name, minute=n, status=status))
            for n, (name, status) in enumerate([("A", Status.ACTIVE), ("B", Status.ACTIVE), ("A", Status.RESTORED), ("C", Status.CANCELLED)])
        ]
        assert archive.write(rows, Cursor(), NOW)
        assert [archive.purge(NOW + 2.5 * day, 2), archive.purge(NOW + 2.5 * day, 2), archive.purge(NOW + 2.5 * day, 2)] == [2, 1, 0]
        assert archive.events(ORIGIN, None, 9) == rows[3:]
        assert [one.key for one in archive.outages(ORIGIN, ORIGIN, None, 9)] == ["oms:B", "oms:C"]
        assert archive.cursor().number == 4


class TestArchiver:
    def test_nothing_leaves_the_journal_before_it_is_archived(self, desk: Desk) -> None:
        desk.journal.append(*(event(str(n)) for n in range(10)))
        desk.fold_all()
        assert desk.trim() == 0, "no archiver was ever there"
        desk.mark.hold()
        assert desk.trim() == 0
        assert desk.relay.backlog(SystemClock().now()).unarchived == 10
        assert desk.archiver(batch=4, busy_s=0).run() is Archived.UNFINISHED
        backlog = desk.relay.backlog(SystemClock().now() + timedelta(seconds=60))
        assert (backlog.unarchived, backlog.lag) == (6, 0)
        assert 59 < backlog.unarchived_age_s < 70
        assert desk.trim() == 4
        assert desk.archiver().run() is Archived.DONE
        assert desk.trim(keep=2) == 4
        assert len(desk.journal.tail.since(ORIGIN, 99)) == 2
        assert ids(exported(desk)) == [event(str(n)).event_id for n in range(10)]
        assert desk.relay.backlog(SystemClock().now()).unarchived == 0

    def test_entries_not_folded_stay_though_they_are_archived(self, desk: Desk) -> None:
        desk.journal.append(*(event(str(n)) for n in range(5)))
        desk.relay.commit(desk.relay.read("one", 2, 0), {})
        desk.archiver().run()
        assert desk.trim() == 2

    def test_journal_stays_and_grows_while_the_archive_is_down(self, desk: Desk) -> None:
        desk.journal.append(event("A"), event("B"))
        desk.fold_all()
        with pytest.raises(Unavailable):
            desk.archiver(archive=Flaky(desk.archive, 1, after=False)).run()  # type: ignore[arg-type]
        assert desk.trim() == 0
        assert desk.relay.backlog(SystemClock().now()).unarchived == 2
        desk.archiver().run()
        assert len(exported(desk)) == 2

    def test_two_at_once_archive_each_entry_once(self, desk: Desk) -> None:
        desk.journal.append(*(event(str(n)) for n in range(6)))
        cursor = desk.archive.cursor()
        assert desk.archiver().run() is Archived.DONE
        late = [recorded(entry) for entry in desk.journal.tail.since(ORIGIN, 4)]
        assert not desk.archive.write(late, cursor, NOW)
        assert len(desk.archive.events(ORIGIN, None, 99)) == 6

    def test_missing_entries_are_told_when_the_journal_lost_them_unarchived(self, desk: Desk) -> None:
        before = metrics.HISTORY_MISSING._value.get()
        desk.journal.append(event("A"))
        desk.archiver().run()
        desk.journal.append(*(event(f"B{n}") for n in range(4)))
        desk.fold_all()
        desk.mark.move(desk.journal.tail.since(ORIGIN, 9)[-1].position)  # by a hand that is not the archiver's
        assert desk.trim() == 4
        desk.journal.append(event("C"))
        assert desk.archiver().run() is Archived.DONE
        assert metrics.HISTORY_MISSING._value.get() - before == 3
        assert ids(exported(desk)) == [event(name).event_id for name in ("A", "B3", "C")]

    def test_journal_that_was_restored_from_an_older_copy_is_archived_whole(self, desk: Desk) -> None:
        desk.journal.append(event("A"), event("B"))
        here = recorded(desk.journal.tail.since(ORIGIN, 1)[0])
        future = Recorded(Position("99999999999999-0"), 900, "oms:F", (), event("F"))
        assert desk.archive.write([here, future], Cursor(), NOW)
        assert desk.archiver().run() is Archived.DONE
        assert ids(exported(desk)) == [event(name).event_id for name in ("A", "B", "F")]
        assert desk.archive.cursor().number == 2

    def test_purge_goes_on_in_steps_and_purged_events_are_not_exported_again_from_the_journal(self, desk: Desk) -> None:
        desk.journal.append(*(event(str(n)) for n in range(5)))
        desk.archiver().run()
        tomorrow = SetClock(SystemClock().now() + timedelta(days=1))
        assert purge(desk.archive, tomorrow, timedelta(hours=1), 2, timedelta(0)) is Archived.UNFINISHED
        assert purge(desk.archive, tomorrow, timedelta(hours=1), 2, timedelta(seconds=9)) is Archived.DONE
        assert len(desk.journal.tail.since(ORIGIN, 9)) == 5
        assert exported(desk) == []
        desk.journal.append(event("new"))
        assert ids(exported(desk)) == [event("new").event_id]


class TestReading:
    def test_window_is_cut_exactly_wherever_its_events_are(self, desk: Desk) -> None:
        answers = desk.journal.append(*(event(str(n)) for n in range(8)))
        desk.archiver(batch=4, busy_s=0).run()
        positions = [answer.position for answer in answers]
        for since in (0, 3, 4, 6):
            got = [one.position for one in reading.events(desk.archive, desk.journal.tail, positions[since], positions[7], 3)]
            floor = [position for position in positions[:7] if position_order(position)[0] >= position_order(positions[since])[0]]
            assert got == floor, "a window begins with a whole millisecond"

    def test_outages_are_whole_when_part_of_their_events_is_archived(self, desk: Desk) -> None:
        told = [
            event("A", minute=0, customers_affected=50, areas=("K2G",)),
            event("B", minute=1, customers_affected=7),
            event("A", minute=2, customers_affected=90, areas=("K1A",), cause="weather", started_at=NOW),
            event("A", minute=3, customers_affected=10, status=Status.RESTORED),
            event("C", minute=4),
        ]
        desk.journal.append(*told)
        desk.archiver(batch=2, busy_s=0).run()
        a, b, c = reading.outages(desk.archive, desk.journal.tail, ORIGIN, None, 1)
        assert (a.outage_id, b.outage_id, c.outage_id) == ("A", "B", "C")
        assert (a.peak_customers, a.areas, a.status, a.started_at, a.restored_at) == (90, ("K1A", "K2G"), "restored", NOW, told[3].occurred_at)
        desk.archiver().run()
        assert list(reading.outages(desk.archive, desk.journal.tail, ORIGIN, None, 2)) == [a, b, c]
        assert list(reading.outages(desk.archive, desk.journal.tail, c.first_position, None, 2)) == [c]
        assert list(reading.outages(desk.archive, desk.journal.tail, ORIGIN, b.first_position, 2)) == [a]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 7)),
        st.tuples(st.just("archive"), st.integers(1, 4)),
        st.tuples(st.just("die in the archive"), st.integers(1, 4), st.booleans()),
        st.tuples(st.just("die at the mark"), st.integers(1, 4), st.booleans()),
        st.tuples(st.just("fold"), st.integers(1, 9)),
        st.tuples(st.just("trim"), st.integers(0, 4)),
        st.tuples(st.just("export"), st.integers(1, 4)),
    ),
    max_size=25,
)


def play(desk: Desk, steps: list[tuple[str, ...]]) -> None:
    """Whatever happens in whichever order: an export has each accepted event exactly once, in the order of their positions."""
    accepted: list[str] = []
    for what, amount, *after in steps:
        match what:
            case "append":
                answers = desk.journal.append(*(event(str(len(accepted) + n)) for n in range(amount)))  # type: ignore[call-overload]
                accepted += [answer.position for answer in answers]
            case "archive":
                desk.archiver(batch=amount, busy_s=0).run()  # type: ignore[arg-type]
            case "die in the archive" | "die at the mark":
                inner = desk.archive if what == "die in the archive" else desk.mark
                flaky = Flaky(inner, amount, *after)  # type: ignore[arg-type]
                with suppress(Unavailable):
                    desk.archiver(2, **{"archive" if inner is desk.archive else "mark": flaky}).run()  # type: ignore[arg-type]
            case "fold":
                desk.relay.commit(desk.relay.read("one", amount, 0), {})  # type: ignore[arg-type]
            case "trim":
                desk.trim(keep=amount)  # type: ignore[arg-type]
            case "export":
                halfway(desk, accepted, amount)  # type: ignore[arg-type]
    assert [one.position for one in exported(desk, count=2)] == accepted
    assert sum(1 for _ in reading.outages(desk.archive, desk.journal.tail, ORIGIN, None, 2)) == len(accepted)


def halfway(desk: Desk, accepted: list[str], count: int) -> None:
    """An export during which the archiver and the janitor go on."""
    seen = []
    for one in reading.events(desk.archive, desk.journal.tail, ORIGIN, None, count):
        seen.append(one.position)
        desk.fold_all()
        desk.archiver(batch=1, busy_s=0).run()
        desk.trim()
    assert seen == accepted


@given(steps=STEPS)
@settings(max_examples=examples(50), deadline=None)
def test_any_interleaving_exports_each_event_exactly_once(steps: list[tuple[str, ...]]) -> None:
    with desk_in_memory() as desk:
        play(desk, steps)


@given(steps=STEPS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_interleaving_on_redis_and_sqlite(redis_url: str, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, ...]]) -> None:
    with Redis.from_url(redis_url) as link:
        link.flushall()
    with desk_on_redis(redis_url, ledger_at(tmp_path_factory.mktemp("ledger"))) as desk:
        play(desk, steps)


def test_history_switched_off_leaves_no_mark_and_trims_as_ever(redis_url: str, tmp_path: Path) -> None:
    with desk_on_redis(redis_url, ledger_at(tmp_path)) as desk, Redis.from_url(redis_url) as link:
        desk.mark.drop()
        desk.journal.append(event("A"), event("B"))
        desk.mark.hold()
        desk.fold_all()
        desk.mark.drop()
        assert [group["name"] for group in link.xinfo_groups(wire.JOURNAL)] == [b"relay"]  # type: ignore[union-attr]
        assert RedisJanitor(link, 10**6, 10**6).trim(1, NOW).entries == 1
        assert desk.relay.backlog(NOW).unarchived == 0


def test_mark_moves_and_trimming_goes_on_when_redis_is_full(redis_to_kill: object, tmp_path: Path) -> None:
    url = redis_to_kill.url  # type: ignore[attr-defined]
    with desk_on_redis(url, ledger_at(tmp_path)) as desk, Redis.from_url(url) as link:
        desk.journal.append(*(event(str(n)) for n in range(9)))
        desk.fold_all()
        desk.mark.hold()
        link.config_set("maxmemory", 1_000_000)
        with pytest.raises(Unavailable):
            desk.journal.append(event("no room"))
        assert desk.archiver().run() is Archived.DONE
        assert desk.trim() == 8
