"""`surgecast posts`: the newest social posts and what became of them."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.adapters.ledger_sql import SqlLedger
from services.kernel.delivery import Delivery, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.ports import Unavailable
from services.kit.settings import Settings

_STYLE = {Outcome.DELIVERED: "green", Outcome.HELD: "yellow", Outcome.DEAD_LETTERED: "red", Outcome.EXPIRED: "red"}


def posts(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="How many posts, newest first.")] = 20,
    area: Annotated[str, typer.Option("--area", help="Only those about this area (its id).")] = "",
) -> None:
    """Show the newest social posts and what became of each."""
    settings = Settings()
    try:
        ledger = SqlLedger(settings.ledger, settings.ledger_timeout_s)
        found = ledger.recent(limit, AreaId(area) if area else None)
        ledger.close()
    except Unavailable as error:
        Console(stderr=True).print(str(error), markup=False)
        raise typer.Exit(1) from error
    console = Console()
    if found:
        console.print(table(found))
    else:
        console.print(f"Nothing was posted about {area}." if area else "Nothing was posted yet.", markup=False)


def table(found: list[tuple[str, Written]]) -> Table:
    """One row a message, newest post first."""
    shown = Table("When (UTC)", "Account", "Area", "Why", "Outcome", "Tries", "Text")
    for account, written in found:
        for delivery in written.deliveries:
            when = f"{written.created_at:%m-%d %H:%M:%S}"
            shown.add_row(when, account, written.area, written.kind, _outcome(delivery), str(delivery.attempts), escape(f"{delivery.lang}: {delivery.text}"))
    return shown


def _outcome(delivery: Delivery) -> str:
    style = _STYLE.get(delivery.outcome, "default")
    words = [delivery.outcome, *(f"({word})" for word in (delivery.held_for, delivery.remote_id) if word)]
    why = "\n" + escape(delivery.error) if delivery.error else ""
    return f"[{style}]{' '.join(words)}[/]{why}"
