"""What happens around every channel's work: one worker at a time, look, do, strike off, look again; and what keeps failing is set aside."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from services.fanout.channel import ChannelWorker, Work
from services.fanout.replica import Replica
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports import Clock, DueWork, Rounds, Suspects, Trouble, Unavailable
from services.kernel.views import Stamp
from services.kit import metrics
from services.kit.logs import log
from services.wire import Channel

DUE_ONLY = frozenset({Channel.SOCIAL})
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


class Frame:
    """Answers the doorbells of one channel in one process."""

    def __init__(self, worker: ChannelWorker, replica: Replica, due: DueWork, rounds: Rounds, suspects: Suspects, clock: Clock, limits: Limits) -> None:
        self._worker, self._replica, self._due = worker, replica, due
        self._rounds, self._suspects, self._clock, self._limits = rounds, suspects, clock, limits
        self._channel = worker.channel

    def answer(self) -> Answered:
        """Do what is due, and renew the channel's stamp even where nothing is. Raises what the work raises: it stays due.

        A doorbell that comes while another worker holds the channel is let go: so the holder looks once more *after* it has
        let the channel go. Whatever was due before that doorbell was turned away, it sees.
        """
        ends_at = self._clock.now() + self._limits.busy
        first = True
        while True:
            with self._rounds.single_flight(self._channel, self._limits.single_flight_s) as mine:
                if not mine:
                    return Answered.HELD_ELSEWHERE
                while self._round(even_idle=first):
                    first = False
                    if self._clock.now() >= ends_at:
                        return Answered.UNFINISHED
                first = False
            if not self._due.take(self._clock.now(), 1):
                return Answered.DONE

    def _round(self, even_idle: bool) -> bool:
        """One round of work; whether anything was due."""
        self._rounds.answered(self._channel)  # before looking: what falls due from now on rings again
        now = self._clock.now()  # before reading: the journal is known up to this moment
        taken = self._due.take(now, self._limits.areas)
        if not taken and not even_idle:
            return False
        self._replica.catch_up()
        trouble = self._suspects.begun(self._channel)
        metrics.UNFINISHED_ROUNDS.labels(self._channel).set(trouble.rounds - 1)
        alone = self._alone(taken, trouble)
        if alone is not None:
            self._try_alone(alone, taken[alone], now)
        else:
            self._run(self._work(taken, trouble.parked), taken, now)
            self._replica.settled(self._channel)
            self._suspects.ended_well(self._channel, taken)
            metrics.UNFINISHED_ROUNDS.labels(self._channel).set(0)
        return bool(taken)

    def _work(self, taken: Mapping[AreaId, datetime], parked: frozenset[AreaId]) -> Work:
        changed = self._replica.pending(self._channel)
        due = frozenset(taken)
        if self._channel in DUE_ONLY:
            return Work(due, due, frozenset(changed.keys), changed.cold)
        set_aside = parked - due  # one that changed again since is due again, and gets another chance
        keys = frozenset(key for key in changed.keys if not self._in(key, set_aside))
        return Work(due, due | (changed.areas - set_aside), keys, changed.cold)

    def _in(self, key: OutageKey, areas: frozenset[AreaId]) -> bool:
        outage = self._replica.board.open.get(key)
        return outage is not None and not areas.isdisjoint(outage.areas)

    def _run(self, work: Work, taken: Mapping[AreaId, datetime], now: datetime) -> None:
        stamp = Stamp(self._replica.position, now)
        try:
            with metrics.RENDER_DURATION.labels(self._channel).time():
                again = self._worker.run(self._replica, work, stamp)
        except Unavailable:
            self._suspects.ended_well(self._channel, ())  # something outside is down: no area is to blame
            raise
        self._due.done(taken, again)
        self._rounds.set_published(self._channel, stamp)

    def _alone(self, taken: Mapping[AreaId, datetime], trouble: Trouble) -> AreaId | None:
        """The area to try by itself, where rounds have kept failing; None where all may go together.

        A worker that starts cold takes all areas whatever is due: then there is none to try alone.
        """
        if trouble.rounds <= self._limits.park_after or not taken or self._replica.pending(self._channel).cold:
            return None
        return next(iter(taken))

    def _try_alone(self, area: AreaId, due_at: datetime, now: datetime) -> None:
        """One area's work. What fails so again and again is parked: the channel's other areas must not wait for it for ever."""
        changed = self._replica.pending(self._channel)
        keys = frozenset(key for key in changed.keys if self._in(key, frozenset({area})))
        try:
            self._run(Work(frozenset({area}), frozenset({area}), keys), {area: due_at}, now)
        except Unavailable:
            raise
        except Exception as error:
            failures = self._suspects.blame(self._channel, area)
            log.error("fanout.area_failed", channel=self._channel, area=area, failures=failures, exc_info=error)
            if failures < self._limits.park_after:
                raise
            self._suspects.park(self._channel, area, f"{type(error).__name__}: {error}", now)
            self._due.done({area: due_at})
            metrics.PARKED.labels(self._channel).inc()
            log.error("fanout.area_parked", channel=self._channel, area=area, failures=failures)
