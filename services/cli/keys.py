"""`surgecast keys`: make, list and end ingest keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import sync_link
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings


@contextmanager
def _keys(settings: Settings) -> Iterator[RedisKeys]:
    try:
        with sync_link(with_journal(settings)) as link:
            yield RedisKeys(link)
    except Unavailable as error:
        raise Failure(f"{error}. Keys live in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None


def create(settings: Settings, name: str, scopes: Sequence[str] | None) -> None:
    """Make a key and print it: standard output carries the key alone."""
    with _keys(settings) as keys:
        try:
            key = keys.create(SourceName(name), scopes or SCOPES)
        except ValueError as error:
            raise Failure(str(error)) from None
    Console(stderr=True, highlight=False).print(f"A key for the source {name}. Keep it: it isn't shown again.", markup=False)
    print(key)  # noqa: T201 - the command's output


def show(settings: Settings) -> None:
    """Print a table of the keys."""
    table = Table(box=None)
    for heading in ("ID", "Source", "May", "Made"):
        table.add_column(heading)
    with _keys(settings) as keys:
        for holder in keys.list():
            table.add_row(holder.id, holder.source, ", ".join(sorted(holder.scopes)), f"{holder.created_at:%Y-%m-%d %H:%M} UTC")
    Console(highlight=False).print(table if table.row_count else "There are no keys. Make one with `surgecast keys create NAME`.")


def revoke(settings: Settings, key_id: str) -> None:
    """End a key."""
    with _keys(settings) as keys:
        if not keys.revoke(key_id):
            raise Failure(f"There is no key {key_id}. `surgecast keys list` shows them.")
    Console(highlight=False).print(f"The key {key_id} is revoked. Processes that have just used it forget it within seconds.", markup=False)
