"""The journal: written by ingest, read by workers, trimmed by the janitor."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.areas import AreaName
from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName
from services.kernel.outage import Acceptance
from services.kernel.picture import Change, Picture
from services.kernel.views import Position


class Answer(Struct, frozen=True):
    """What the journal did with one event, and where it (or the one it repeats) stands."""

    outcome: Acceptance
    position: Position | None = None


class Touched(Struct, frozen=True):
    """What an entry of the journal touches: all that the relay needs of it."""

    position: Position
    number: int
    """Contiguous: a reader that finds a gap has been trimmed past, and starts again from `cold`."""
    key: OutageKey
    areas_before: tuple[AreaId, ...]
    areas_after: tuple[AreaId, ...]


class Entry(Touched, frozen=True):
    """One accepted event in the journal."""

    event: OutageEvent


class ColdStart(Struct, frozen=True):
    """Every open outage at one position."""

    position: Position
    number: int
    open: Iterable[tuple[OutageKey, OutageEvent]]
    """May be taken once only: all outages need not be in memory twice."""


class Trimmed(Struct, frozen=True):
    """What the janitor took away."""

    entries: int
    outages: int
    """Outages long over whose versions are forgotten."""


class Journal(Protocol):
    """Where accepted events go. Written by ingest, in its event loop.

    Down: each call raises `Unavailable` within the time-out; nothing is half appended.
    """

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        """Append each event that is new, in one atomic step that is durable when this returns; answers are in the events' order.

        Repeating the call is safe: an event already there answers `duplicate` with its position.
        """
        ...

    async def append_picture(self, source: SourceName, format_name: str, change: Change) -> list[Answer]:
        """Append the events of `change` and move the source's picture on, all or nothing.

        Raises `PictureConflict` where the stored picture's revision isn't the one before `change.picture`.
        """
        ...

    async def picture(self, source: SourceName, format_name: str) -> Picture:
        """The source's last picture in this format; an empty one of revision 0 where there is none."""
        ...

    async def revision(self, source: SourceName, format_name: str) -> int:
        """The revision of that picture alone: cheap, so that a copy in memory can be checked."""
        ...

    async def current(self, source: SourceName, outage_ids: Iterable[OutageId]) -> dict[OutageId, OutageEvent]:
        """The newest event of each of these outages that is active or clearing."""
        ...

    async def name_areas(self, names: Mapping[AreaId, str], *, anew: bool = True) -> None:
        """Remember what a feed calls areas; unless `anew`, one that has a name keeps it. The catalogue's names, where it has any, come before these.

        Only so many areas have a name: beyond that, further ones are called by their ids.
        """
        ...

    async def heard(self, source: SourceName, at: datetime) -> None:
        """Remember that `source` was heard from at `at`, whatever it had to say: one silent for too long is stale. Never goes back."""
        ...

    async def tip(self) -> Position:
        """The position of the newest entry."""
        ...


class JournalTail(Protocol):
    """The journal as workers read it. Down: raises `Unavailable`; the reader keeps what it has, and its age tells."""

    def cold(self) -> ColdStart:
        """All open outages, and the position they reflect, read in one atomic step."""
        ...

    def since(self, position: Position, count: int) -> list[Entry]:
        """Up to `count` entries after `position`, oldest first."""
        ...

    def recent(self, count: int) -> list[Entry]:
        """The newest `count` entries, newest first."""
        ...

    def area_names(self) -> dict[AreaId, AreaName]:
        """What areas are called: by the catalogue, else by a feed."""
        ...


class Trimming(Protocol):
    """The janitor's side of the journal. Down: raises `Unavailable`; what is left is trimmed the next time."""

    def trim(self, keep: int, now: datetime) -> Trimmed:
        """Drop the oldest entries, but none of the newest `keep` and none that is not committed; and what is remembered of outages long over."""
        ...
