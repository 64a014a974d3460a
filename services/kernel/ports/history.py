"""The history: every accepted event, for good. Written by the archiver, read by exports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.history import OutageRecord, Recorded
from services.kernel.ports.journal import Entry
from services.kernel.views import ORIGIN, Position


class Cursor(Struct, frozen=True):
    """Up to where the history has the journal."""

    position: Position = ORIGIN
    number: int = 0
    """Of the entry at `position`: the next one's is one more, unless entries are missing in between."""


def recorded(entry: Entry) -> Recorded:
    """What the history keeps of an entry of the journal."""
    return Recorded(entry.position, entry.number, entry.key, entry.areas_after, entry.event)


class Archive(Protocol):
    """Where events stay after they have left the journal. Down: each call raises `Unavailable`; nothing is half written."""

    def cursor(self) -> Cursor:
        """Up to where it was written."""
        ...

    def write(self, events: Sequence[Recorded], after: Cursor, now: datetime) -> bool:
        """Keep `events` (oldest first) with their outages' records, and move the cursor on to the last of them: all or nothing.

        False, and nothing is written, where the cursor is no longer at `after`: another archiver was faster. An event that is there already stays once.
        """
        ...

    def events(self, after: Position, before: Position | None, count: int) -> list[Recorded]:
        """Up to `count` events after one position and before another, oldest first."""
        ...

    def outages(self, after: Position, since: Position, before: Position | None, count: int) -> list[OutageRecord]:
        """Up to `count` outages whose first event comes after `after`, in that order, of those with an event at or after `since` and one before `before`."""
        ...

    def purge(self, accepted_before: datetime, most: int) -> int:
        """Delete the oldest events accepted before then, and the records of outages over before then, up to `most` of each; gives how many events went."""
        ...


class HistoryMark(Protocol):
    """The archiver's mark in the journal, for the janitor: what comes after it stays there. Down: raises `Unavailable`."""

    def hold(self) -> None:
        """Make the mark where there is none, before the first entry: from now on nothing leaves the journal that isn't archived."""
        ...

    def move(self, position: Position) -> None:
        """Everything up to `position` is archived, durably."""
        ...

    def drop(self) -> None:
        """Take the mark away: no history is kept any more."""
        ...
