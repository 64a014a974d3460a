"""What a channel's due work holds to, in memory and on Redis."""

from datetime import timedelta

import pytest
from redis import Redis

from services.adapters.due_memory import MemoryDue
from services.adapters.due_redis import RedisDue
from services.kernel.ports.work import DueWork
from services.wire import Channel
from tests.builders import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "redis"])
def due(request: pytest.FixtureRequest) -> DueWork:
    if request.param == "memory":
        return MemoryDue()
    return RedisDue(Redis.from_url(request.getfixturevalue("redis_url"), protocol=2), Channel.SITE)


class TestDueWork:
    def test_oldest_comes_first_and_nothing_before_its_time(self, due: DueWork) -> None:
        due.plan({"later": NOW + SECOND, "b": NOW - SECOND, "a": NOW - SECOND, "now": NOW, "é": NOW - 2 * SECOND})
        assert list(due.take(NOW, 10)) == ["é", "a", "b", "now"]
        assert due.take(NOW, 2) == {"é": NOW - 2 * SECOND, "a": NOW - SECOND}
        assert due.take(NOW, 0) == {}

    def test_work_stays_due_until_done(self, due: DueWork) -> None:
        due.plan({"a": NOW})
        assert due.take(NOW, 10) == due.take(NOW, 10) == {"a": NOW}
        due.done({"a": NOW})
        assert due.take(NOW, 10) == {}
        due.done({"a": NOW})

    def test_sooner_time_stays_when_planned_again(self, due: DueWork) -> None:
        due.plan({"a": NOW})
        due.plan({"a": NOW + SECOND})
        assert due.take(NOW + SECOND, 10) == {"a": NOW}
        due.plan({"a": NOW - SECOND})
        assert due.take(NOW, 10) == {"a": NOW - SECOND}

    def test_work_stays_due_when_it_fell_due_again_since_it_was_taken(self, due: DueWork) -> None:
        due.plan({"a": NOW, "b": NOW})
        taken = due.take(NOW, 10)
        due.plan({"a": NOW - SECOND})
        due.done(taken, {"a": NOW + 60 * SECOND})
        assert due.take(NOW, 10) == {"a": NOW - SECOND}

    def test_what_comes_next_is_planned_in_the_step_that_strikes_off(self, due: DueWork) -> None:
        due.plan({"a": NOW, "other": NOW + 3 * SECOND})
        due.done(due.take(NOW, 10), {"a": NOW + 60 * SECOND, "new": NOW + SECOND, "other": NOW + 9 * SECOND})
        assert due.take(NOW, 10) == {}
        assert due.take(NOW + 99 * SECOND, 10) == {"new": NOW + SECOND, "other": NOW + 3 * SECOND, "a": NOW + 60 * SECOND}

    def test_times_are_exact_to_the_microsecond(self, due: DueWork) -> None:
        at = NOW.replace(year=2099, microsecond=123_457)
        due.plan({"a": at})
        assert due.take(at, 1) == {"a": at}
        assert due.take(at - timedelta(microseconds=1), 1) == {}

    def test_thousands_of_areas_are_one_step(self, due: DueWork) -> None:
        due.plan({f"area {i}": NOW for i in range(9_000)})
        taken = due.take(NOW, 8_999)
        due.done(taken, dict.fromkeys(taken, NOW + SECOND))
        assert len(due.take(NOW, 9_999)) == 1
        assert len(due.take(NOW + SECOND, 9_999)) == 9_000


def test_what_fell_due_again_has_waited_since_the_work_was_looked_for(due: DueWork) -> None:
    due.plan({"a": NOW})
    taken = due.take(NOW + 9 * SECOND, 10)
    due.done({"a": taken["a"] - SECOND}, looked=NOW + 9 * SECOND)  # as if an event had come in between
    assert due.take(NOW + 9 * SECOND, 10) == {"a": NOW + 9 * SECOND}
