"""What any drawer does: on Redis, and its twin."""

import pytest
import redis

from services import wire
from services.adapters.drawer_memory import MemoryDrawer
from services.adapters.drawer_redis import RedisDrawer
from services.adapters.redis_link import sync_link
from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.planning.memory import Kept, Waiting
from services.kernel.planning.posts import Kind
from services.kernel.planning.spending import Seen
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Drawer
from services.kit.settings import Settings
from tests.builders import NOW

HERE, THERE = AreaId("K2G"), AreaId("Trois-Rivières")
NEWS = Waiting(Kind.GROWTH, 73.25, emergency=True, since=NOW, again=NOW, held_at=NOW, covered=True)
SEEN = Seen(NOW, {1_660: 2.0, 1_401: 0.5})


@pytest.fixture(params=["redis", "memory"])
def drawer(request: pytest.FixtureRequest) -> Drawer:
    if request.param == "memory":
        return MemoryDrawer()
    return RedisDrawer(sync_link(Settings(journal_url=request.getfixturevalue("redis_url"))), "x")


def test_what_is_kept_is_found_whole_and_what_is_gone_is_not(drawer: Drawer) -> None:
    assert drawer.all() == Kept()
    drawer.keep(Kept({HERE: NEWS, THERE: NEWS}, SEEN), ())
    other = Waiting(Kind.CAUSE, 20.0, emergency=False, since=NOW, again=NOW)
    drawer.keep(Kept({THERE: other}, SEEN), [HERE])
    assert drawer.all() == Kept({THERE: other}, SEEN)
    drawer.keep(Kept({}, Seen()), [THERE])
    assert drawer.all() == Kept()


def test_what_can_not_be_read_is_lost_and_nothing_else(redis_url: str) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    drawer = RedisDrawer(link, "x")
    drawer.keep(Kept({HERE: NEWS, THERE: NEWS}, SEEN), ())
    link.hset(wire.drawer("x"), HERE, b'{"kind": "gossip"}')
    assert drawer.all() == Kept({THERE: NEWS}, SEEN)
    link.hset(wire.drawer("x"), EVERYWHERE, b"\xff")
    assert drawer.all() == Kept({THERE: NEWS}, Seen())


def test_accounts_do_not_mix_and_one_that_is_down_is_unavailable(redis_url: str) -> None:
    link = sync_link(Settings(journal_url=redis_url))
    RedisDrawer(link, "x").keep(Kept({HERE: NEWS}, SEEN), ())
    assert RedisDrawer(link, "x-dry-run").all() == Kept()
    gone = redis.Redis(host="127.0.0.1", port=1, socket_timeout=0.2, socket_connect_timeout=0.2)
    with pytest.raises(Unavailable):
        RedisDrawer(gone, "x").all()
