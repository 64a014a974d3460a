"""What happens when Redis refuses or is gone: `Unavailable`, within the time-out, nothing half done, and on it goes afterwards."""

import asyncio
import os
import signal
import time
from datetime import timedelta

import pytest

from services import wire
from services.adapters.due_redis import RedisDue
from services.adapters.fold_redis import RedisFold
from services.adapters.journal_redis import RedisJournal
from services.adapters.key_check_redis import RedisKeyCheck
from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import async_link, sync_link
from services.adapters.rounds_redis import RedisRounds
from services.adapters.tail_redis import RedisTail
from services.cli.embedded_redis import Running
from services.kernel.keys import SCOPES
from services.kernel.picture import Change, Picture, Seen
from services.kernel.ports.failures import Unavailable
from services.kernel.views import ORIGIN, Stamp
from services.kit.settings import Settings
from tests.builders import NOW, SOURCE, SetClock, event
from tests.tree import PATIENCE

TIMEOUT_S = 0.5


def settings_of(server: Running) -> Settings:
    return Settings(journal_url=server.url, redis_timeout_s=TIMEOUT_S)


def test_nothing_is_half_appended_when_redis_is_full_or_has_too_few_replicas(redis_to_kill: Running) -> None:
    async def scenario() -> None:
        settings = settings_of(redis_to_kill)
        link = async_link(settings)
        journal = RedisJournal(link, 1_000)
        await journal.append(SOURCE, [event("A")])
        change = Change((event("B"),), {"B": Seen("d")}, (), Picture(1, NOW, 1))
        for name, bad, good in (("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")):
            await link.config_set(name, bad)
            with pytest.raises(Unavailable, match="refuses"):
                await journal.append(SOURCE, [event("A", minute=1), event("B")])
            with pytest.raises(Unavailable, match="refuses"):
                await journal.append_picture(SOURCE, "geojson", change)
            with pytest.raises(Unavailable, match="refuses"):
                await journal.name_areas({"K2G": "Nepean"})
            await link.config_set(name, good)
            assert await link.get(wire.NUMBER) == b"1"
            assert await link.xlen(wire.JOURNAL) == 1
            assert await link.hkeys(wire.OUTAGES) == [b"oms:A"]
            assert await journal.revision(SOURCE, "geojson") == 0
        assert [answer.outcome for answer in await journal.append(SOURCE, [event("A", minute=1), event("B")])] == ["accepted"] * 2
        await journal.name_areas({"K2G": "Nepean"})
        assert await link.hlen(wire.AREA_NAMES) == 1
        await link.aclose()

    asyncio.run(scenario())


def test_every_port_says_unavailable_within_the_time_out_and_goes_on_after_a_restart(redis_to_kill: Running) -> None:
    async def scenario() -> None:
        settings = settings_of(redis_to_kill)
        link, alink = sync_link(settings), async_link(settings)
        journal, tail, due, fold, rounds, keys = (
            RedisJournal(alink, 1_000), RedisTail(link), RedisDue(link, wire.Channel.SITE), RedisFold(link), RedisRounds(link), RedisKeys(link),
        )  # fmt: skip
        answers = await journal.append(SOURCE, [event("A")])
        calls = (
            tail.cold, tail.area_names, lambda: tail.since(ORIGIN, 1), lambda: tail.recent(1), lambda: due.take(NOW, 1), lambda: due.done({"a": NOW}),
            lambda: due.plan({"a": NOW}), lambda: fold.read("one", 1, 10), lambda: fold.claim("one", 1, 1), lambda: fold.commit([], {"site": {"a": NOW}}),
            lambda: fold.backlog(NOW), lambda: fold.ring("site", 10), lambda: fold.leave("two"), lambda: rounds.answered("site"),
            lambda: rounds.published("site"), lambda: rounds.set_published("site", Stamp()), lambda: rounds.single_flight("site", 1).__enter__(), keys.list,
            lambda: keys.create("oms", SCOPES), lambda: keys.revoke("x"),
        )  # fmt: skip
        for call in calls[:-3]:
            call()
        redis_to_kill.kill()
        for call in calls:
            started = time.monotonic()
            with pytest.raises(Unavailable):
                call()
            assert time.monotonic() - started < (TIMEOUT_S + 1) * PATIENCE
        with pytest.raises(Unavailable):
            await journal.append(SOURCE, [event("B")])
        redis_to_kill.restart()
        assert await journal.append(SOURCE, [event("A")]) == [type(answers[0])("duplicate", answers[0].position)]
        assert [entry.event for entry in tail.since(ORIGIN, 9)] == [event("A")]
        assert [entry.key for entry in fold.read("one", 1, 10)] == ["oms:A"]
        link.close()
        await alink.aclose()

    asyncio.run(scenario())


def test_caller_waits_no_longer_than_the_time_out_when_redis_hangs(redis_to_kill: Running) -> None:
    async def scenario() -> None:
        alink = async_link(settings_of(redis_to_kill))
        journal = RedisJournal(alink, 1_000)
        await journal.append(SOURCE, [event("A")])
        os.kill(redis_to_kill.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            with pytest.raises(Unavailable):
                await journal.append(SOURCE, [event("B")])
            assert TIMEOUT_S * 0.9 < time.monotonic() - started < 3 * TIMEOUT_S * PATIENCE
        finally:
            os.kill(redis_to_kill.pid, signal.SIGCONT)
        answers = await journal.append(SOURCE, [event("B")])
        assert answers[0].position is not None  # done by the call that timed out, or by this one: either way there once
        assert await alink.xlen(wire.JOURNAL) == 2
        await alink.aclose()

    asyncio.run(scenario())


def test_known_key_is_honoured_while_redis_is_down_and_an_unknown_one_is_not(redis_to_kill: Running) -> None:
    async def scenario() -> None:
        settings, clock = settings_of(redis_to_kill), SetClock()
        alink = async_link(settings)
        with sync_link(settings) as link:
            known, unknown = RedisKeys(link).create("oms", SCOPES), RedisKeys(link).create("oms", SCOPES)
        check = RedisKeyCheck(alink, 30.0, 10, clock)
        holder = await check.verify(known)
        redis_to_kill.kill()
        clock.at += timedelta(hours=1)
        assert await check.verify(known) == holder is not None
        with pytest.raises(Unavailable):
            await check.verify(unknown)
        await alink.aclose()

    asyncio.run(scenario())


def test_scripts_are_loaded_again_when_the_server_has_forgotten_them(redis_to_kill: Running) -> None:
    async def scenario() -> None:
        alink = async_link(settings_of(redis_to_kill))
        journal = RedisJournal(alink, 1_000)
        for minute in range(3):
            assert (await journal.append(SOURCE, [event(minute=minute)]))[0].outcome == "accepted"
            await alink.script_flush()
        await alink.aclose()

    asyncio.run(scenario())


def test_relay_reads_again_what_was_handed_out_when_the_answer_was_lost(redis_to_kill: Running) -> None:
    async def scenario() -> None:
        settings = settings_of(redis_to_kill)
        alink, link = async_link(settings), sync_link(settings, retries=0)
        await RedisJournal(alink, 1_000).append(SOURCE, [event(str(i)) for i in range(3)])
        fold = RedisFold(link)
        assert len(fold.read("one", 1, 0)) == 1
        with sync_link(settings) as other:  # the server hands out entries to a reader that never hears of them
            RedisFold(other).read("one", 9, 0)
            other.xreadgroup(wire.RELAY_GROUP, "one", {wire.JOURNAL: ">"})
        redis_to_kill.kill()
        with pytest.raises(Unavailable):
            fold.read("one", 9, 10)
        redis_to_kill.restart()
        assert len(fold.read("one", 9, 10)) == 3
        link.close()
        await alink.aclose()

    asyncio.run(scenario())


def test_a_stream_that_vanished_while_the_count_stayed_is_no_reason_to_fail_for_ever(redis_url: str) -> None:
    with sync_link(Settings(journal_url=redis_url)) as link:
        link.set(wire.NUMBER, 5)
        assert RedisFold(link).backlog(NOW).lag == 0
