"""A source over its limits gets 429, whole, and is told when to come again; the others notice nothing."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import sync_link
from services.ingest.main import build
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kernel.ports.keys import Rights
from services.kit.metrics import QUOTA_UNCHECKED, THROTTLED
from services.kit.settings import Settings
from tests.asgi import lifespan
from tests.contract.ingest_door import Door, door_over, event, feature


def _throttled(limit: str) -> float:
    return THROTTLED.labels(limit)._value.get()


def _batch(first: int, count: int) -> dict[str, Any]:
    return {"events": [event(number) for number in range(first, first + count)]}


def _key(door: Door, source: str, **rights: Any) -> str:
    return "Bearer " + door.keys.create(SourceName(source), Rights(scopes=frozenset(SCOPES), **rights))


def _refused(answer: httpx.Response, limit: str, after: int) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["type"], answer.json()["limit"]) == (429, "urn:surgecast:problem:quota", limit), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == str(after)
    assert f"t={after}" in answer.headers["RateLimit"]
    assert f'"{limit}";q=' in answer.headers["RateLimit-Policy"]
    assert "Nothing was taken" in answer.json()["detail"]
    return answer.json()


def test_a_batch_over_the_limit_is_refused_whole_and_taken_after_the_time_that_was_told() -> None:
    with door_over("memory", ingest_source_events_per_s=10, ingest_source_burst_s=10) as door:
        before = _throttled("events_per_s")
        assert door.events(_batch(0, 60)).json()["accepted"] == 60
        _refused(door.events(_batch(60, 60)), "events_per_s", 2)
        assert _throttled("events_per_s") == before + 1
        assert len(door.entries()) == 60
        assert door.events(_batch(60, 40)).json()["accepted"] == 40, "what is left can be spent"
        assert door.events(_batch(0, 20), Authorization=door.key("other")).json()["accepted"] == 20, "each source has its own"
        _refused(door.events(_batch(100, 50)), "events_per_s", 5)
        door.clock.time += timedelta(seconds=5)
        assert door.events(_batch(100, 50)).json()["accepted"] == 50


def test_all_items_of_a_body_count_bad_and_repeated_ones_too() -> None:
    with door_over("memory", ingest_source_events_per_s=1, ingest_source_burst_s=4) as door:
        assert door.events({"events": [event(1), event(1), event(2, status="x"), event(3)]}).status_code == 202
        _refused(door.events(event(4)), "events_per_s", 1)


def test_a_batch_that_could_never_pass_is_told_how_large_one_may_be() -> None:
    with door_over("memory", ingest_source_events_per_s=10, ingest_source_burst_s=5) as door:
        answer = door.events(_batch(0, 51))
        assert (answer.status_code, answer.json()["limit_events"]) == (413, 50)
        assert door.events(_batch(0, 50)).status_code == 202


def test_requests_are_limited_before_their_body_is_read_and_redis_is_asked_little() -> None:
    with door_over("memory", ingest_source_requests_per_s=100, ingest_source_burst_s=1) as door:
        answers = [door.events(event(number)) for number in range(100)]
        assert {answer.status_code for answer in answers} == {202}
        assert door.quotas.asked == 10, "a tenth of a second's worth at a time"

        async def never() -> Any:
            raise AssertionError("the body was read")
            yield b""

        for _ in range(5):
            _refused(door.run(door.sending("/ingest/v1/events", never())), "requests_per_s", 1)
        assert door.quotas.asked == 11, "while it must be over the limit, Redis isn't asked"
        door.clock.time += timedelta(milliseconds=10)
        assert door.events(event(200)).status_code == 202


def test_many_requests_at_once_are_let_in_up_to_the_limit_exactly() -> None:
    roomy = {"guard_min": 128}  # on a slow machine the guard would turn some away before their source is asked
    with door_over("memory", ingest_source_requests_per_s=40, ingest_source_burst_s=0.5, **roomy) as door:

        async def all_at_once() -> list[httpx.Response]:
            return await asyncio.gather(*(door.sending("/ingest/v1/events", event(number)) for number in range(60)))

        statuses = [answer.status_code for answer in door.run(all_at_once())]
        assert (statuses.count(202), statuses.count(429)) == (20, 40)


def test_a_day_has_its_quota_and_a_key_may_have_limits_of_its_own() -> None:
    with door_over("memory", ingest_source_events_per_day=100) as door:
        assert door.events(_batch(0, 90)).status_code == 202
        _refused(door.events(_batch(90, 20)), "events_per_day", 12 * 3600)
        assert door.events(_batch(90, 20), Authorization=_key(door, "demo", events_per_day=0)).status_code == 202
        slow = _key(door, "slow", events_per_s=1.0, requests_per_s=0.0)
        assert door.events(_batch(0, 5), Authorization=slow).status_code == 202
        _refused(door.events(event(9), Authorization=slow), "events_per_s", 1)
        door.clock.time += timedelta(hours=12)
        assert door.events(_batch(200, 100)).status_code == 202


def test_a_picture_counts_as_what_changed_is_refused_whole_and_a_large_one_passes_when_the_source_was_quiet() -> None:
    with door_over("memory", ingest_source_events_per_s=1, ingest_source_burst_s=10) as door:
        outages = [feature(f"o{number}") for number in range(15)]
        assert door.picture(outages).json()["accepted"] == 15, "it can't be sent in parts"
        answer = door.picture([*outages, feature("new")], "2024-11-20T11:10:00Z")
        _refused(answer, "events_per_s", 6)
        assert "o14" in door.open()
        assert "new" not in door.open()
        assert door.picture(outages, "2024-11-20T11:10:00Z").json()["unchanged"] == 15, "what didn't change costs nothing"
        door.clock.time += timedelta(seconds=6)
        assert door.picture([*outages, feature("new")], "2024-11-20T11:20:00Z").json()["accepted"] == 1


@pytest.mark.parametrize("settings", [{"ingest_source_requests_per_s": 1.0}, {"ingest_source_requests_per_s": 0, "ingest_source_events_per_day": 2}])
def test_where_the_counts_cannot_be_had_nothing_is_refused_and_they_are_tried_again_later(settings: dict[str, Any]) -> None:
    with door_over("memory", **settings) as door:
        door.quotas.down, before = True, QUOTA_UNCHECKED._value.get()
        assert {door.events(event(number)).status_code for number in range(20)} == {202}
        assert (door.quotas.asked, QUOTA_UNCHECKED._value.get()) == (1, before + 1), "one that waits for a Redis that is gone is enough"
        door.quotas.down = False
        door.clock.time += timedelta(seconds=1)
        statuses = [door.events(event(number)).status_code for number in range(20, 40)]
        assert 429 in statuses


@pytest.mark.parametrize("requests_per_s", [0.0, 100.0])
@pytest.mark.parametrize("per_day", [0, 50_000])
@pytest.mark.parametrize(("events_per_s", "lease_s", "asked"), [(0.0, 0.1, 0), (1_000.0, 0.0, 10), (1_000.0, 0.02, 2)])
def test_any_limits_may_be_set_together(requests_per_s: float, per_day: int, events_per_s: float, lease_s: float, asked: int) -> None:
    told = {"ingest_source_requests_per_s": requests_per_s, "ingest_source_events_per_day": per_day, "ingest_source_events_per_s": events_per_s}
    with door_over("memory", quota_lease_s=lease_s, **told) as door:
        assert [door.events(_batch(number * 4, 4)).status_code for number in range(10)] == [202] * 10
        if not requests_per_s and not per_day:
            assert door.quotas.asked == asked


def test_two_ingest_processes_share_a_source_s_limit(redis_url: str) -> None:
    settings = Settings(_env_file=None, journal_url=redis_url, ingest_source_events_per_s=0.001, ingest_source_burst_s=20_000)
    with sync_link(settings) as link:
        key = RedisKeys(link).create(SourceName("demo"), SCOPES)

    async def statuses() -> list[int]:
        got: list[int] = []
        async with AsyncExitStack() as stack:
            apps = [build(settings), build(settings)]
            for app in apps:
                await stack.enter_async_context(lifespan(app))
            for number in range(24):
                async with httpx.AsyncClient(transport=httpx.ASGITransport(apps[number % 2]), base_url="http://ingest") as client:
                    got.append((await client.post("/ingest/v1/events", json=event(number), headers={"Authorization": f"Bearer {key}"})).status_code)
        return got

    assert asyncio.run(statuses()) == [202] * 20 + [429] * 4
