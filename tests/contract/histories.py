"""Journal, archive and janitor together, in memory and on Redis with SQLite, seen alike by the contract tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from redis import Redis

from services.adapters.fold_memory import MemoryFold, MemoryGroup, MemoryJanitor
from services.adapters.fold_redis import RedisFold
from services.adapters.history_mark_redis import RedisHistoryMark
from services.adapters.history_memory import MemoryArchive, MemoryHistoryMark
from services.adapters.history_sql import SqlArchive
from services.adapters.janitor_redis import RedisJanitor
from services.adapters.ledger_upgrade import upgrade
from services.fanout.history import Archiver, Limits
from services.kernel.ports.history import Archive, HistoryMark
from services.kernel.ports.journal import Trimming
from services.kernel.ports.work import Relaying
from services.kit.clock import SystemClock
from tests.contract.journals import Subject, in_memory, on_redis


class Desk(NamedTuple):
    journal: Subject
    relay: Relaying
    archive: Archive
    mark: HistoryMark
    janitor: Trimming

    def archiver(self, batch: int = 100, archive: Archive | None = None, mark: HistoryMark | None = None, busy_s: float = 60) -> Archiver:
        return Archiver(self.journal.tail, archive or self.archive, mark or self.mark, SystemClock(), Limits(batch, timedelta(seconds=busy_s)))

    def fold_all(self) -> None:
        while entries := self.relay.read("one", 1_000, 0):
            self.relay.commit(entries, {})

    def trim(self, keep: int = 1) -> int:
        return self.janitor.trim(keep, SystemClock().now()).entries


@contextmanager
def desk_in_memory() -> Iterator[Desk]:
    with in_memory() as subject:
        group = MemoryGroup(subject.journal)  # type: ignore[arg-type]
        yield Desk(subject, MemoryFold(group), MemoryArchive(), MemoryHistoryMark(group), MemoryJanitor(group, 10**6, 10**6, history=True))


@contextmanager
def desk_on_redis(url: str, ledger: str) -> Iterator[Desk]:
    upgrade(ledger)
    archive = SqlArchive(ledger, 5)
    with on_redis(url) as subject, Redis.from_url(url, protocol=2) as link:
        yield Desk(subject, RedisFold(link), archive, RedisHistoryMark(link), RedisJanitor(link, 10**6, 10**6, history=True))
    archive.close()


Open = Callable[[], Desk]


def ledger_at(folder: Path) -> str:
    return f"sqlite:///{folder}/ledger.sqlite3"
