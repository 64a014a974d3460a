"""Events in: each item judged by itself, the good ones appended in one durable step, an answer for each."""

import asyncio
from collections.abc import Callable

from services.ingest.answers import Answered, Result
from services.ingest.areas.places import Nowhere, Placing
from services.ingest.batches import Batch, Item
from services.ingest.faults import Fault
from services.ingest.items import TooMany
from services.ingest.judge import Rules, fault_in, readable_id, refusal_of, rules_at
from services.ingest.quota import Charge, free
from services.kernel.events import OutageEvent, decode_event
from services.kernel.ids import SourceName
from services.kernel.outage import Acceptance
from services.kernel.ports.clock import Clock
from services.kernel.ports.journal import Journal
from services.kit.http import Problem
from services.kit.settings import Settings

Split = Callable[[bytes, int], Batch]
Sifted = tuple[list[OutageEvent], list[Result | None]]
"""The usable events; and for each item in order its rejection, or None for one that is usable."""


_SHAPES = (b"Polygon", b"LineString", b"MultiPoint", b"\\u004", b"\\u005", b"\\u006", b"\\u007")
"""What a body with a shape has in it, or may (an escaped letter from A to z; accents are escaped in many a note): to check and place shapes may take
long, however few bytes they have."""


class Accept:
    """Takes batches of events for the journal."""

    def __init__(self, journal: Journal, clock: Clock, settings: Settings, places: Placing | None = None) -> None:
        self._journal, self._clock, self._settings = journal, clock, settings
        self._places = places or Nowhere()

    async def batch(self, source: SourceName, body: bytes, split: Split, charge: Charge = free) -> Answered:
        """Append the good items of `body`; answer for all, in their order. All are charged for, before any is appended.

        Raises `Problem` where the body as a whole can't be used, and `Unavailable` where nothing was acknowledged.
        """
        await self._places.ready()
        if len(body) > self._settings.ingest_off_loop_bytes or any(word in body for word in _SHAPES):
            events, results = await asyncio.to_thread(self._sifted, body, split)
        else:
            events, results = self._sifted(body, split)
        await charge(len(results))
        answers = await self._journal.append(source, events) if events else []
        if events and source in self._settings.source_stale_after:
            await self._journal.heard(source, self._clock.now())
        taken = zip(events, answers, strict=True)
        return Answered.of([result or Result.of(*next(taken)) for result in results])

    def _sifted(self, body: bytes, split: Split) -> Sifted:
        most = self._settings.ingest_batch_max_events
        try:
            batch = split(body, most)
        except TooMany as error:
            raise too_many(f"more than {most}", most) from error
        check_size(len(batch.items), most)
        events, results = sift(batch, rules_at(self._clock.now(), self._settings))
        return list(self._places.placed(events)), results


def check_size(items: int, items_max: int) -> None:
    """Raises `Problem` 422 for no items and 413 for more than one request may have."""
    if not items:
        raise Problem(422, "empty-batch", "No events", "events: the batch is empty. Send at least one event.")
    if items > items_max:
        raise too_many(items, items_max)


def too_many(items: int | str, items_max: int) -> Problem:
    """413, with the limit that was passed."""
    detail = f"events: {items} in one request; at most {items_max} are taken. Nothing was taken; send smaller batches."
    return Problem(413, "too-many-events", "Too many events", detail, limit_events=items_max)


def sift(batch: Batch, rules: Rules) -> Sifted:
    """Tell the usable items of `batch` from the others."""
    events: list[OutageEvent] = []
    results: list[Result | None] = []
    for index, item in enumerate(batch.items):
        judged = judge(item, rules)
        if isinstance(judged, OutageEvent):
            events.append(judged)
            results.append(None)
        else:
            where = f"line {batch.lines[index]}: " if batch.lines else ""
            results.append(Result(readable_id(item), Acceptance.REJECTED, index=index, error=where + judged))
    return events, results


def judge(item: Item, rules: Rules) -> OutageEvent | str:
    """The event that `item` is, or `field: why not`."""
    if isinstance(item, Fault):
        return str(item)
    if len(item) > rules.bytes_max:
        return f"event: {len(item)} bytes; at most {rules.bytes_max} are taken: simplify its geometry"
    try:
        event = decode_event(item)
    except (ValueError, RecursionError) as error:
        return refusal_of(item, error)
    return fault_in(event, rules) or event
