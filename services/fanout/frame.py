"""What happens around every channel's work: one worker at a time, look, do, strike off, look again; and what keeps failing is set aside."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from msgspec import Struct

from services.fanout.channel import ChannelWorker, Work
from services.fanout.replica import Replica
from services.kernel.ids import AreaId
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Overtaken, Unavailable
from services.kernel.ports.work import DueWork, Rounds, Suspects
from services.kernel.views import Stamp
from services.kit import metrics
from services.kit.logs import log
from services.wire import SOCIAL, Channel

DUE_ONLY = frozenset({*SOCIAL, Channel.NOTICES})
"""Channels that wait until an area is due: changes are gathered first. The others take whatever changed, due or not."""


class Answered(StrEnum):
    """What became of a doorbell."""

    DONE = "done"
    """Nothing more is due."""
    UNFINISHED = "unfinished"
    """More is due than one doorbell may take: it is rung for again."""
    HELD_ELSEWHERE = "held_elsewhere"
    """Another worker is at it, and looks again before it lets go."""


class Limits(Struct, frozen=True):
    """How much one doorbell may do."""

    areas: int
    busy: timedelta
    """More may keep falling due: after this long the doorbell ends, well under the task's soft time limit."""
    single_flight_s: float
    park_after: int
    """Failed rounds in a row after which areas are tried alone, and failures alone after which one is parked."""
    names_every: timedelta = timedelta(seconds=5)
    """How often areas' names are read again: as often as a heartbeat comes."""


class Frame:
    """Answers the doorbells of one channel in one process."""

    def __init__(self, worker: ChannelWorker, replica: Replica, due: DueWork, rounds: Rounds, suspects: Suspects, clock: Clock, limits: Limits) -> None:
        self._worker, self._replica, self._due = worker, replica, due
        self._rounds, self._suspects, self._clock, self._limits = rounds, suspects, clock, limits
        self._channel = worker.channel
        self._names_due = clock.now()
        self._turn = Lock()
        self._innocent: set[AreaId] = set()
        """Areas that went well alone since rounds began to fail."""

    def answer(self) -> Answered:
        """Do what is due, and renew the channel's stamp even where nothing is. Raises what the work raises: it stays due.

        A doorbell that comes while another worker holds the channel is let go: so the holder looks once more *after* it has
        let the channel go. Whatever was due before that doorbell was turned away, it sees.
        """
        ends_at = self._clock.now() + self._limits.busy
        first = True
        while True:
            with self._rounds.single_flight(self._channel, self._limits.single_flight_s) as mine:
                if not mine or not self._turn.acquire(blocking=False):  # a thread that lost the channel may still be at it
                    return Answered.HELD_ELSEWHERE
                try:
                    while self._round(first, ends_at):
                        first = False
                        if not mine:
                            return Answered.HELD_ELSEWHERE
                        if self._clock.now() >= ends_at:
                            return Answered.UNFINISHED
                finally:
                    self._turn.release()
                first = False
            if not self._due.take(self._clock.now(), 1):
                return Answered.DONE

    def _round(self, even_idle: bool, ends_at: datetime) -> bool:
        """One round of work; whether anything was due."""
        self._rounds.answered(self._channel)  # before looking: what falls due from now on rings again
        now = self._clock.now()  # before reading: the journal is known up to this moment
        taken = self._due.take(now, self._limits.areas)
        if not taken and not even_idle:
            return False
        self._catch_up(now)
        trouble = self._suspects.begun(self._channel)
        metrics.UNFINISHED_ROUNDS.labels(self._channel).set(trouble.rounds - 1)
        set_aside = trouble.parked - taken.keys()  # one that changed again since is due again, and gets another chance
        suspected = self._suspected(taken, set_aside) if trouble.rounds > self._limits.park_after else []
        if suspected:
            self._try_alone(suspected, taken, now, ends_at)
        else:
            stamp = Stamp(self._replica.position, now)
            again = self._run(self._work(taken, set_aside), stamp)
            self._due.done(taken, again, looked=now)
            self._rounds.set_published(self._channel, stamp)
            self._replica.settled(self._channel)
            self._suspects.ended_well(self._channel, taken)
            metrics.UNFINISHED_ROUNDS.labels(self._channel).set(0)
            self._innocent.clear()
        return bool(taken)

    def _catch_up(self, now: datetime) -> None:
        self._replica.catch_up()
        if now >= self._names_due:
            self._replica.learn_names()
            self._names_due = now + self._limits.names_every

    def _work(self, taken: Mapping[AreaId, datetime], set_aside: frozenset[AreaId]) -> Work:
        changed = self._replica.pending(self._channel)
        due = frozenset(taken)
        if self._channel in DUE_ONLY:
            return Work(due, due, frozenset(changed.keys), changed.cold)
        return Work(due, due | (changed.areas - set_aside), frozenset(changed.keys), changed.cold, set_aside)

    def _run(self, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        try:
            with metrics.RENDER_DURATION.labels(self._channel).time():
                return self._worker.run(self._replica, work, stamp)
        except Unavailable as error:
            self._suspects.ended_well(self._channel, ())  # something outside is down: no area is to blame
            if isinstance(error, Overtaken):
                log.error("fanout.publication_refused", channel=self._channel, reason=str(error))
            raise

    def _suspected(self, taken: Mapping[AreaId, datetime], set_aside: frozenset[AreaId]) -> list[AreaId]:
        """The areas to try one by one where rounds have kept failing, those due first. A round may fail by an area that isn't due: a cold one takes all."""
        rest = [] if self._channel in DUE_ONLY else sorted((self._replica.known_areas() | self._replica.pending(self._channel).areas) - set_aside)
        return [area for area in dict.fromkeys((*taken, *rest)) if area not in self._innocent]

    def _try_alone(self, areas: Sequence[AreaId], taken: Mapping[AreaId, datetime], now: datetime, ends_at: datetime) -> None:
        """Each area by itself. What fails so again and again is parked: the channel's other areas must not wait for it for ever.

        All stays due, and nothing newer is claimed than what was: that is for the round of all that follows once none fails.
        """
        settled = Stamp(self._replica.position, now) if self._channel in DUE_ONLY else self._rounds.published(self._channel) or Stamp()
        failed: dict[AreaId, Exception] = {}
        for area in areas:
            if area != areas[0] and self._clock.now() >= ends_at:
                break  # the next doorbell goes on
            only = frozenset({area})
            try:
                self._run(Work(only & taken.keys(), only, frozenset(), self._replica.pending(self._channel).cold, alone=True), settled)
                self._innocent.add(area)
            except Unavailable:
                raise
            except Exception as error:
                failed[area] = error
        self._blame(failed, taken, now)
        if self._innocent.issuperset(areas):
            self._suspects.ended_well(self._channel, ())
        if self._innocent.union(failed).issuperset(areas):
            self._innocent.clear()

    def _blame(self, failed: Mapping[AreaId, Exception], taken: Mapping[AreaId, datetime], now: datetime) -> None:
        """Park the areas that have failed often enough; raises the error of one that has not. Where every area fails, none of them is to blame."""
        if failed and not self._innocent:
            raise next(iter(failed.values()))
        failures = {area: self._suspects.blame(self._channel, area) for area in failed}
        spared = None
        for area, error in failed.items():
            log.error("fanout.area_failed", channel=self._channel, area=area, failures=failures[area], exc_info=error)
            if failures[area] < self._limits.park_after:
                spared = error
                continue
            self._suspects.park(self._channel, area, f"{type(error).__name__}: {error}", now)
            self._due.done({area: taken[area]} if area in taken else {})
            metrics.PARKED.labels(self._channel).inc()
            log.error("fanout.area_parked", channel=self._channel, area=area, failures=failures[area])
        if spared is not None:
            raise spared
