"""The journal, folded into this process's memory: what renders read. Catching up costs what changed, never what is open."""

from collections import deque

from msgspec import Struct, field

from services.kernel.board import Board
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports import Entry, JournalTail
from services.kernel.views import ORIGIN, Position
from services.wire import Channel

READ_MAX = 1_000
"""Entries read from the journal in one round trip."""


class Changed(Struct):
    """What changed since one channel last finished in this process."""

    areas: set[AreaId] = field(default_factory=set)
    keys: set[OutageKey] = field(default_factory=set)
    cold: bool = True


class Replica:
    """All open outages at `position`, their areas' names, and the newest entries. One a process; the channels in it share it."""

    def __init__(self, tail: JournalTail, privacy_threshold: int, recent_max: int) -> None:
        self._tail, self._threshold = tail, privacy_threshold
        self.board = Board(privacy_threshold)
        self.names: dict[AreaId, str] = {}
        self.position: Position = ORIGIN
        self.number = -1
        self.recent: deque[Entry] = deque(maxlen=recent_max)
        """The newest entries of the journal, newest first."""
        self._pending: dict[Channel, Changed] = {}

    def pending(self, channel: Channel) -> Changed:
        """What changed for `channel`; kept until `settled`, so that work that failed is found again."""
        return self._pending.setdefault(channel, Changed())

    def settled(self, channel: Channel) -> None:
        """`channel` has done all that was pending."""
        self._pending[channel] = Changed(cold=False)

    def catch_up(self) -> None:
        """Read the journal to its end. Raises `Unavailable`, with the replica whole as it was or further on."""
        if self.number < 0:
            self._start_cold()
        while entries := self._tail.since(self.position, READ_MAX):
            if entries[0].number != self.number + 1:
                self._start_cold()  # trimmed past us, or the journal is another one
                continue
            for entry in entries:
                self._take(entry)
            if any(area not in self.names for entry in entries for area in entry.areas_after):
                self.names = self._tail.area_names()
            if len(entries) < READ_MAX:
                break

    def _take(self, entry: Entry) -> None:
        areas = self.board.apply(entry.key, entry.event) | set(entry.areas_before)
        self.position, self.number = entry.position, entry.number
        self.recent.appendleft(entry)
        for changed in self._pending.values():
            changed.areas |= areas
            changed.keys.add(entry.key)

    def _start_cold(self) -> None:
        recent = self._tail.recent(self.recent.maxlen or 0)
        start = self._tail.cold()
        board = Board(self._threshold)
        for key, event in start.open:
            board.apply(key, event)
        self.board, self.names = board, self._tail.area_names()
        self.position, self.number = start.position, start.number
        self.recent.clear()
        self.recent.extend(entry for entry in recent if entry.number <= start.number)
        for channel in self._pending:
            self._pending[channel] = Changed()
