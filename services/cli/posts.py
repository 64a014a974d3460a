"""`surgecast posts`: the newest social posts and what became of them."""

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from services.adapters.ledger_sql import SqlLedger
from services.kernel.delivery import Delivery, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings

_STYLE = {Outcome.DELIVERED: "green", Outcome.HELD: "yellow", Outcome.DEAD_LETTERED: "red", Outcome.EXPIRED: "red"}


def posts(settings: Settings, limit: int, area: str) -> int:
    """Show the newest `limit` posts, all or only those about `area`; gives the exit code."""
    try:
        ledger = SqlLedger(settings.ledger, settings.ledger_timeout_s)
        found = ledger.recent(limit, AreaId(area) if area else None)
        ledger.close()
    except Unavailable as error:
        Console(stderr=True).print(str(error), markup=False)
        return 1
    console = Console()
    for account, written in found:
        show(console, account, written)
    if not found:
        console.print(f"Nothing was posted about {area}." if area else "Nothing was posted yet.", markup=False)
    return 0


def show(console: Console, account: str, written: Written) -> None:
    """One post: what it is, then each language's text, whole, with what became of it."""
    console.print(f"[bold]{written.created_at:%Y-%m-%d %H:%M:%S} UTC[/]  {escape(written.area)}  {written.kind}  on {escape(account)}")
    for delivery in written.deliveries:
        console.print(f"  {delivery.lang}  {_outcome(delivery)}")
        console.print(Padding(escape(delivery.text), (0, 0, 0, 6)))


def _outcome(delivery: Delivery) -> str:
    style = _STYLE.get(delivery.outcome, "default")
    words = [delivery.outcome, *(f"({word})" for word in (delivery.held_for, delivery.remote_id) if word)]
    if delivery.attempts > 1:
        words.append(f"after {delivery.attempts} tries")
    why = ": " + escape(delivery.error) if delivery.error else ""
    return f"[{style}]{' '.join(words)}[/]{why}"
