"""A channel is held for as long as its worker lives, however long the work takes, and no longer."""

import threading

import pytest
from redis import Redis

from services import wire
from services.adapters.rounds_redis import RedisRounds
from services.wire import Channel
from tests.tree import wait_until

SITE = Channel.SITE


@pytest.fixture
def link(redis_url: str) -> Redis:
    return Redis.from_url(redis_url, protocol=2)


def test_work_that_takes_longer_than_the_lock_lives_keeps_it(link: Redis) -> None:
    rounds = RedisRounds(link)
    with rounds.single_flight(SITE, 0.4) as mine:
        assert mine
        token = link.get(wire.lock(SITE))
        renewed = []
        wait_until(lambda: renewed.append(link.pttl(wire.lock(SITE))) or len(renewed) >= 20, 10, "five times its life has passed")
        assert link.get(wire.lock(SITE)) == token
        with rounds.single_flight(SITE, 0.4) as another:
            assert not another
    assert not link.exists(wire.lock(SITE))
    assert not [thread for thread in threading.enumerate() if thread.name == f"lock-{SITE}" and not thread.daemon]


def test_a_lock_that_another_took_over_is_left_alone(link: Redis) -> None:
    with RedisRounds(link).single_flight(SITE, 5):
        link.set(wire.lock(SITE), "another")
    assert link.get(wire.lock(SITE)) == b"another"


def test_who_lost_the_lock_to_another_is_told_and_who_holds_it_is_not(link: Redis) -> None:
    with RedisRounds(link).single_flight(SITE, 0.4) as hold:
        assert hold
        link.set(wire.lock(SITE), "another")
        wait_until(lambda: not hold, 10, "the next renewal finds the other's token")
    assert link.get(wire.lock(SITE)) == b"another"
