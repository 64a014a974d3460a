"""The script on Redis lends just what the kernel's arithmetic does; and Redis keeps nothing of a source that is quiet."""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from services import wire
from services.adapters.quotas_memory import MemoryQuotas
from services.adapters.quotas_redis import RedisQuotas
from services.adapters.redis_link import async_link
from services.kernel.ids import SourceName
from services.kernel.quota import Limits, Loan, Thing
from services.kit.settings import Settings
from tests.builders import NOW, SetClock
from tests.examples import examples

OMS = SourceName("oms")
limits = st.builds(Limits, st.sampled_from([0, 0.3, 7, 5_000, 40_000.0]), st.integers(1, 400), st.sampled_from([0, 100, 100_000]))
steps = st.lists(st.tuples(st.integers(-100, 4_000), st.sampled_from(Thing), limits, st.integers(1, 500), st.integers(0, 100)), min_size=1, max_size=25)


@given(steps)
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_lend_the_same_whatever_is_asked_for_in_whatever_order(redis_url: str, asked: list[tuple[int, Thing, Limits, int, int]]) -> None:
    async def answers() -> tuple[list[Loan], list[Loan]]:
        clock, link = SetClock(NOW + timedelta(hours=2, minutes=55)), async_link(Settings(journal_url=redis_url))
        await link.flushall()
        memory, redis, got = MemoryQuotas(clock), RedisQuotas(link, clock), ([], [])
        for wait_ms, thing, limit, need, wish in asked:
            clock.move(milliseconds=wait_ms)
            for loans, quotas in zip(got, (memory, redis), strict=True):
                loans.append(await quotas.borrow(OMS, thing, limit, need, wish))
        await link.aclose()
        return got

    in_memory, on_redis = asyncio.run(answers())
    assert on_redis == in_memory


def test_what_is_kept_of_a_source_ends_by_itself(redis_url: str) -> None:
    async def spend() -> None:
        link = async_link(Settings(journal_url=redis_url))
        await RedisQuotas(link, SetClock()).borrow(OMS, Thing.EVENTS, Limits(10, 100, 1_000), 40, 0)
        await link.aclose()

    asyncio.run(spend())
    with Redis.from_url(redis_url) as link:
        assert 0 < link.pttl(wire.quota(OMS, "events")) <= 5_000, "then the bucket is full again"  # type: ignore[operator]
        assert 0 < link.pttl(wire.quota_day(OMS, "events", "2018-09-21")) <= 86_400_000  # type: ignore[operator]
