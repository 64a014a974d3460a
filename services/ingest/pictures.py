"""Pictures in: all that a source shows at one moment, compared with the picture before, and only what changed appended."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from services.ingest.answers import Answered, Result
from services.ingest.areas.places import Nowhere, Placing
from services.ingest.formats.format import BodyError, Format, Limits, Sightings
from services.ingest.formats.recent import Recent
from services.ingest.items import TooMany
from services.ingest.judge import moment_fault, rules_at
from services.ingest.quota import Charge, free
from services.kernel.events import Status
from services.kernel.ids import SourceName
from services.kernel.outage import Acceptance
from services.kernel.picture import Change, Grace, Picture, Reading, amended, compare, needed
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import PictureConflict
from services.kernel.ports.journal import Journal
from services.kit.http import Problem
from services.kit.metrics import INGEST_PICTURES
from services.kit.settings import Settings

HELD = "held"
"""What became of a picture that was neither applied nor refused for good: it needs a person's word."""

T = TypeVar("T")


class Asked(Struct, frozen=True):
    """What a request says about its picture, besides the picture."""

    format_name: str
    observed_at: datetime | None = None
    confirm_empty: bool = False


class _Held(Struct):
    """What is kept in memory of one source's pictures in one format: all of it can be had again from the journal."""

    lock: asyncio.Lock
    recent: "Recent[Any]"
    picture: Picture | None = None


class Pictures:
    """Takes pictures for the journal, of one source and format one at a time."""

    def __init__(self, journal: Journal, clock: Clock, settings: Settings, formats: Mapping[str, Format], places: Placing | None = None) -> None:
        self._journal, self._clock, self._settings, self._formats = journal, clock, settings, formats
        self._places = places or Nowhere()
        self._limits = limits(settings)
        self._grace = grace(settings)
        self._held: dict[tuple[SourceName, str], _Held] = {}

    async def take(self, source: SourceName, asked: Asked, body: bytes, charge: Charge = free) -> Answered:
        """Apply the picture `body` if it is newer than the source's last one. The events that it yields are charged for before they are appended.

        Raises `Problem` where it can't be used or must be confirmed (then nothing of it was applied), and `Unavailable`.
        """
        held = self._held.setdefault((source, asked.format_name), _Held(asyncio.Lock(), Recent()))
        try:
            async with held.lock:
                answered = await self._taken(source, asked, body, held, charge)
        except Problem as problem:
            self._count(asked, HELD if problem.body["type"].endswith("empty-picture") else Acceptance.REJECTED)
            raise
        return answered

    async def _taken(self, source: SourceName, asked: Asked, body: bytes, held: _Held, charge: Charge) -> Answered:
        await self._places.ready()
        aside = len(body) > self._settings.ingest_off_loop_bytes
        sightings = await asyncio.to_thread(self._read, asked.format_name, body, held.recent)  # however small: its shapes may take long
        flaws = [Result(None, Acceptance.REJECTED, index=flaw.index, error=str(flaw)) for flaw in sightings.flaws]
        if flaws and not (sightings.conditions or sightings.unnamed or sightings.unlisted):
            raise _all_rejected(Answered.of(flaws))
        at = self._moment(asked, sightings)
        for _ in range(self._settings.ingest_picture_tries):
            before = held.picture = await self._before(source, asked.format_name, held)
            if before.observed_at is not None and at <= before.observed_at:
                if at == before.observed_at:  # the same again: the source still says so
                    await self._journal.heard(source, self._clock.now())
                return self._not_newer(asked, at, before.observed_at, sightings.records)
            reading = await _done(aside, self._reading, sightings, before)
            if not (reading.conditions or reading.kept or reading.cut_short or asked.confirm_empty) and before.shown:
                raise _empty(before.shown)
            wanted = await _done(aside, needed, before, reading)
            last = await self._journal.current(source, wanted) if wanted else {}
            change = await _done(aside, compare, before, reading, at, last, self._grace, asked.format_name)
            await charge(len(change.events))
            charge = free  # another try is the same picture
            await self._journal.name_areas(sightings.area_names)
            try:
                answers = await self._journal.append_picture(source, asked.format_name, change)
            except PictureConflict:
                continue
            held.picture = amended(before, change)
            await self._journal.heard(source, self._clock.now())
            self._count(asked, Acceptance.ACCEPTED)
            return Answered.of([*map(Result.of, change.events, answers), *flaws], unchanged=_unchanged(reading, change))
        raise Problem(503, "contended", "Too many writers", "Other senders keep committing pictures of this source. Send it again.", {"Retry-After": "1"})

    def _read(self, format_name: str, body: bytes, recent: "Recent[Any]") -> Sightings:
        try:
            sightings = self._formats[format_name].read(body, self._limits, recent)
        except BodyError as error:
            title, detail = f"Not a {format_name} picture", f"{error} Nothing was taken."
            if error.offset is None:
                raise Problem(422, "picture", title, detail) from error
            raise Problem(400, "json", title, detail, offset=error.offset) from error
        except TooMany as error:
            raise _too_many(f"more than {self._limits.records_max}", self._limits.records_max) from error
        except RecursionError as error:
            raise Problem(400, "json", "JSON nested too deeply", "The body nests arrays or objects too deeply to be read.") from error
        if sightings.records > self._limits.records_max:
            raise _too_many(sightings.records, self._limits.records_max)
        placed = dict(zip(sightings.conditions, self._places.placed(tuple(sightings.conditions.values())), strict=True))
        return msgspec.structs.replace(sightings, conditions=placed, unnamed=tuple(self._places.placed(sightings.unnamed)))

    def _reading(self, sightings: Sightings, before: Picture) -> Reading:
        """The picture with each outage named. What was placed before it was named is known again by what it shows; the rest of a cluster is placed here."""
        reading = sightings.reading(before, self._limits)
        if not sightings.unlisted:
            return reading
        placed = dict(zip(reading.conditions, self._places.placed(tuple(reading.conditions.values())), strict=True))
        return msgspec.structs.replace(reading, conditions=placed)

    def _moment(self, asked: Asked, sightings: Sightings) -> datetime:
        """When the picture was taken: as the request says, else as the picture says, else now. One from the future would make all right ones stale."""
        now = self._clock.now()
        at = asked.observed_at or sightings.observed_at or now
        latest = now + timedelta(seconds=self._settings.ingest_picture_future_skew_s)
        if fault := moment_fault("observed_at", at, rules_at(now, self._settings).earliest, latest):
            raise Problem(422, "observed-at", "Time not believed", f"{fault}. Nothing was taken.")
        return at.astimezone(UTC)

    async def _before(self, source: SourceName, format_name: str, held: _Held) -> Picture:
        """The picture to compare with: the one in memory, if nobody has committed another since."""
        if held.picture is not None and held.picture.revision == await self._journal.revision(source, format_name):
            return held.picture
        return await self._journal.picture(source, format_name)

    def _not_newer(self, asked: Asked, at: datetime, last: datetime, records: int) -> Answered:
        """The answer to a picture out of order, or sent twice: nothing is applied, as states only move forward."""
        outcome = Acceptance.DUPLICATE if at == last else Acceptance.STALE
        words = "was taken before" if at == last else f"is older than the last picture taken, of {last.isoformat()}"
        self._count(asked, outcome)
        result = Result(None, outcome, error=f"observed_at: {at.isoformat()} {words}; nothing was applied")
        return Answered.of([result], unchanged=0, **{outcome.value: max(records - 1, 0)})

    def _count(self, asked: Asked, outcome: str) -> None:
        INGEST_PICTURES.labels(asked.format_name, str(outcome)).inc()


def limits(settings: Settings) -> Limits:
    """What a format may take."""
    return Limits(
        settings.arcgis_page_limit,
        settings.kubra_same_place_km,
        settings.kubra_cluster_reach_km,
        settings.ingest_shape_positions_max,
        settings.ingest_mend_near_max,
        settings.ingest_picture_mend_near_max,
        settings.ingest_picture_max_records,
        settings.ingest_csv_columns_max,
    )


def grace(settings: Settings) -> Grace:
    """How long an outage must be gone."""
    return Grace(settings.grace_pictures, timedelta(seconds=settings.grace_source_time_s))


async def _done(aside: bool, work: Callable[..., T], *arguments: Any) -> T:
    """What `work` returns; in a thread if `aside`, so that the event loop goes on answering."""
    return await asyncio.to_thread(work, *arguments) if aside else work(*arguments)


def _unchanged(reading: Reading, change: Change) -> int:
    return len(reading.conditions) - sum(event.status is Status.ACTIVE for event in change.events)


def _all_rejected(answered: Answered) -> Problem:
    detail = f"Not one record of the picture can be used; nothing was applied. The first: {answered.results[0].error}"
    return Problem(422, "all-rejected", "Nothing usable", detail, **answered.members())


def _empty(shown: int) -> Problem:
    detail = f"The picture has no records, but {shown} outages are open. A broken source, or all restored? If all are: send it again with confirm_empty=true."
    return Problem(422, "empty-picture", "Empty picture held", f"{detail} Nothing was applied.", open=shown)


def _too_many(records: int | str, most: int) -> Problem:
    detail = f"records: {records} in one picture; at most {most} are taken (SURGECAST_INGEST_PICTURE_MAX_RECORDS). Nothing was taken."
    return Problem(413, "too-many-records", "Too many records", detail, limit_records=most)
