"""`surgecast reports`: what people reported, for the crew desk."""

import asyncio
import os
import pwd
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

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
from services.kernel.ports.reports import Reports
from services.kernel.reports import Kind, Look, Report
from services.kit.clock import SystemClock
from services.kit.settings import Settings

_SPAN = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_HEADINGS = ("When (UTC)", "What", "Area", "Where, in their words", "From")
_NAMES = ("asker", "premise")
"""What tells of whom a report is: the same person's reports by a hash, and the directory's id of their premise."""
T = TypeVar("T")


def reports(settings: Settings, since: str, limit: int, as_json: bool, named: bool = False) -> None:
    """Show up to `limit` reports since then, newest first. `named`: with whom they are of, to whoever may see that; it is kept. Raises `Failure`."""
    now = SystemClock().now()
    start, user = moment(since, now), account()
    if named and user not in settings.reports_named_for:
        raise Failure(f"{user} may not see whom reports are of. SURGECAST_REPORTS_NAMED_FOR names the accounts of this system that may.")
    look = Look(now, f"{user}@{socket.gethostname()}", start, limit) if named else None
    found = _asked(settings, lambda desk: _newest(desk, start, limit, look))
    if as_json:
        for report in found:
            told = {name: value for name, value in msgspec.to_builtins(report).items() if named or name not in _NAMES}
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    else:
        _table(found, start, named=named)


def looks(settings: Settings, limit: int) -> None:
    """Show who has looked at whom reports are of, the last first. Raises `Failure`."""
    table = Table("When (UTC)", "Who", "Since", "At most", box=None)
    for look in _asked(settings, lambda desk: desk.looks(limit)):
        table.add_row(f"{look.at:%Y-%m-%d %H:%M:%S}", escape(look.who), f"{look.since:%Y-%m-%d %H:%M}", str(look.limit))
    console = Console(highlight=False)
    console.print(table if table.row_count else "Nobody has looked at whom reports are of.")


def account() -> str:
    """The account of this system that runs this process; what the environment says of it is not asked."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def moment(text: str, now: datetime) -> datetime:
    """When `text` is: so long before `now`, a date, or a time. Raises `Failure`."""
    if found := _SPAN.fullmatch(text):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"--since {text!r} is neither a span (24h, 7d) nor a date (2027-01-31) nor a time (2027-01-31T12:00:00Z).") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _asked(settings: Settings, ask: Callable[[RedisReports], Awaitable[Sequence[T]]]) -> Sequence[T]:
    async def asking() -> Sequence[T]:
        clock, here = SystemClock(), with_journal(settings)
        desk = RedisReports(async_link(here), Guarded("reports", bounds(here.redis_timeout_s, 1, 1, 1), clock), clock, here)
        try:
            return await ask(desk)
        finally:
            await desk.close()

    try:
        return asyncio.run(asking())
    except Unavailable as error:
        raise Failure(f"{error}. Reports are in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None


async def _newest(desk: Reports, since: datetime, limit: int, look: Look | None) -> Sequence[Report]:
    if look is not None:
        await desk.look(look)  # first: what isn't kept isn't seen
    return await desk.newest(since, limit)


def _table(found: Sequence[Report], since: datetime, *, named: bool) -> None:
    console = Console(highlight=False)
    if not found:
        console.print(f"Nobody has reported anything since {since:%Y-%m-%d %H:%M} UTC.", markup=False)
        return
    table = Table(*_HEADINGS, *(("Premise", "Asker") if named else ()), box=None)
    for report in found:
        kind = f"[bold red]{report.kind}[/]" if report.kind is Kind.HAZARD else report.kind
        source = f"{report.platform} {report.lang}" if report.asker else f"{report.platform} {report.lang}, unnamed"
        whose = (report.premise, report.asker) if named else ()
        table.add_row(f"{report.at:%Y-%m-%d %H:%M:%S}", kind, *map(escape, (report.area or "", report.said, source, *whose)))
    console.print(table)
