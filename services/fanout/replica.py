"""The journal, folded into this process's memory: what renders read. Catching up costs what changed, never what is open."""

from collections import deque

from msgspec import Struct, field

from services.kernel.areas import AreaName
from services.kernel.board import Board
from services.kernel.events import Status
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.journal import Entry, JournalTail
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
    """All open outages at `position`, their areas' names, and the newest entries. One a channel: channels run beside each other, in threads."""

    def __init__(self, tail: JournalTail, privacy_threshold: int, recent_max: int) -> None:
        self._tail, self._threshold = tail, privacy_threshold
        self.board = Board(privacy_threshold)
        self.names: dict[AreaId, AreaName] = {}
        self.position: Position = ORIGIN
        self.number = -1
        self.recent: deque[Entry] = deque(maxlen=recent_max)
        """The newest entries of the journal, newest first."""
        self._pending: dict[Channel, Changed] = {}
        self._unnamed: set[AreaId] = set()
        """Areas seen whose names may be new: kept until the names were read, whatever fails in between."""
        self._nameless: set[AreaId] = set()
        """Areas known to have no name: not asked for again."""

    def pending(self, channel: Channel) -> Changed:
        """What changed for `channel`; kept until `settled`, so that work that failed is found again."""
        return self._pending.setdefault(channel, Changed())

    def settled(self, channel: Channel) -> None:
        """`channel` has done all that was pending."""
        self._pending[channel] = Changed(cold=False)

    def catch_up(self) -> None:
        """Read the journal to its end. Raises `Unavailable`, with the replica whole as it was or further on."""
        fresh = self.number < 0
        if fresh:
            self._start_cold()
        while True:
            entries = self._tail.since(self.position, READ_MAX)
            follows = entries[0].number == self.number + 1 if entries else self._is_newest()
            if not follows and not fresh:
                self._start_cold()  # trimmed past us, or the journal is another one
                fresh = True
                continue
            for entry in entries:
                self._take(entry)
            fresh = False
            if len(entries) < READ_MAX:
                break
        self._name_the_new()

    def _is_newest(self) -> bool:
        """Whether the entry that we are at is the journal's newest, after nothing was found beyond it.

        A journal that was lost and begun anew, or restored from before our position, has no entries after it for a long time.
        An entry that arrived this very moment is the next, and is read in the next round.
        """
        newest = self._tail.recent(1)
        if not newest:
            return self.number == 0
        return newest[0].position == self.position or newest[0].number == self.number + 1

    def _take(self, entry: Entry) -> None:
        areas = self.board.apply(entry.key, entry.event) | set(entry.areas_before)
        self.position, self.number = entry.position, entry.number
        self.recent.appendleft(entry)
        self._unnamed |= areas
        for changed in self._pending.values():
            changed.areas |= areas
            changed.keys.add(entry.key)

    def learn_names(self) -> None:
        """Read the areas' names again: an area that has a new one counts as changed. Raises `Unavailable`.

        Where an area has lost its name (another catalogue was loaded), channels start cold: nothing may go on telling of a place that is no more.
        """
        names = self._tail.area_names()
        renamed = {area for area, name in names.items() if self.names.get(area) != name}
        lost = bool(self.names.keys() - names.keys())
        self.names = names
        self._nameless -= names.keys()
        for changed in self._pending.values():
            changed.areas |= renamed
            changed.cold |= lost

    def standing(self, area: AreaId) -> Status | None:
        """How the newest outage of `area` stands; for what ended before this process began, the newest entries are asked."""
        known = self.board.standing(area)
        if known is not None:
            return known
        newest = next((entry for entry in self.recent if area in entry.areas_after or area in entry.areas_before), None)
        return newest.event.status if newest is not None and newest.event.status.is_over else None

    def newest(self, key: OutageKey) -> Entry | None:
        """What was last heard of an outage, where that is one of the newest entries."""
        return next((entry for entry in self.recent if entry.key == key), None)

    def mentioned(self) -> set[AreaId]:
        """The areas in the newest entries."""
        return {area for entry in self.recent for area in (*entry.areas_before, *entry.areas_after)}

    def known_areas(self) -> set[AreaId]:
        """Every area with an outage, a name or a mention: all that a channel which starts cold may take."""
        return {*self.board.areas(), *self.names} | self.mentioned()

    def _name_the_new(self) -> None:
        self._unnamed -= self.names.keys() | self._nameless
        if self._unnamed:
            self.learn_names()
            self._nameless |= self._unnamed - self.names.keys()
            self._unnamed.clear()

    def _start_cold(self) -> None:
        start = self._tail.cold()
        board = Board(self._threshold)
        for key, event in start.open:
            board.apply(key, event)
        names = self._tail.area_names()
        recent = self._tail.recent(self.recent.maxlen or 0)  # after `cold`: what came since is read again in its turn
        self.board, self.names = board, names
        self.position, self.number = start.position, start.number
        self.recent.clear()
        self.recent.extend(entry for entry in recent if entry.number <= start.number)
        for entry in self.recent:
            for area in (*entry.areas_before, *entry.areas_after):
                board.note_change(area, entry.event.occurred_at)
        self._unnamed.clear()
        self._nameless = set(board.areas()) - names.keys()
        for channel in self._pending:
            self._pending[channel] = Changed()
