"""`surgecast waiting`: how many wait to be told that power is back. Never who: their numbers are nobody's business."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.adapters.notices_redis import RedisNotices
from services.adapters.redis_link import sync_link
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.kernel.ports.failures import Unavailable
from services.kernel.waiting import outage_of
from services.kit.settings import Settings


def waiting(settings: Settings) -> None:
    """Show the areas, those that most wait for first, and how many notices are to be sent. Raises `Failure`."""
    try:
        with sync_link(with_journal(settings)) as link:
            counts, due = RedisNotices(link).counts()
    except Unavailable as error:
        raise Failure(f"{error}. Who waits is in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None
    console, table = Console(highlight=False), Table("Area", "Waiting", box=None)
    own = sum(count for group, count in counts.items() if outage_of(group) is not None)
    for area, count in sorted(((group, count) for group, count in counts.items() if outage_of(group) is None), key=lambda row: (-row[1], row[0])):
        table.add_row(escape(area), str(count))
    if own:
        table.add_row("(their own outage, by their premise)", str(own))
    if counts:
        console.print(table)
    console.print(f"{sum(counts.values())} waiting, {due} to be told.", markup=False)
    if not settings.notices_can_be_sent:
        console.print("Nobody new can wait: neither text messages nor Alexa nor Messenger are set up (docs/voice.md).", markup=False)
