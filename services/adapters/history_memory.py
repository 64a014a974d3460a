"""The history in memory, and its mark in the journal in memory: twins of history_sql and history_mark_redis. Forgets all at the end of the process."""

from collections.abc import Sequence
from datetime import datetime

from services.adapters.fold_memory import MemoryGroup
from services.kernel.history import OutageRecord, Recorded, joined, position_at, records
from services.kernel.ids import OutageKey
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.history import Cursor
from services.kernel.views import ORIGIN, Position, position_order


class MemoryArchive:
    """Meets `kernel.ports.history.Archive`. While `down` is true every call raises `Unavailable`."""

    def __init__(self) -> None:
        self.down = False
        self._cursor = Cursor()
        self._events: dict[Position, Recorded] = {}
        self._outages: dict[OutageKey, OutageRecord] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The history in memory is set down.")

    def cursor(self) -> Cursor:
        """Meets `Archive.cursor`."""
        self._up()
        return self._cursor

    def write(self, events: Sequence[Recorded], after: Cursor, now: datetime) -> bool:
        """Meets `Archive.write`."""
        self._up()
        if not events:
            return True
        if after.position != self._cursor.position:
            return False
        for one in events:
            self._events.setdefault(one.position, one)
        for key, made in records(events).items():
            self._outages[key] = joined(self._outages[key], made) if key in self._outages else made
        self._cursor = Cursor(events[-1].position, events[-1].number)
        return True

    def events(self, after: Position, before: Position | None, count: int) -> list[Recorded]:
        """Meets `Archive.events`."""
        self._up()
        wanted = [one for one in self._events.values() if _between(one.position, after, before)]
        return sorted(wanted, key=lambda one: position_order(one.position))[:count]

    def outages(self, after: Position, since: Position, before: Position | None, count: int) -> list[OutageRecord]:
        """Meets `Archive.outages`."""
        self._up()
        wanted = [one for one in self._outages.values() if _between(one.first_position, after, before) and not _is_before(one.last_position, since)]
        return sorted(wanted, key=lambda one: position_order(one.first_position))[:count]

    def purge(self, accepted_before: datetime, most: int) -> int:
        """Meets `Archive.purge`."""
        before = position_at(accepted_before)
        gone = self.events(ORIGIN, before, most)
        for one in gone:
            del self._events[one.position]
        ended = [key for key, record in self._outages.items() if record.status.is_over and _is_before(record.last_position, before)]
        for key in ended[:most]:
            del self._outages[key]
        return len(gone)


class MemoryHistoryMark:
    """Meets `kernel.ports.history.HistoryMark`. Down when the journal is."""

    def __init__(self, group: MemoryGroup) -> None:
        self._group = group

    def hold(self) -> None:
        """Meets `HistoryMark.hold`."""
        self._group.journal.up()
        self._group.archived = self._group.archived or ORIGIN

    def move(self, position: Position) -> None:
        """Meets `HistoryMark.move`."""
        self._group.journal.up()
        self._group.archived = position

    def drop(self) -> None:
        """Meets `HistoryMark.drop`."""
        self._group.journal.up()
        self._group.archived = None


def _is_before(position: Position, other: Position) -> bool:
    return position_order(position) < position_order(other)


def _between(position: Position, after: Position, before: Position | None) -> bool:
    return _is_before(after, position) and (before is None or _is_before(position, before))
