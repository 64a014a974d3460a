"""The relay's side of the journal, the rounds' marks and the janitor, in memory: twins of fold_redis, rounds_redis and janitor_redis."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from services.adapters.due_memory import MemoryDue
from services.adapters.journal_memory import MemoryJournal
from services.kernel.ids import AreaId
from services.kernel.order import microseconds
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.journal import Entry, Touched, Trimmed
from services.kernel.ports.work import Backlog
from services.kernel.views import ORIGIN, Position, Stamp, is_newer, position_order
from services.kit.clock import SystemClock
from services.wire import Channel

MILLISECOND = timedelta(milliseconds=1)


class MemoryGroup:
    """The consumer group that all relays of one journal share: how far it was read, and who holds what since when."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.journal = journal
        self.due = {channel: MemoryDue() for channel in Channel}
        self.bells = MemoryBells(journal.clock)
        self.read_to: Position = ORIGIN
        self.archived: Position | None = None
        """Up to where the history has the entries; None where none is kept."""
        self.held: dict[Position, tuple[str, datetime, Entry]] = {}


class MemoryBells:
    """The doorbells on their way, until answered or timed out."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._until: dict[Channel, datetime] = {}

    def ring(self, channel: str, ttl_ms: int) -> bool:
        """Whether none is on its way; from now on one is."""
        now = self.clock.now()
        if self._until.get(Channel(channel), now) > now:
            return False
        self._until[Channel(channel)] = now + ttl_ms * MILLISECOND
        return True

    def answered(self, channel: str) -> None:
        """Take the bell off."""
        self._until.pop(Channel(channel), None)


class MemoryFold:
    """Meets `kernel.ports.Relaying`. It never waits for new entries. Down when its journal is."""

    def __init__(self, group: MemoryGroup) -> None:
        self._group, self._journal = group, group.journal
        self._held = True

    def read(self, consumer: str, count: int, block_ms: int) -> list[Entry]:
        """Meets `Relaying.read`."""
        self._journal.up()
        if self._held and (own := [entry for name, _, entry in self._group.held.values() if name == consumer]):
            return sorted(own, key=lambda entry: entry.number)[:count]
        self._held = False
        entries = self._journal.since(self._group.read_to, count)
        if entries:
            self._group.read_to = entries[-1].position
        self._hold(consumer, entries)
        return entries

    def _hold(self, consumer: str, entries: Sequence[Entry]) -> None:
        now = self._journal.clock.now()
        self._group.held.update({entry.position: (consumer, now, entry) for entry in entries})

    def claim(self, consumer: str, idle_ms: int, count: int) -> list[Entry]:
        """Meets `Relaying.claim`."""
        self._journal.up()
        idle_since = self._journal.clock.now() - idle_ms * MILLISECOND
        entries = [entry for _, since, entry in self._group.held.values() if since <= idle_since]
        entries = sorted(entries, key=lambda entry: entry.number)[:count]
        self._hold(consumer, entries)
        return entries

    def commit(self, entries: Sequence[Touched], due: Mapping[str, Mapping[AreaId, datetime]]) -> None:
        """Meets `Relaying.commit`."""
        self._journal.up()
        for channel, areas in due.items():
            self._group.due[Channel(channel)].touch(areas)
        for entry in entries:
            self._group.held.pop(entry.position, None)

    def backlog(self, now: datetime) -> Backlog:
        """Meets `Relaying.backlog`."""
        self._journal.up()
        unread = self._journal.since(self._group.read_to, len(self._journal.entries))
        unarchived = [] if self._group.archived is None else self._journal.since(self._group.archived, len(self._journal.entries))
        waiting = [position_order(position)[0] for position in (*self._group.held, *(entry.position for entry in unread))]
        return Backlog(
            entries=len(self._journal.entries),
            lag=len(waiting),
            oldest_age_s=max(0.0, microseconds(now) / 1e6 - min(waiting) / 1e3) if waiting else 0.0,
            due={channel.value: _due_now(due, now) for channel, due in self._group.due.items()},
            unarchived=len(unarchived),
            unarchived_age_s=max(0.0, microseconds(now) / 1e6 - position_order(unarchived[0].position)[0] / 1e3) if unarchived else 0.0,
        )

    def leave(self, consumer: str) -> bool:
        """Meets `Relaying.leave`."""
        self._journal.up()
        return all(name != consumer for name, _, _ in self._group.held.values())

    def ring(self, channel: str, ttl_ms: int) -> bool:
        """Meets `Relaying.ring`."""
        self._journal.up()
        return self._group.bells.ring(channel, ttl_ms)


def _due_now(due: MemoryDue, now: datetime) -> tuple[int, float]:
    times = [moment for moment in due.at.values() if moment <= now]
    return len(times), (now - min(times)).total_seconds() if times else 0.0


class MemoryRounds:
    """Meets `kernel.ports.Rounds`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, bells: MemoryBells | None = None) -> None:
        self.down = False
        self._bells = bells or MemoryBells()
        self._locks: dict[Channel, tuple[object, datetime]] = {}
        self._published: dict[Channel, Stamp] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The rounds in memory are set down.")

    def answered(self, channel: str) -> None:
        """Meets `Rounds.answered`."""
        self._up()
        self._bells.answered(channel)

    @contextmanager
    def single_flight(self, channel: str, ttl_s: float) -> Iterator[bool]:
        """Meets `Rounds.single_flight`."""
        self._up()
        now, mine = self._bells.clock.now(), object()
        _, until = self._locks.get(Channel(channel), (mine, now))
        ours = until <= now
        if ours:
            self._locks[Channel(channel)] = mine, now + timedelta(seconds=ttl_s)
        try:
            yield ours
        finally:
            if ours and self._locks[Channel(channel)][0] is mine:
                del self._locks[Channel(channel)]

    def published(self, channel: str) -> Stamp | None:
        """Meets `Rounds.published`."""
        self._up()
        return self._published.get(Channel(channel))

    def set_published(self, channel: str, stamp: Stamp) -> None:
        """Meets `Rounds.set_published`."""
        self._up()
        known = self._published.get(Channel(channel))
        if known is None or is_newer(stamp, known):
            self._published[Channel(channel)] = stamp


class MemoryJanitor:
    """Meets `kernel.ports.Trimming`."""

    def __init__(self, group: MemoryGroup, closed_retention_s: int, closed_max: int, *, history: bool = False) -> None:
        self._group, self._journal, self._history = group, group.journal, history
        self._retention_ms, self._closed_max = closed_retention_s * 1000, closed_max

    def trim(self, keep: int, now: datetime) -> Trimmed:
        """Meets `Trimming.trim`."""
        self._journal.up()
        return Trimmed(self._drop_entries(max(keep, 1)), self._forget_closed(microseconds(now) // 1000 - self._retention_ms))

    def _drop_entries(self, keep: int) -> int:
        entries, group = self._journal.entries, self._group
        unread = self._journal.since(group.read_to, 1)
        waiting = [entry.number for _, _, entry in group.held.values()] + [entry.number for entry in unread]
        if self._history:
            waiting += [entry.number for entry in self._journal.since(group.archived or ORIGIN, 1)]
        if waiting:
            keep = max(keep, self._journal.number - min(waiting) + 1)
        dropped = max(0, len(entries) - keep)
        del entries[:dropped]
        return dropped

    def _forget_closed(self, over_before_ms: int) -> int:
        closed = self._journal.closed
        oldest_first = sorted(closed, key=lambda key: (closed[key], key))
        old = sum(closed[key] < over_before_ms for key in oldest_first)
        forgotten = oldest_first[: max(old, len(oldest_first) - self._closed_max)]
        for key in forgotten:
            del closed[key], self._journal.latest[key]
        return len(forgotten)
