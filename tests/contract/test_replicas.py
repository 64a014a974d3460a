"""The journal that waits for replicas acknowledges nothing that they lack, however often it is asked; and takes it once they have it."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import redis

from services import wire
from services.adapters.chains_redis import RedisChains
from services.adapters.fold_redis import RedisFold
from services.adapters.journal_redis import RedisJournal
from services.adapters.redis_link import async_link, sync_link
from services.cli.doctor.finding import Verdict
from services.cli.doctor.stores import stores
from services.cli.embedded_redis import Running, running
from services.kernel.ids import OutageId, SourceName
from services.kernel.outage import Acceptance
from services.kernel.picture import Change, Picture, Seen
from services.kernel.ports.alerts import First
from services.kernel.ports.failures import PictureConflict, Unavailable
from services.kit.settings import Settings
from tests.builders import NOW, event
from tests.tree import wait_until

OMS = SourceName("oms")


def _online(link: "redis.Redis") -> bool:
    info = link.info("replication")
    return info["connected_slaves"] == 1 and info["slave0"]["state"] == "online"  # type: ignore[index]


def test_nothing_is_acknowledged_that_the_replica_lacks_and_a_repeat_is_not_either(redis_to_kill: Running, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, journal_url=redis_to_kill.url, journal_wait_replicas=1, data=tmp_path)
    change = Change((event("P"),), {OutageId("P"): Seen("P")}, (), Picture(1, NOW, 1))

    async def story() -> None:
        alink = async_link(settings)
        journal, patient = (RedisJournal(alink, 100, wait_replicas=1, wait_ms=wait_ms) for wait_ms in (100, 5_000))

        async def refused() -> None:
            for sent in (journal.append(OMS, [event("A")]), journal.heard(OMS, NOW)):
                with pytest.raises(Unavailable, match="0 of 1 replicas"):
                    await sent

        await refused()
        with sync_link(settings) as link:
            assert RedisFold(link).backlog(NOW).replicas == 0
        with pytest.raises(Unavailable, match="0 of 1 replicas"):
            await journal.append_picture(OMS, "geojson", change)
        await refused()
        with pytest.raises(Unavailable, match="0 of 1 replicas"):
            await RedisChains(alink, 100, wait_replicas=1, wait_ms=100).remember(OMS, {"a": First("a", NOW)})
        assert await alink.xlen(wire.JOURNAL) == 2, "they are there, and nobody was told so"
        with running(tmp_path / "replica") as replica, redis.Redis.from_url(redis_to_kill.url) as link, redis.Redis.from_url(replica.url) as its:
            link.config_set("repl-diskless-sync-delay", 0)
            its.config_set("masterauth", redis_to_kill.server.password)
            its.replicaof("127.0.0.1", redis_to_kill.server.port)  # type: ignore[arg-type]
            wait_until(lambda: _online(link), 20, "the replica is there")
            (answer,) = await patient.append(OMS, [event("A")])
            assert answer.outcome is Acceptance.DUPLICATE
            assert its.xlen(wire.JOURNAL) == 2
            with pytest.raises(PictureConflict):
                await patient.append_picture(OMS, "geojson", change)
            await patient.heard(OMS, NOW)
            await RedisChains(alink, 100, wait_replicas=1, wait_ms=5_000).remember(OMS, {"a": First("a", NOW)})
            assert its.hkeys(wire.alert_chain(OMS, "new")) == [b"a"]
            assert RedisFold(link).backlog(NOW).replicas == 1
            assert {found.about: found.verdict for found in stores(settings)}["Replicas"] is Verdict.OK
            link.config_set("min-replicas-to-write", 2)
            with pytest.raises(Unavailable, match="NOREPLICAS"):
                await journal.append(OMS, [event("B")])
            assert its.xlen(wire.JOURNAL) == 2
        (found,) = [found for found in stores(settings) if found.about == "Replicas"]
        assert found.verdict is Verdict.BROKEN
        await alink.aclose()

    asyncio.run(story())


def test_what_stopped_at_a_replica_that_stands_still_is_acknowledged_in_no_repeat(redis_to_kill: Running, tmp_path: Path) -> None:
    """The replica is connected, and hears nothing: a repeat writes no event, so that only the fence can tell."""

    async def story() -> None:
        alink = async_link(Settings(_env_file=None, journal_url=redis_to_kill.url))
        journal, patient = (RedisJournal(alink, 100, wait_replicas=1, wait_ms=wait_ms) for wait_ms in (100, 5_000))
        with running(tmp_path / "replica") as replica, redis.Redis.from_url(redis_to_kill.url) as link, redis.Redis.from_url(replica.url) as its:
            link.config_set("repl-diskless-sync-delay", 0)
            its.config_set("masterauth", redis_to_kill.server.password)
            its.replicaof("127.0.0.1", redis_to_kill.server.port)  # type: ignore[arg-type]
            wait_until(lambda: _online(link), 20, "the replica is there")
            os.kill(replica.pid, signal.SIGSTOP)
            for _ in range(2):
                await alink.connection_pool.disconnect()
                with pytest.raises(Unavailable, match="0 of 1 replicas"):
                    await journal.append(OMS, [event("A")])
            os.kill(replica.pid, signal.SIGCONT)
            (answer,) = await patient.append(OMS, [event("A")])
            assert answer.outcome is Acceptance.DUPLICATE
        await alink.aclose()

    asyncio.run(story())
