"""`surgecast deliveries`: what became of each post in each language, and another try for dead letters."""

import socket
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from services.adapters.ledger_deliveries import NotRetried, SqlDeliveries
from services.cli.failure import Failure
from services.cli.look_now import look_now
from services.cli.reports import account
from services.kernel.delivery import Outcome
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings


def listed(settings: Settings, limit: int, *, dead: bool) -> None:
    """Show the newest, all or only dead letters. Raises `Failure`."""
    try:
        ledger = SqlDeliveries(settings.ledger, settings.ledger_timeout_s)
        found = ledger.newest(limit, Outcome.DEAD_LETTERED if dead else None)
        ledger.close()
    except Unavailable as error:
        raise Failure(str(error)) from None
    console = Console(highlight=False)
    for one in found:
        why = f" ({one.held_for})" if one.held_for else ""
        tries = f", {one.attempts} tries" if one.attempts > 1 else ""
        again = f", retried {one.retries} times" if one.retries > 1 else ", retried once" if one.retries else ""
        said = f": {escape(one.error)}" if one.error else ""
        console.print(f"[bold]{one.id}[/]  {one.at:%Y-%m-%d %H:%M:%S} UTC  {escape(one.area)}  {one.kind}  on {escape(one.account)}, {one.lang}")
        console.print(f"  {one.outcome}{why}{tries}{again}{said}")
        console.print(Padding(escape(one.text), (0, 0, 0, 6)))
    if not found:
        console.print("There are no dead letters." if dead else "Nothing was posted yet.")


def retry(settings: Settings, ids: Sequence[int]) -> None:
    """Queue dead letters again: all, or none. Raises `Failure`."""
    try:
        ledger = SqlDeliveries(settings.ledger, settings.ledger_timeout_s)
        places = ledger.retry(ids, SystemClock().now(), f"{account()}@{socket.gethostname()}")
        ledger.close()
    except (Unavailable, NotRetried) as error:
        raise Failure(str(error)) from None
    Console(highlight=False).print(f"Queued again: {', '.join(map(str, ids))}. {look_now(settings, places)}", markup=False)
