"""What the count of failures holds to, in memory and on Redis."""

import pytest
from redis import Redis

from services import wire
from services.adapters.suspects_memory import MemorySuspects
from services.adapters.suspects_redis import RedisSuspects
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Suspects
from services.wire import Channel
from tests.builders import NOW
from tests.tree import free_port

A, B = AreaId("a"), AreaId("b")
SITE = Channel.SITE


@pytest.fixture(params=["memory", "redis"])
def suspects(request: pytest.FixtureRequest) -> Suspects:
    if request.param == "memory":
        return MemorySuspects()
    return RedisSuspects(Redis.from_url(request.getfixturevalue("redis_url"), protocol=2))


class TestSuspects:
    def test_rounds_are_counted_until_one_ends_well(self, suspects: Suspects) -> None:
        assert [suspects.begun(SITE).rounds for _ in range(3)] == [1, 2, 3]
        suspects.ended_well(SITE, [A])
        assert suspects.begun(SITE).rounds == 1

    def test_failures_are_counted_for_each_area_and_channel(self, suspects: Suspects) -> None:
        assert [suspects.blame(SITE, A), suspects.blame(SITE, A), suspects.blame(SITE, B), suspects.blame(Channel.SOCIAL, A)] == [1, 2, 1, 1]
        suspects.ended_well(SITE, [])
        assert suspects.blame(SITE, A) == 1
        assert suspects.blame(Channel.SOCIAL, A) == 2

    def test_what_is_parked_is_told_until_it_succeeds_and_the_counts_start_anew(self, suspects: Suspects) -> None:
        suspects.begun(SITE)
        suspects.blame(SITE, A)
        suspects.park(SITE, A, "ValueError: bad", NOW)
        trouble = suspects.begun(SITE)
        assert (trouble.rounds, trouble.parked) == (1, {A})
        suspects.ended_well(SITE, [B])
        assert suspects.begun(SITE).parked == {A}
        suspects.ended_well(SITE, [A, B])
        assert suspects.begun(SITE).parked == frozenset()
        assert suspects.begun(Channel.SOCIAL).parked == frozenset()


def test_a_dead_letter_names_why_and_when(redis_url: str) -> None:
    with Redis.from_url(redis_url, protocol=2) as link:
        RedisSuspects(link).park(SITE, A, "ValueError: bad", NOW)
        assert link.hget(wire.parked(SITE), A) == b'{"reason":"ValueError: bad","at":"2018-09-21T21:04:00Z"}'


def test_it_is_unavailable_when_nobody_answers() -> None:
    with pytest.raises(Unavailable):
        RedisSuspects(Redis(port=free_port())).begun(SITE)
