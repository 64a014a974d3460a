"""The journal in plain dicts: the twin of journal_redis and tail_redis, for tests and for trying things out. Not durable."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from services.kernel.areas import AreaName
from services.kernel.board import placed
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName, outage_key
from services.kernel.order import event_digest, microseconds
from services.kernel.outage import Acceptance, apply
from services.kernel.picture import Change, Picture, amended
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import PictureConflict, Unavailable
from services.kernel.ports.journal import Answer, ColdStart, Entry
from services.kernel.views import ORIGIN, Position, position_order
from services.kit.clock import SystemClock


class Latest(msgspec.Struct, frozen=True):
    """The newest event of one outage, and where it stands."""

    event: OutageEvent
    position: Position


class MemoryJournal:
    """Meets `kernel.ports.Journal` and `kernel.ports.JournalTail`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, clock: Clock | None = None, heard_events_max: int = 200_000, area_names_max: int = 50_000) -> None:
        """Positions take their milliseconds from `clock`."""
        self.down = False
        self.clock = clock or SystemClock()
        self.entries: list[Entry] = []
        self.latest: dict[OutageKey, Latest] = {}
        """Of every outage ever heard of (until the janitor), over ones too."""
        self.closed: dict[OutageKey, int] = {}
        """When the journal heard that an outage was over (ms since 1970)."""
        self.heard_from: dict[SourceName, datetime] = {}
        self.number = 0
        self._newest: Position = ORIGIN
        self._heard_max = heard_events_max
        self._area_names_max = area_names_max
        self._heard: dict[SourceName, tuple[dict[str, Position], dict[str, Position]]] = {}
        self._pictures: dict[tuple[SourceName, str], Picture] = {}
        self._names: dict[AreaId, str] = {}
        self.catalogue_names: dict[AreaId, AreaName] = {}
        """Set by the area catalogue's twin."""

    def up(self) -> None:
        """Raise `Unavailable` while the journal is down."""
        if self.down:
            raise Unavailable("The journal in memory is set down.")

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        """Meets `Journal.append`."""
        self.up()
        new, old = self._heard.setdefault(source, ({}, {}))
        answers = []
        for event in events:
            digest = event_digest(event.event_id)
            repeated = new.get(digest) or old.get(digest)
            answer = Answer(Acceptance.DUPLICATE, repeated) if repeated else self._apply(source, event)
            if answer.outcome is Acceptance.ACCEPTED and answer.position:
                new[digest] = answer.position
            answers.append(answer)
        if len(new) > self._heard_max:
            self._heard[source] = ({}, new)
        return answers

    async def append_picture(self, source: SourceName, format_name: str, change: Change) -> list[Answer]:
        """Meets `Journal.append_picture`."""
        before = await self.picture(source, format_name)
        if before.revision != change.picture.revision - 1:
            raise PictureConflict(f"Another picture of {source} was committed first.")
        answers = [self._apply(source, event) for event in change.events]
        self._pictures[source, format_name] = amended(before, change)
        return answers

    def _apply(self, source: SourceName, event: OutageEvent) -> Answer:
        key = outage_key(source, event.outage_id)
        before = self.latest.get(key)
        _, outcome = apply(before.event if before else None, event)
        if outcome is Acceptance.STALE:
            return Answer(outcome)
        if outcome is Acceptance.DUPLICATE:
            return Answer(outcome, before.position if before else None)
        self.number += 1
        self._newest = position = self._next_position()
        self.entries.append(Entry(position, self.number, key, placed(before.event.areas) if before else (), placed(event.areas), event))
        self.latest[key] = Latest(event, position)
        if event.status.is_over:
            self.closed[key] = position_order(position)[0]
        else:
            self.closed.pop(key, None)
        return Answer(outcome, position)

    def _next_position(self) -> Position:
        """As Redis makes them: the clock's time, but never before the newest."""
        milliseconds, number = position_order(self._newest)
        now = microseconds(self.clock.now()) // 1000
        return Position(f"{now}-0" if now > milliseconds else f"{milliseconds}-{number + 1}")

    async def picture(self, source: SourceName, format_name: str) -> Picture:
        """Meets `Journal.picture`."""
        self.up()
        return self._pictures.get((source, format_name), Picture())

    async def revision(self, source: SourceName, format_name: str) -> int:
        """Meets `Journal.revision`."""
        return (await self.picture(source, format_name)).revision

    async def current(self, source: SourceName, outage_ids: Iterable[OutageId]) -> dict[OutageId, OutageEvent]:
        """Meets `Journal.current`."""
        self.up()
        found = ((outage_id, self.latest.get(outage_key(source, outage_id))) for outage_id in outage_ids)
        return {outage_id: known.event for outage_id, known in found if known and not known.event.status.is_over}

    async def name_areas(self, names: Mapping[AreaId, str], *, anew: bool = True) -> None:
        """Meets `Journal.name_areas`."""
        self.up()
        for area, name in names.items():
            if (anew or area not in self._names) and (area in self._names or len(self._names) < self._area_names_max):
                self._names[area] = name

    async def heard(self, source: SourceName, at: datetime) -> None:
        """Meets `Journal.heard`."""
        self.up()
        self.heard_from[source] = max(at, self.heard_from.get(source, at))

    async def tip(self) -> Position:
        """Meets `Journal.tip`."""
        self.up()
        return self._newest

    def cold(self) -> ColdStart:
        """Meets `JournalTail.cold`."""
        self.up()
        still_open = [(key, known.event) for key, known in self.latest.items() if not known.event.status.is_over]
        return ColdStart(self._newest, self.number, still_open)

    def since(self, position: Position, count: int) -> list[Entry]:
        """Meets `JournalTail.since`."""
        self.up()
        start = bisect_right(self.entries, position_order(position), key=lambda entry: position_order(entry.position))
        return self.entries[start : start + count]

    def recent(self, count: int) -> list[Entry]:
        """Meets `JournalTail.recent`."""
        self.up()
        return self.entries[-1 : -count - 1 : -1] if count > 0 else []

    def area_names(self) -> dict[AreaId, AreaName]:
        """Meets `JournalTail.area_names`."""
        self.up()
        return {area: AreaName(name) for area, name in self._names.items()} | self.catalogue_names
