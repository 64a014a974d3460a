"""`surgecast sources poll --dry-run`: what a source's picture would change, with nothing written and nobody told."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Console

from services.adapters.areas_redis import RedisAreas
from services.adapters.fetch_http import HttpFetcher
from services.adapters.journal_redis import RedisJournal
from services.adapters.redis_link import async_link, sync_link
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.cli.sources import configured, one_of
from services.ingest.areas.places import Places
from services.ingest.formats import formats
from services.ingest.pictures import Asked, Pictures
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, SourceName
from services.kernel.outage import Acceptance
from services.kernel.picture import Change
from services.kernel.polls import Polled, Validators
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.journal import Answer
from services.kernel.ports.polls import Fetched, FetchFailed
from services.kit.clock import SystemClock
from services.kit.http import Problem
from services.kit.settings import Settings
from services.sources.pages import whole_picture

SHOWN_MAX = 20


class _Rehearsal(RedisJournal):
    """The journal, but for reading only: what would be appended is kept to be looked at."""

    change: Change | None = None

    async def append_picture(self, source: SourceName, format_name: str, change: Change) -> list[Answer]:
        """Keep `change`."""
        self.change = change
        return [Answer(Acceptance.ACCEPTED)] * len(change.events)

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        """A picture appends nothing here."""
        raise NotImplementedError

    async def name_areas(self, names: Mapping[AreaId, str], *, anew: bool = True) -> None:
        """Names stay as they are."""

    async def heard(self, source: SourceName, at: datetime) -> None:
        """And nobody was heard."""


def rehearse(settings: Settings, name: str) -> None:
    """Ask the source, and print what its picture would change. Raises `Failure`."""
    source, settings, clock = one_of(configured(settings, secrets=True), name), with_journal(settings), SystemClock()
    try:
        fetched = whole_picture(HttpFetcher(clock, settings.sources_connect_s, settings.sources_read_s), source, Validators(), clock)
        change = asyncio.run(_rehearsed(settings, source, fetched))
    except FetchFailed as error:
        raise Failure(f"{name} {error}.") from None
    except Problem as problem:
        raise Failure(f"{name}: its picture can't be used: {problem}") from None
    except Unavailable as error:
        raise Failure(f"{error}. The picture before is in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None
    _print(Console(highlight=False), name, len(fetched.body or b""), change)


async def _rehearsed(settings: Settings, source: Polled, fetched: Fetched) -> Change | None:
    known = formats(settings.ingest_mappings, settings.timezone)
    async with async_link(settings) as link:
        journal = _Rehearsal(link, settings.heard_events_max)
        with sync_link(settings) as areas_link:
            places = Places(RedisAreas(areas_link), settings)
            await asyncio.to_thread(places.refresh)
        await Pictures(journal, SystemClock(), settings, known, places).take(source.name, Asked(source.format, fetched.at), fetched.body or b"")
    return journal.change


def _print(console: Console, name: str, size: int, change: Change | None) -> None:
    if change is None:
        console.print(f"{name}: {size} bytes; a picture as new as this one is there already. Nothing would change.", markup=False)
        return
    counts = Counter(event.status.value for event in change.events)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "nothing"
    console.print(f"{name}: {size} bytes; would change: {told}. Nothing was written.", markup=False)
    for event in change.events[:SHOWN_MAX]:
        customers = "" if event.customers_affected is None else f", {event.customers_affected} customers"
        console.print(f"  {event.status.value:<9} {event.outage_id}{customers}, {', '.join(event.areas) or 'no area'}", markup=False)
    if len(change.events) > SHOWN_MAX:
        console.print(f"  and {len(change.events) - SHOWN_MAX} more", markup=False)
