"""What the ingest keys hold to, in memory and on Redis."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import msgspec
import pytest
from redis import Redis

from services import wire
from services.adapters.key_check_redis import RedisKeyCheck
from services.adapters.keys_memory import MemoryKeys
from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import async_link
from services.kernel.keys import SCOPES, KeyState, key_digest, state_of
from services.kernel.ports.keys import KeyHolder, Keys, Rights
from services.kit.settings import Settings
from tests.builders import SetClock


class Desk(NamedTuple):
    keys: Keys
    check: MemoryKeys | RedisKeyCheck
    clock: SetClock
    runner: asyncio.Runner

    def holder(self, key: str) -> KeyHolder | None:
        async def looked_up() -> KeyHolder | None:
            holder = await self.check.verify(key)
            await self.check.settle()
            return holder

        return self.runner.run(looked_up())


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

    def test_rights_are_kept_and_bad_ones_are_refused_by_name(self, desk: Desk) -> None:
        expires_at = desk.clock.now() + timedelta(days=90)
        rights = Rights(scopes=frozenset({"snapshots"}), formats=frozenset({"pge", "csv"}), expires_at=expires_at, events_per_s=0, events_per_day=9)
        holder = desk.holder(desk.keys.create("oms", rights))
        assert holder is not None
        assert {name: getattr(holder, name) for name in Rights.__struct_fields__} == msgspec.structs.asdict(rights)
        for wrong, field in (
            ({"expires_at": desk.clock.now()}, "expires"),
            ({"events_per_s": -1.0}, "events-per-s"),
            ({"requests_per_s": float("nan")}, "requests-per-s"),
        ):
            with pytest.raises(ValueError, match=field):
                desk.keys.create("oms", msgspec.structs.replace(rights, **wrong))
        assert len(desk.keys.list()) == 1

    def test_rotated_key_and_its_successor_overlap_and_have_the_same_rights(self, desk: Desk) -> None:
        made = desk.clock.now()
        rights = Rights(scopes=frozenset({"events"}), formats=frozenset({"csv"}), expires_at=made + timedelta(days=90), events_per_s=5)
        first = desk.keys.create("oms", rights)
        desk.clock.move(days=80)
        (old,) = desk.keys.list()
        second = desk.keys.rotate(old.id, timedelta(hours=24))
        assert second is not None
        old, new = desk.keys.list()
        assert (old.replaced_by, old.expires_at, new.expires_at) == (new.id, desk.clock.now() + timedelta(hours=24), desk.clock.now() + timedelta(days=90))
        assert (new.source, new.scopes, new.formats, new.events_per_s) == ("oms", {"events"}, {"csv"}, 5)
        assert (desk.holder(first), desk.holder(second)) == (old, new)
        assert [state_of(old, desk.clock.now()), state_of(new, desk.clock.now())] == [KeyState.REPLACED, KeyState.ACTIVE]
        assert state_of(old, desk.clock.now() + timedelta(hours=24)) is KeyState.EXPIRED
        with pytest.raises(ValueError, match=f"replaced by {new.id}"):
            desk.keys.rotate(old.id, timedelta(hours=1))
        assert desk.keys.rotate("00000000", timedelta(hours=1)) is None

    def test_rotation_never_lengthens_the_old_key(self, desk: Desk) -> None:
        soon = desk.clock.now() + timedelta(hours=1)
        desk.keys.create("oms", Rights(scopes=frozenset({"events"}), expires_at=soon))
        desk.keys.rotate(desk.keys.list()[0].id, timedelta(days=7), desk.clock.now() + timedelta(days=1))
        assert sorted(holder.expires_at - desk.clock.now() for holder in desk.keys.list() if holder.expires_at) == [timedelta(hours=1), timedelta(days=1)]

    def test_last_use_is_noted_for_good_keys_only(self, desk: Desk) -> None:
        soon = desk.clock.now() + timedelta(hours=1)
        used, over = desk.keys.create("a", SCOPES), desk.keys.create("c", Rights(scopes=frozenset(SCOPES), expires_at=soon))
        desk.keys.create("never-used", SCOPES)
        desk.clock.move(hours=2)
        holders = {key: desk.holder(key) for key in (used, over)}
        assert holders[used]
        assert desk.keys.used() == {holders[used].id: desk.clock.now()}
        desk.keys.revoke(holders[used].id)
        assert desk.keys.used() == {}


class TestKeysOnRedis:
    def test_a_key_stored_by_an_older_version_is_good_for_all_formats_without_end(self, redis_url: str, desk: Desk) -> None:
        key = "sgc_00000001_" + "ab" * 32
        old = {"id": "00000001", "source": "oms", "scopes": ["events", "snapshots"], "created_at": "2026-01-01T00:00:00Z"}
        with Redis.from_url(redis_url) as link:
            link.hset(wire.KEYS, key_digest(key), json.dumps(old))
        with asyncio.Runner() as runner:
            alink = async_link(Settings(journal_url=redis_url))
            holder = runner.run(RedisKeyCheck(alink, 30.0, 3, desk.clock).verify(key))
            runner.run(alink.aclose())
        assert holder is not None
        assert (holder.formats, holder.expires_at, holder.events_per_s, state_of(holder, desk.clock.now())) == (frozenset(), None, None, KeyState.ACTIVE)

    def test_redis_is_asked_once_for_a_good_key_and_once_for_a_bad_one_and_use_is_written_once_a_minute(self, redis_url: str) -> None:
        clock = SetClock()
        with Redis.from_url(redis_url, protocol=2) as link, asyncio.Runner() as runner:
            good, bad = RedisKeys(link, clock).create("oms", SCOPES), "sgc_00000000_" + "0" * 64
            alink = async_link(Settings(journal_url=redis_url))
            check = RedisKeyCheck(alink, 30.0, 3, clock)

            async def asked() -> None:
                for key in (good, bad, "malformed"):
                    await check.verify(key)
                await check.settle()

            def calls(command: str) -> int:
                return int(link.info("commandstats").get(f"cmdstat_{command}", {}).get("calls", 0))  # type: ignore[union-attr]

            gets, sets = calls("hget"), calls("hset")
            for _ in range(5):
                runner.run(asked())
            assert (calls("hget") - gets, calls("hset") - sets) == (2, 1)
            clock.move(seconds=61)
            runner.run(asked())
            assert (calls("hget") - gets, calls("hset") - sets) == (4, 2)
            runner.run(alink.aclose())

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
            for number in range(5):
                desk.holder(f"sgc_{number:08}_" + "0" * 64)
            assert len(desk.check._unknown) == 3
