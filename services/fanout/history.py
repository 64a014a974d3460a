"""History: what is new in the journal goes into the archive, without a gap or a duplicate, before the janitor may drop it."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from services.kernel.ports.clock import Clock
from services.kernel.ports.history import Archive, Cursor, HistoryMark, recorded
from services.kernel.ports.journal import Entry, JournalTail
from services.kernel.views import ORIGIN, position_order
from services.kit import metrics
from services.kit.logs import log


class Archived(StrEnum):
    """What became of a doorbell."""

    DONE = "done"
    """Nothing more is to archive."""
    UNFINISHED = "unfinished"
    """More is there than one doorbell may take: it is rung for again."""
    HELD_ELSEWHERE = "held_elsewhere"
    """Another archiver is at it."""


class Limits(Struct, frozen=True):
    """How much one doorbell may do."""

    batch: int
    """Entries in one transaction."""
    busy: timedelta


class Archiver:
    """Answers the history's doorbells. Safe twice, late, and two at once: the archive's cursor decides, and what was not written is still in the journal."""

    def __init__(self, tail: JournalTail, archive: Archive, mark: HistoryMark, clock: Clock, limits: Limits) -> None:
        self._tail, self._archive, self._mark, self._clock, self._limits = tail, archive, mark, clock, limits

    def run(self) -> Archived:
        """Archive what is new. Raises `Unavailable` where the journal or the archive is down: then what is not archived stays in the journal."""
        self._mark.hold()  # before the archive is asked: it may be down, and nothing must be dropped meanwhile
        ends_at = self._clock.now() + self._limits.busy
        cursor = self._archive.cursor()
        read_to = ORIGIN if self._was_replaced(cursor) else cursor.position
        self._mark.move(read_to)  # a crash between write and mark left it behind
        while entries := self._tail.since(read_to, self._limits.batch):
            if not self._archive.write([recorded(entry) for entry in entries], cursor, self._clock.now()):
                return Archived.HELD_ELSEWHERE
            _account(entries, cursor)
            cursor = Cursor(entries[-1].position, entries[-1].number)
            read_to = cursor.position
            self._mark.move(read_to)
            if self._clock.now() >= ends_at:
                return Archived.UNFINISHED
        return Archived.DONE

    def _was_replaced(self, cursor: Cursor) -> bool:
        """Whether the journal ends before what the archive has of it: it was restored from an older copy, or begun anew by a clock that was set back.

        All that it holds is then archived; what the archive has already stays once.
        """
        newest = self._tail.recent(1)
        return position_order(newest[0].position if newest else ORIGIN) < position_order(cursor.position)


def purge(archive: Archive, clock: Clock, keep: timedelta, batch: int, busy: timedelta) -> Archived:
    """Delete what was accepted longer than `keep` ago, in transactions of `batch` events. Raises `Unavailable`; the next purge goes on."""
    now, gone = clock.now(), 0
    while deleted := archive.purge(now - keep, batch):
        gone += deleted
        if clock.now() >= now + busy:
            log.info("history.purged", events=gone)
            return Archived.UNFINISHED
    log.info("history.purged", events=gone)
    return Archived.DONE


def _account(entries: Sequence[Entry], cursor: Cursor) -> None:
    """Say what was archived; and what can't be, since it had left the journal: while no history was kept, or by a hand that is not ours."""
    metrics.HISTORY_ARCHIVED.inc(len(entries))
    first = entries[0]
    missing = first.number - cursor.number - 1
    if cursor.position == ORIGIN:
        log.info("history.begun", position=first.position, number=first.number)
    elif missing > 0:
        metrics.HISTORY_MISSING.inc(missing)
        log.error("history.gap", missing=missing, after=cursor.position, before=first.position)
    elif missing < 0:
        log.warning("history.journal_replaced", archived_to=cursor.position, goes_on_at=first.position)
