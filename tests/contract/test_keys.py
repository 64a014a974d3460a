"""What the ingest keys hold to, in memory and on Redis."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from redis import Redis

from services import wire
from services.adapters.keys_memory import MemoryKeys
from services.adapters.keys_redis import RedisKeyCheck, RedisKeys
from services.adapters.redis_link import async_link
from services.kernel.keys import SCOPES
from services.kernel.ports.keys import KeyCheck, KeyHolder, Keys
from services.kit.settings import Settings
from tests.builders import SetClock


class Desk(NamedTuple):
    keys: Keys
    check: KeyCheck
    clock: SetClock
    runner: asyncio.Runner

    def holder(self, key: str) -> KeyHolder | None:
        return self.runner.run(self.check.verify(key))


@pytest.fixture(params=["memory", "redis"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    clock = SetClock()
    with asyncio.Runner() as runner:
        if request.param == "memory":
            keys = MemoryKeys(clock)
            yield Desk(keys, keys, clock, runner)
            return
        url = request.getfixturevalue("redis_url")
        with Redis.from_url(url, protocol=2) as link:
            alink = async_link(Settings(journal_url=url))
            yield Desk(RedisKeys(link, clock), RedisKeyCheck(alink, 30.0, 3, clock), clock, runner)
            runner.run(alink.aclose())


class TestKeys:
    def test_key_names_its_source_and_scopes(self, desk: Desk) -> None:
        key = desk.keys.create("oms-east", ["events", "alerts"])
        holder = desk.holder(key)
        assert holder is not None
        assert (holder.source, holder.scopes, holder.created_at) == ("oms-east", {"events", "alerts"}, desk.clock.now())
        assert key.startswith(f"sgc_{holder.id}_")
        assert len(key) == 4 + 8 + 1 + 64

    def test_a_key_that_was_lost_is_good_again_when_it_is_restored(self, desk: Desk) -> None:
        key = desk.keys.create("oms", ["events"])
        (before,) = desk.keys.list()
        desk.keys.revoke(before.id)
        desk.keys.restore(key, before.source, before.scopes)
        assert desk.holder(key) == before
        with pytest.raises(ValueError, match="key: not a key"):
            desk.keys.restore("sgc_1", before.source, SCOPES)

    def test_keys_are_never_alike(self, desk: Desk) -> None:
        assert len({desk.keys.create("oms", SCOPES) for _ in range(20)}) == 20

    def test_list_is_oldest_first(self, desk: Desk) -> None:
        for source in ("c", "a", "b"):
            desk.keys.create(source, SCOPES)
            desk.clock.move(seconds=1)
        assert [holder.source for holder in desk.keys.list()] == ["c", "a", "b"]

    @pytest.mark.parametrize("key", ["", "x", "sgc_00000000_" + "0" * 64, "sgc_", "é" * 77])
    def test_unknown_key_names_nobody(self, desk: Desk, key: str) -> None:
        desk.keys.create("oms", SCOPES)
        assert desk.holder(key) is None

    def test_revoked_key_names_nobody_once_it_is_looked_up_again(self, desk: Desk) -> None:
        key, other = desk.keys.create("oms", SCOPES), desk.keys.create("oms", SCOPES)
        holder = desk.holder(key)
        assert holder is not None
        assert desk.keys.revoke(holder.id) is True
        assert desk.keys.revoke(holder.id) is False
        desk.clock.move(seconds=31)
        assert desk.holder(key) is None
        assert desk.holder(other) is not None

    @pytest.mark.parametrize("source", ["", "OMS", "-a", "a:b", "a" * 33, "a b"])
    def test_bad_source_is_refused_by_name(self, desk: Desk, source: str) -> None:
        with pytest.raises(ValueError, match="source"):
            desk.keys.create(source, SCOPES)
        assert desk.keys.list() == []

    @pytest.mark.parametrize("scopes", [[], ["events", "everything"]])
    def test_bad_scope_is_refused_and_those_there_are_are_named(self, desk: Desk, scopes: list[str]) -> None:
        with pytest.raises(ValueError, match=r"scopes: .*events, snapshots, alerts"):
            desk.keys.create("oms", scopes)


class TestKeysOnRedis:
    def test_secret_is_nowhere_in_redis(self, redis_url: str) -> None:
        with Redis.from_url(redis_url, protocol=2) as link:
            key = RedisKeys(link).create("oms", SCOPES)
            stored = repr(link.hgetall(wire.KEYS))
        assert key not in stored
        assert key.rsplit("_", 1)[1] not in stored

    def test_no_more_keys_are_remembered_than_the_limit(self, desk: Desk) -> None:
        if isinstance(desk.check, RedisKeyCheck):
            for _ in range(5):
                desk.holder(desk.keys.create("oms", SCOPES))
            assert len(desk.check._known) == 3
