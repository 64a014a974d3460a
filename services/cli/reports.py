"""`surgecast reports`: what people reported, for the crew desk."""

import asyncio
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.adapters.guarded import Guarded, bounds
from services.adapters.redis_link import async_link
from services.adapters.reports_redis import RedisReports
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.kernel.ports.failures import Unavailable
from services.kernel.reports import Kind, Report
from services.kit.clock import SystemClock
from services.kit.settings import Settings

_SPAN = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_HEADINGS = ("When (UTC)", "What", "Area", "Where, in their words", "Premise", "From")


def reports(settings: Settings, since: str, limit: int, as_json: bool) -> None:
    """Show up to `limit` reports since then, newest first. Raises `Failure`."""
    start = moment(since, SystemClock().now())
    try:
        found = asyncio.run(_newest(with_journal(settings), start, limit))
    except Unavailable as error:
        raise Failure(f"{error}. Reports are in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None
    if as_json:
        for report in found:
            sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        _table(found, start)


def moment(text: str, now: datetime) -> datetime:
    """When `text` is: so long before `now`, a date, or a time. Raises `Failure`."""
    if found := _SPAN.fullmatch(text):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"--since {text!r} is neither a span (24h, 7d) nor a date (2027-01-31) nor a time (2027-01-31T12:00:00Z).") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


async def _newest(settings: Settings, since: datetime, limit: int) -> Sequence[Report]:
    clock = SystemClock()
    desk = RedisReports(async_link(settings), Guarded("reports", bounds(settings.redis_timeout_s, 1, 1, 1), clock), clock, settings)
    try:
        return await desk.newest(since, limit)
    finally:
        await desk.close()


def _table(found: Sequence[Report], since: datetime) -> None:
    console = Console(highlight=False)
    if not found:
        console.print(f"Nobody has reported anything since {since:%Y-%m-%d %H:%M} UTC.", markup=False)
        return
    table = Table(*_HEADINGS, box=None)
    for report in found:
        kind = f"[bold red]{report.kind}[/]" if report.kind is Kind.HAZARD else report.kind
        asker = f"{report.platform} {report.lang} {report.asker[:6]}"
        table.add_row(f"{report.at:%Y-%m-%d %H:%M:%S}", kind, *map(escape, (report.area or "", report.said, report.premise, asker)))
    console.print(table)
