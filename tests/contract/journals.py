"""The journal and its tail on memory and on Redis, seen alike by the contract tests."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import redis

from services import wire
from services.adapters.journal_grouped import GroupedJournal
from services.adapters.journal_memory import MemoryJournal
from services.adapters.journal_redis import RedisJournal
from services.adapters.redis_link import async_link, sync_link, text
from services.adapters.tail_redis import RedisTail
from services.kernel.events import OutageEvent
from services.kernel.ids import OutageKey
from services.kernel.order import version
from services.kernel.ports.journal import Journal, JournalTail
from services.kit.settings import Settings

AREA_NAMES_MAX = 5
T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]


class Subject:
    """One journal under test."""

    def __init__(self, journal: Journal, tail: JournalTail, run: Any, versions: Callable[[], dict[OutageKey, str]]) -> None:
        self.journal, self.tail, self.run, self.versions = journal, tail, run, versions

    def append(self, *events: OutageEvent, source: str = "oms") -> list[Any]:
        return self.run(self.journal.append(source, events))

    def outcomes(self, *events: OutageEvent) -> list[str]:
        return [answer.outcome.value for answer in self.append(*events)]

    def open(self) -> dict[OutageKey, OutageEvent]:
        return dict(self.tail.cold().open)


@contextmanager
def in_memory(heard_events_max: int = 1_000) -> Iterator[Subject]:
    journal = MemoryJournal(heard_events_max=heard_events_max, area_names_max=AREA_NAMES_MAX)
    with asyncio.Runner() as runner:
        yield Subject(journal, journal, runner.run, lambda: {key: version(known.event) for key, known in journal.latest.items()})


@contextmanager
def on_redis(url: str, heard_events_max: int = 1_000, grouped: bool = False) -> Iterator[Subject]:
    settings = Settings(journal_url=url)
    with asyncio.Runner() as runner, sync_link(settings) as link:
        alink = async_link(settings)
        journal = RedisJournal(alink, heard_events_max, area_names_max=AREA_NAMES_MAX)
        yield Subject(GroupedJournal(journal, 20) if grouped else journal, RedisTail(link), runner.run, lambda: _versions(link))
        runner.run(alink.aclose())


def _versions(link: redis.Redis) -> dict[OutageKey, str]:
    stored: Any = link.hgetall(wire.VERSIONS)
    return {OutageKey(text(key)): text(value).split(" ", 1)[0] for key, value in stored.items()}
