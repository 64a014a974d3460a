"""What the services need of the outside. Each port has a real adapter and an in-memory twin; one contract test runs on both.

Every docstring says what happens when the backing is down: that is part of the promise.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName
from services.kernel.outage import Acceptance
from services.kernel.picture import Change, Picture
from services.kernel.views import AreaBrief, Position, Stamp


class Unavailable(Exception):
    """The backing can't be reached, or refuses to write: nothing was done, and trying again later is safe."""


class PictureConflict(Exception):
    """Another writer committed a picture of this source first: read the picture again and compare anew."""


class Answer(Struct, frozen=True):
    """What the journal did with one event, and where it (or the one it repeats) stands."""

    outcome: Acceptance
    position: Position | None = None


class Entry(Struct, frozen=True):
    """One accepted event in the journal."""

    position: Position
    number: int
    """Contiguous: a reader that finds a gap has been trimmed past, and starts again from `cold`."""
    key: OutageKey
    areas_before: tuple[AreaId, ...]
    areas_after: tuple[AreaId, ...]
    event: OutageEvent


class ColdStart(Struct, frozen=True):
    """Every open outage at one position."""

    position: Position
    number: int
    open: Iterable[tuple[OutageKey, OutageEvent]]


class Clock(Protocol):
    """The time, given so that nothing pure asks for it."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


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

    async def name_areas(self, names: Mapping[AreaId, str]) -> None:
        """Remember what areas are called."""
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

    def area_names(self) -> dict[AreaId, str]:
        """What areas are called."""
        ...


class DueWork(Protocol):
    """What a channel has still to do, durable until it says that it is done. Down: raises `Unavailable`.

    Work is named by area: however many events touched it, an area is due once (conflation).
    """

    def take(self, now: datetime, limit: int) -> dict[AreaId, datetime]:
        """Up to `limit` areas due at `now`, oldest first, with the times they were due. They stay due until `done`."""
        ...

    def done(self, taken: Mapping[AreaId, datetime]) -> None:
        """Strike off what was taken, except what fell due again since."""
        ...

    def plan(self, at: Mapping[AreaId, datetime]) -> None:
        """Make these areas due at these times, where they are not due sooner."""
        ...


class ViewStore(Protocol):
    """The area briefs with their answers in words, for the mirrors. Down: raises `Unavailable`; mirrors go on with what they hold."""

    def publish(self, views: Iterable[tuple[AreaBrief, Mapping[str, Mapping[str, str]]]], overall: Mapping[str, Mapping[str, str]], stamp: Stamp) -> None:
        """Store each brief with its answers (`{lang: {answer name: text}}`), the overall answers, and what they reflect.

        Never puts an older stamp over a newer one.
        """
        ...


class SiteStore(Protocol):
    """The rendered public side. Down (disk full, read-only): raises `Unavailable`; what was published stays as it was."""

    def write(self, path: str, body: bytes) -> None:
        """Put a complete file in place of the one at `path`, in one atomic step."""
        ...

    def remove(self, path: str) -> None:
        """Take the file at `path` away; one that isn't there is no error."""
        ...

    def publish(self, stamp: Stamp) -> None:
        """Say that every file now reflects `stamp`: last, when all are in place."""
        ...
