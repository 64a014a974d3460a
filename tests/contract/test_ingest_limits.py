"""What bounds the journal (I9): a Redis that is full, and a relay that is behind, are both told to the sender, who loses nothing."""

import asyncio
import os
import secrets
import signal
from typing import Any

import httpx
import redis

from services import wire
from services.adapters.fold_redis import RedisFold
from services.adapters.janitor_redis import RedisJanitor
from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import sync_link
from services.cli.embedded_redis import Running
from services.ingest.main import build
from services.kernel.ids import SourceName
from services.kernel.keys import ID_BYTES, SCOPES, SECRET_BYTES, key_of
from services.kit.settings import Settings
from tests.asgi import lifespan
from tests.builders import NOW
from tests.contract.ingest_door import Door, door_over, event

BATCH, BATCHES_MAX = 500, 200
MIB = 1024 * 1024


def _batch(number: int) -> dict[str, Any]:
    return {"events": [event(number * BATCH + index, note={"en": "x" * 200}) for index in range(BATCH)]}


def _fill(door: Door, batch: int) -> int:
    """Send batches until one is refused; gives its number."""
    while (answer := door.events(_batch(batch))).status_code == 202:
        batch += 1
        assert batch < BATCHES_MAX, "never full"
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Nothing was acknowledged" in answer.json()["detail"]
    return batch


def test_a_full_journal_refuses_whole_batches_is_read_on_and_takes_them_when_there_is_room(redis_to_kill: Running) -> None:
    with redis.Redis.from_url(redis_to_kill.url) as link, door_over("redis", redis_to_kill.url) as door:
        link.config_set("maxmemory", link.info("memory")["used_memory"] + 4 * MIB)  # type: ignore[index, operator]
        refused = _fill(door, 0)
        assert refused > 1
        assert int(link.get(wire.NUMBER) or 0) == link.xlen(wire.JOURNAL) == link.hlen(wire.OUTAGES) == link.hlen(wire.VERSIONS) == refused * BATCH  # type: ignore[arg-type]
        assert len(door.entries()) == len(door.open()) == refused * BATCH, "reads go on"
        assert door.run(door.client.get("/readyz")).status_code == 200

        link.config_set("maxmemory", link.info("memory")["used_memory"] + 4 * MIB)  # type: ignore[index, operator]  # raised
        assert door.events(_batch(refused)).json()["accepted"] == BATCH
        fold = RedisFold(link)
        fold.commit(fold.read("one", BATCHES_MAX * BATCH, 10), {})
        refused = _fill(door, refused + 1)
        assert RedisJanitor(link, 3600, 1_000_000).trim(0, NOW).entries > 0, "trimming needs no memory"
        assert door.events(_batch(refused)).json()["accepted"] == BATCH


def test_more_commands_at_once_than_connections_are_no_dead_journal_whoever_causes_them(redis_url: str) -> None:
    settings = Settings(journal_url=redis_url, redis_connections_max=3, redis_lookups_max=2, http_ready_fresh_s=0)
    with sync_link(settings) as link:
        key = RedisKeys(link).create(SourceName("demo"), SCOPES)

    async def story() -> None:
        app = build(settings)
        async with (
            lifespan(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest", headers={"Authorization": f"Bearer {key}"}) as client,
            asyncio.timeout(20),
        ):
            strangers = [key_of(secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES)) for _ in range(20)]
            size = settings.ingest_group_max_events + 1
            batches = [{"events": [event(number * size + index) for index in range(size)]} for number in range(20)]
            answers = await asyncio.gather(
                *(client.post("/ingest/v1/events", json=event(1), headers={"Authorization": f"Bearer {stranger}"}) for stranger in strangers),
                *(client.get("/readyz") for _ in range(20)),
                *(client.post("/ingest/v1/events", json=batch) for batch in batches),
            )
            assert [answer.status_code for answer in answers] == [401] * 20 + [200] * 20 + [202] * 20

    asyncio.run(story())


def test_new_events_are_refused_while_the_relay_is_behind_and_taken_once_it_has_caught_up(redis_url: str) -> None:
    settings = Settings(journal_url=redis_url, ingest_lag_max_entries=3, ingest_pressure_every_s=0.02)
    with sync_link(settings) as link:
        key = RedisKeys(link).create(SourceName("demo"), SCOPES)

        async def story() -> None:
            app = build(settings)
            transport = httpx.ASGITransport(app)
            async with (
                lifespan(app),
                httpx.AsyncClient(transport=transport, base_url="http://ingest") as client,
                asyncio.timeout(20),
            ):

                async def sent(number: int) -> httpx.Response:
                    return await client.post("/ingest/v1/events", json=event(number), headers={"Authorization": f"Bearer {key}"})

                number = 0
                while (answer := await sent(number)).status_code == 202:
                    number += 1
                    await asyncio.sleep(0.01)
                assert number > 3
                assert (answer.status_code, answer.json()["type"]) == (503, "urn:surgecast:problem:behind")
                assert "SURGECAST_INGEST_LAG_MAX_ENTRIES is 3" in answer.json()["detail"]
                fold = RedisFold(link)
                fold.commit(fold.read("one", 1_000, 10), {})
                while (answer := await sent(number)).status_code == 503:  # noqa: ASYNC110 - another thread asks
                    await asyncio.sleep(0.01)
                assert answer.json()["accepted"] == 1

        asyncio.run(story())


def test_new_events_are_refused_before_memory_is_full_so_that_what_was_accepted_is_still_shown(redis_to_kill: Running) -> None:
    settings = Settings(journal_url=redis_to_kill.url, ingest_pressure_every_s=0.02)
    with sync_link(settings) as link:
        key = RedisKeys(link).create(SourceName("demo"), SCOPES)
        link.config_set("maxmemory", link.info("memory")["used_memory"] + 40 * MIB)  # type: ignore[index, operator]

        async def story() -> None:
            app = build(settings)
            transport = httpx.ASGITransport(app)
            async with (
                lifespan(app),
                httpx.AsyncClient(transport=transport, base_url="http://ingest", headers={"Authorization": f"Bearer {key}"}) as client,
                asyncio.timeout(20),
            ):
                number = 0
                while (answer := await client.post("/ingest/v1/events", json=_batch(number))).status_code == 202:
                    number += 1
                    await asyncio.sleep(0.05)
                assert answer.status_code == 503
                assert "memory is used" in answer.json()["detail"]
                fold = RedisFold(link)
                waiting = fold.read("one", BATCH, 10)
                fold.commit(waiting, {wire.Channel.SITE: dict.fromkeys((area for entry in waiting for area in entry.areas_after), NOW)})
                assert link.zcard(wire.due(wire.Channel.SITE)) > 0, "the relay has room to work"

        asyncio.run(story())


def test_a_redis_that_hangs_is_refused_for_at_once_and_served_again_as_soon_as_it_answers(redis_to_kill: Running) -> None:
    settings = Settings(journal_url=redis_to_kill.url, ingest_silent_s=0.1, ingest_silent_retry_s=0.01, ingest_pressure_every_s=0.02, redis_timeout_s=30)
    with sync_link(settings) as link:
        key = RedisKeys(link).create(SourceName("demo"), SCOPES)

    async def story() -> None:
        app = build(settings)
        async with (
            lifespan(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest", headers={"Authorization": f"Bearer {key}"}) as client,
            asyncio.timeout(20),
        ):
            assert (await client.post("/ingest/v1/events", json=event(1))).status_code == 202
            os.kill(redis_to_kill.pid, signal.SIGSTOP)
            try:
                caught = asyncio.ensure_future(client.post("/ingest/v1/events", json=event(2)))
                while (answer := await client.post("/ingest/v1/events", json=event(3), headers={"Authorization": "none"})).status_code == 401:  # noqa: ASYNC110 - as below
                    await asyncio.sleep(0.01)
                assert (answer.status_code, answer.json()["type"]) == (503, "urn:surgecast:problem:journal-unavailable")
                assert (await client.post("/ingest/v1/events", json=event(3))).status_code == 503, "at once: the time-out is 30 s"
                assert (await client.get("/healthz")).status_code == 200
            finally:
                os.kill(redis_to_kill.pid, signal.SIGCONT)
            assert (await caught).status_code in (202, 503), "let in before: finished, or told that Redis went meanwhile"
            while (answer := await client.post("/ingest/v1/events", json=event(3))).status_code == 503:  # noqa: ASYNC110 - another thread asks
                await asyncio.sleep(0.01)
            assert answer.json()["accepted"] == 1

    asyncio.run(story())
