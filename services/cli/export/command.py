"""`surgecast export`: the history, and what is not in it yet, as Parquet, CSV or NDJSON."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services.adapters.history_sql import SqlArchive
from services.adapters.redis_link import sync_link
from services.adapters.tail_redis import RedisTail
from services.cli.embedded_link import with_journal
from services.cli.export import reading
from services.cli.export.columns import EVENTS, OUTAGES, Column, row
from services.cli.export.formats import Csv, Ndjson, Writer
from services.cli.export.out import opened
from services.cli.failure import Failure
from services.kernel.history import OutageRecord, Recorded, accepted_at, position_at
from services.kernel.ports.failures import Unavailable
from services.kernel.views import ORIGIN, Position
from services.kit.settings import Settings

T = TypeVar("T")
AnyRow = Recorded | OutageRecord


class What(StrEnum):
    """What a row is."""

    EVENTS = "events"
    OUTAGES = "outages"


class Format(StrEnum):
    """What the file is."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"


def export(settings: Settings, since: str, until: str, form: Format, what: What, out: str) -> int:
    """Write what was accepted from `since` on and before `until` (either may be empty) to `out`; gives the exit code. Raises `Failure`: no file then."""
    first, before = _position("--since", since) or ORIGIN, _position("--until", until)
    columns = EVENTS if what is What.EVENTS else OUTAGES
    make = _writer(form)
    archive = SqlArchive(settings.ledger, settings.ledger_timeout_s)
    try:
        with sync_link(with_journal(settings)) as link:
            tail = RedisTail(link)
            tail.recent(1)  # down: said before anything is written
            read = reading.events if what is What.EVENTS else reading.outages
            rows: Iterator[AnyRow] = read(archive, tail, first, before, settings.export_rows)
            with opened(out, binary=form is Format.PARQUET) as file:
                written = _write(rows, make(file, columns), columns, settings.export_rows, what)
    except Unavailable as error:
        raise Failure(f"{error}. An export needs the ledger, and the journal for what is not archived yet: start `surgecast up`, or name both.") from None
    except BrokenPipeError:  # whoever read it has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        archive.close()
    Console(stderr=True, highlight=False).print(f"{written:,} {what}.", markup=False)
    return 0


def _position(option: str, moment: str) -> Position | None:
    if not moment:
        return None
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise Failure(f"{option} {moment!r} is no date or time. Write 2026-01-31, or 2026-01-31T18:00:00-05:00; without an offset it is UTC.") from None
    return position_at(at if at.tzinfo else at.replace(tzinfo=UTC))


def _writer(form: Format) -> Any:
    """What makes a writer. Raises `Failure` where Parquet can't be written here."""
    if form is not Format.PARQUET:
        return {Format.CSV: Csv, Format.NDJSON: Ndjson}[form]
    try:
        from services.cli.export.parquet import Parquet
    except ImportError:
        raise Failure("Parquet needs pyarrow, which is not installed: pip install 'surgecast[history]'. Or use --format csv or ndjson.") from None
    return Parquet


def _write(rows: Iterable[AnyRow], writer: Writer, columns: Sequence[Column], count: int, what: What) -> int:
    written = 0
    with _bar() as bar:
        task = bar.add_task("export", total=None, said="")
        for page in _pages(rows, count):
            writer.write([row(columns, one) for one in page])
            written += len(page)
            bar.update(task, said=f"{written:,} {what}, accepted until {_reached(page[-1]):%Y-%m-%d %H:%M} UTC")
    writer.close()
    return written


def _bar() -> Progress:
    """How far it is; silent where nobody watches. How much there will be is known only at the end."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), BarColumn(pulse_style="blue"), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _reached(one: AnyRow) -> datetime:
    return accepted_at(one.position if isinstance(one, Recorded) else one.first_position)


def _pages(rows: Iterable[T], count: int) -> Iterator[list[T]]:
    rows = iter(rows)
    while page := list(islice(rows, count)):
        yield page
