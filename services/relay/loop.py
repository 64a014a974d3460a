"""The relay's rounds: read, fold, commit, ring; and ring again for what is overdue, whatever became of the first doorbell."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct

from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.journal import Touched
from services.kernel.ports.work import Backlog, Doorbell, Relaying
from services.kit import metrics
from services.kit.logs import log
from services.relay.fold import fold
from services.relay.pace import Pace


class Limits(Struct, frozen=True):
    """How the relay paces itself."""

    batch: int
    block_ms: int
    claim_idle_ms: int
    ring_again_ms: int
    waits: Mapping[str, timedelta]
    """Channel -> how long it gathers changes before they are due."""


GAUGES_EVERY = timedelta(seconds=1)


class Relay:
    """One relay. Any number of them may run: folding commutes, and an entry that two of them fold makes its areas due once."""

    def __init__(self, journal: Relaying, doorbell: Doorbell, clock: Clock, consumer: str, limits: Limits) -> None:
        self._journal, self._doorbell, self._clock = journal, doorbell, clock
        self._consumer, self._limits = consumer, limits
        self._claims = Pace(clock, timedelta(milliseconds=limits.claim_idle_ms) / 2)
        self._watch = Pace(clock, timedelta(milliseconds=limits.block_ms))
        self._gauges = Pace(clock, GAUGES_EVERY)
        self._bells = {channel: Pace(clock, timedelta(milliseconds=limits.block_ms)) for channel in limits.waits}
        self._bell_works = True

    def step(self) -> int:
        """One round; how many entries it folded. Raises `Unavailable` while the journal is down: then nothing is lost, call again.

        Overdue work is looked for however busy the journal is: timers, and doorbells that nobody heard.
        """
        folded = self._fold_new()
        if self._claims.due():
            folded += self._fold_abandoned()
        if self._watch.due():
            self._look_around()
        return folded

    def leave(self) -> bool:
        """Strike this relay off the group; False where it holds entries, which the next one takes over."""
        return self._journal.leave(self._consumer)

    def _fold_new(self) -> int:
        return self._commit(self._journal.read(self._consumer, self._limits.batch, self._limits.block_ms))

    def _fold_abandoned(self) -> int:
        entries = self._journal.claim(self._consumer, self._limits.claim_idle_ms, self._limits.batch)
        if entries:
            log.info("relay.claimed", entries=len(entries), first=entries[0].position, last=entries[-1].position)
        return self._commit(entries)

    def _commit(self, entries: Sequence[Touched]) -> int:
        if not entries:
            return 0
        now = self._clock.now()
        self._journal.commit(entries, fold(entries, now, self._limits.waits))
        metrics.RELAY_FOLDED.inc(len(entries))
        for channel, wait in self._limits.waits.items():
            if not wait and self._bells[channel].due():  # what comes sooner is rung for as overdue: the busier, the more one round covers
                self._ring(channel, "new")
        return len(entries)

    def _look_around(self) -> None:
        backlog = self._journal.backlog(self._clock.now())
        for channel, (areas, _) in backlog.due.items():
            if areas and channel in self._limits.waits:
                self._ring(channel, "overdue")
        if self._gauges.due():
            show(backlog)

    def _ring(self, channel: str, reason: str) -> None:
        """Ring, unless a doorbell is on its way. One that can't be sent isn't: it is rung again once its time is up."""
        if not self._journal.ring(channel, self._limits.ring_again_ms):
            return
        try:
            sent = self._doorbell.send(channel)
        except Unavailable as error:
            if self._bell_works:
                log.warning("relay.doorbell_failed", channel=channel, reason=str(error))
            self._bell_works = False
            return
        self._bell_works = True
        metrics.DOORBELLS.labels(channel, reason if sent else "queue_full").inc()


def show(backlog: Backlog) -> None:
    """Put `backlog` into the metrics."""
    metrics.JOURNAL_ENTRIES.set(backlog.entries)
    metrics.JOURNAL_LAG.set(backlog.lag)
    metrics.JOURNAL_OLDEST.set(backlog.oldest_age_s)
    metrics.JOURNAL_MEMORY.set(backlog.memory_share)
    metrics.HISTORY_LAG.set(backlog.unarchived)
    metrics.HISTORY_OLDEST.set(backlog.unarchived_age_s)
    for channel, (areas, oldest_s) in backlog.due.items():
        metrics.DUE_AREAS.labels(channel).set(areas)
        metrics.DUE_OLDEST.labels(channel).set(oldest_s)
