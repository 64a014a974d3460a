"""What is remembered of alerts, in memory and on Redis."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from services.adapters.chains_memory import MemoryChains
from services.adapters.chains_redis import RedisChains
from services.adapters.redis_link import async_link
from services.kernel.ids import SourceName
from services.kernel.ports.alerts import AlertChains, First
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings
from tests.builders import NOW, SOURCE
from tests.tree import free_port

MAX = 2_500
FIRST, OTHER = First("a", NOW, NOW - timedelta(minutes=1)), First("b", NOW)
Run = Callable[[Awaitable[Any]], Any]


@pytest.fixture
def run() -> Iterator[Run]:
    async def awaited(work: Awaitable[Any]) -> Any:
        return await work

    with asyncio.Runner() as runner:
        yield lambda work: runner.run(awaited(work))


@pytest.fixture(params=["memory", "redis"])
def chains(request: pytest.FixtureRequest, run: Run) -> Iterator[AlertChains]:
    if request.param == "memory":
        yield MemoryChains(MAX)
        return
    link = Redis.from_url(request.getfixturevalue("redis_url"), protocol=2)
    yield RedisChains(link, MAX)
    run(link.aclose())


def test_what_was_remembered_last_is_found_by_its_source_only(chains: AlertChains, run: Run) -> None:
    assert run(chains.find(SOURCE, [])) == run(chains.find(SOURCE, ["a"])) == {}
    run(chains.remember(SOURCE, {}))
    run(chains.remember(SOURCE, {"a": FIRST, "é ~": FIRST}))
    run(chains.remember(SOURCE, {"b": OTHER, "a": OTHER}))
    assert run(chains.find(SOURCE, ["a", "b", "é ~", "never"])) == {"a": OTHER, "b": OTHER, "é ~": FIRST}
    assert run(chains.find(SourceName("other"), ["a"])) == {}


def test_messages_long_out_of_use_are_forgotten_and_newer_ones_kept(chains: AlertChains, run: Run) -> None:
    run(chains.remember(SOURCE, {"old": FIRST}))
    for generation in range(2):
        run(chains.remember(SOURCE, {"kept": FIRST}))
        run(chains.remember(SOURCE, {f"{generation}-{number}": OTHER for number in range(MAX)}))
    assert run(chains.find(SOURCE, ["old", "kept", "1-7"])) == {"kept": FIRST, "1-7": OTHER}


def test_it_is_unavailable_while_it_is_down(run: Run) -> None:
    memory, nobody = MemoryChains(), RedisChains(async_link(Settings(_env_file=None, journal_url=f"redis://127.0.0.1:{free_port()}")), MAX)
    memory.down = True
    for chains in (memory, nobody):
        with pytest.raises(Unavailable):
            run(chains.find(SOURCE, ["a"]))
        with pytest.raises(Unavailable):
            run(chains.remember(SOURCE, {"a": FIRST}))
