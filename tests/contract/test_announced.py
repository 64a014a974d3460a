"""What any memory of the last things said does: on Redis, and its twin."""

import pytest
import redis

from services.adapters.announced_memory import MemoryAnnounced
from services.adapters.announced_redis import RedisAnnounced
from services.adapters.redis_link import sync_link
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind, Said
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Announced
from services.kit.settings import Settings
from tests.builders import NOW

HERE, THERE = AreaId("K2G"), AreaId("Trois-Rivières")


def said(customers: int = 1250) -> Said:
    return Said("id", "first", Kind.GROWTH, NOW, customers, NOW, owed=True)


@pytest.fixture(params=["redis", "memory"])
def announced(request: pytest.FixtureRequest) -> Announced:
    if request.param == "memory":
        return MemoryAnnounced()
    return RedisAnnounced(sync_link(Settings(journal_url=request.getfixturevalue("redis_url"))), "x")


class TestAnnounced:
    def test_what_was_said_is_remembered_whole(self, announced: Announced) -> None:
        announced.say({HERE: said(), THERE: said(7)})
        assert announced.of([THERE, HERE]) == {HERE: said(), THERE: said(7)}

    def test_the_last_word_counts(self, announced: Announced) -> None:
        announced.say({HERE: said()})
        announced.say({HERE: said(9)})
        assert announced.of([HERE]) == {HERE: said(9)}

    def test_an_area_is_absent_when_nothing_was_said(self, announced: Announced) -> None:
        announced.say({})
        assert (announced.of([]), announced.of([HERE])) == ({}, {})


def test_accounts_do_not_mix(redis_url: str) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    RedisAnnounced(link, "x").say({HERE: said()})
    assert RedisAnnounced(link, "x-dry-run").of([HERE]) == {}


def test_it_is_unavailable_when_redis_is_down() -> None:
    gone = redis.Redis(host="127.0.0.1", port=1, socket_timeout=0.2, socket_connect_timeout=0.2)
    with pytest.raises(Unavailable):
        RedisAnnounced(gone, "x").of([HERE])
