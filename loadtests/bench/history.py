"""How fast the archiver takes the journal into SQL, what that leaves of Redis's memory, and how fast an export is.

`python -m loadtests.bench.history`: starts a server of its own, with SQLite on the same disk; needs nothing else. Medians of `RUNS`.
"""

import asyncio
import io
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path

from redis import Redis

from loadtests.bench.figures import row
from loadtests.bench.relay import fill
from services import wire
from services.adapters.fold_redis import RedisFold
from services.adapters.history_mark_redis import RedisHistoryMark
from services.adapters.history_sql import SqlArchive
from services.adapters.janitor_redis import RedisJanitor
from services.adapters.ledger_upgrade import upgrade
from services.adapters.redis_link import sync_link
from services.adapters.tail_redis import RedisTail
from services.cli.embedded_redis import running
from services.cli.export import reading
from services.cli.export.columns import EVENTS
from services.cli.export.columns import row as values
from services.cli.export.formats import Csv, Ndjson, Writer
from services.cli.export.parquet import Parquet
from services.fanout.history import Archived, Archiver, Limits
from services.kernel.views import ORIGIN
from services.kit.clock import SystemClock
from services.kit.settings import Settings

RUNS = 5
ENTRIES, KEEP = 50_000, 1_000
MIB = 1024 * 1024


def fold_all(fold: RedisFold) -> None:
    while entries := fold.read("bench", 1_000, 0):
        fold.commit(entries, {})


def memory_mib(link: Redis) -> float:
    return float(link.info("memory")["used_memory"]) / MIB  # type: ignore[index]


def archive_rates(settings: Settings, link: Redis, archive: SqlArchive) -> tuple[list[float], list[float], list[float], list[float]]:
    """Entries a second, from read to committed; and Redis's memory (MiB) with nothing in it, before archiving and after trimming. 4,000 outages stay open."""
    limits = Limits(settings.history_batch_entries, timedelta(hours=1))
    archiver = Archiver(RedisTail(link), archive, RedisHistoryMark(link), SystemClock(), limits)
    janitor = RedisJanitor(link, settings.closed_retention_s, settings.closed_max, history=True)
    asyncio.run(fill(settings, 0, KEEP))  # the server's own caches, and scripts
    rates, full, left, slowest = [], [], [], []
    for run in range(1, RUNS + 1):
        asyncio.run(fill(settings, run * ENTRIES, ENTRIES))
        fold_all(RedisFold(link))
        full.append(memory_mib(link))
        before, started = archive.cursor().number, time.perf_counter()
        assert archiver.run() is Archived.DONE
        spent = time.perf_counter() - started
        rates.append((archive.cursor().number - before) / spent)
        janitor.trim(KEEP, SystemClock().now())
        assert link.xlen(wire.JOURNAL) == KEEP
        left.append(memory_mib(link))
        slowest.append(1000 * spent * limits.batch / ENTRIES)
    return rates, full, left, slowest


def export_rate(link: Redis, archive: SqlArchive, settings: Settings, form: Callable[[io.BytesIO, object], Writer]) -> list[float]:
    """Events a second, from SQL to bytes in memory."""
    rates = []
    for _ in range(RUNS):
        started, writer = time.perf_counter(), form(io.BytesIO(), EVENTS)
        rows = islice(reading.events(archive, RedisTail(link), ORIGIN, None, settings.export_rows), ENTRIES)
        while page := [values(EVENTS, one) for one in islice(rows, settings.export_rows)]:
            writer.write(page)
        writer.close()
        rates.append(ENTRIES / (time.perf_counter() - started))
    return rates


def main() -> None:
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as server:
        settings = Settings(journal_url=server.url, data=Path(name))
        upgrade(settings.ledger)
        archive = SqlArchive(settings.ledger, settings.ledger_timeout_s)
        with sync_link(settings) as link:
            rates, full, left, batch = archive_rates(settings, link, archive)
            print(row(f"archived into SQLite, {settings.history_batch_entries:,} entries a transaction", rates, "entries/s"))
            print(row("  a transaction, with its share of reading", batch, "ms"))
            print(row(f"Redis memory with {ENTRIES:,} entries more than the window", full, "MiB"))
            print(row(f"  after archiving and trimming to {KEEP:,} entries and 4,000 open outages", left, "MiB"))
            for form in (Ndjson, Csv, Parquet):
                print(row(f"export as {form.__name__.lower()}", export_rate(link, archive, settings, form), "events/s"))  # type: ignore[arg-type]
        archive.close()
        size = Path(name, "ledger.sqlite3").stat().st_size
        print(f"SQLite: {size / (RUNS * ENTRIES + KEEP):,.0f} bytes an event")


if __name__ == "__main__":
    main()
