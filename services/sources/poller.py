"""What one poll does: ask the source, hand in what it shows, and say when to ask again."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from services.kernel.ids import SourceName
from services.kernel.polls import Pacing, Polled, PollState, Validators, failed, is_open, settled, taken, unchanged, wait_s
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.polls import Busy, Claim, Fetcher, FetchFailed, FrontDoor, Polls, Unusable
from services.kernel.ports.sources import Sources
from services.kit import metrics
from services.kit.logs import log
from services.sources.pages import whole_picture


class Outcome(StrEnum):
    """What became of a poll."""

    TAKEN = "taken"
    """A picture was taken, whether or not it changed anything."""
    UNCHANGED = "unchanged"
    """The source says that its last picture still holds."""
    OVERTAKEN = "overtaken"
    """A later picture was there already."""
    FAILED = "failed"
    """The source can't be reached, or its picture can't be used."""
    BUSY = "busy"
    """Our own front door could not take the picture."""


class Poller:
    """Polls the sources of `polled`. In any number of threads and processes at once: a source is polled by one of them."""

    def __init__(
        self,
        polled: Mapping[SourceName, Polled],
        polls: Polls,
        fetcher: Fetcher,
        door: FrontDoor,
        sources: Sources,
        clock: Clock,
        pacing: Pacing,
        claim_s: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """A poll that was begun and never ended is due again after `claim_s`."""
        self._polled, self._polls, self._fetcher, self._door, self._sources = polled, polls, fetcher, door, sources
        self._clock, self._pacing, self._claim_for, self._chance = clock, pacing, timedelta(seconds=claim_s), chance

    def answer(self, busy: timedelta) -> str:
        """Poll what is due, one source after the other, for as long as `busy`. Others that answer meanwhile take what this one hasn't."""
        until = self._clock.now() + busy
        while self._clock.now() < until:
            now = self._clock.now()
            claim = self._polls.claim(now, now + self._claim_for)
            if claim is None:
                return "done"
            if claim.name in self._polled:  # one that isn't was dropped from the file a moment ago
                self.poll(claim)
        return "unfinished"

    def poll_now(self, name: SourceName) -> tuple[Outcome, PollState]:
        """Poll `name`, due or not. Raises KeyError for one that isn't polled."""
        now = self._clock.now()
        claim = self._polls.claim(now, now + self._claim_for, name)
        if claim is None or name not in self._polled:
            raise KeyError(name)
        return self.poll(claim)

    def poll(self, claim: Claim) -> tuple[Outcome, PollState]:
        """Poll a source that was claimed. Raises `Unavailable`: then it is due again when the claim ends."""
        source, asked_s = self._polled[claim.name], 0.0
        try:
            outcome, state = self._ask(source, claim.state)
        except (FetchFailed, Unusable) as error:
            outcome, state, asked_s = Outcome.FAILED, failed(claim.state, str(error), self._clock.now()), getattr(error, "retry_after_s", 0.0)
        except Busy as error:
            outcome, state = Outcome.BUSY, failed(claim.state, str(error), self._clock.now(), blame=False)
            asked_s = error.retry_after_s
        except Unavailable:
            raise
        except Exception as error:  # a mistake of ours: it must not be made again at once, nor hide that this source isn't polled
            log.error("sources.poll_broke", source=source.name, exc_info=error)
            outcome, state = Outcome.FAILED, failed(claim.state, f"a mistake of ours: {type(error).__name__}: {error}", self._clock.now())
        due = self._clock.now() + timedelta(seconds=self._wait_s(outcome, state, source, asked_s))
        self._polls.finish(claim, state, due)
        metrics.SOURCE_POLLS.labels(source.name, outcome).inc()
        self._tell(source.name, outcome, claim.state, state, due)
        return outcome, state

    def _ask(self, source: Polled, before: PollState) -> tuple[Outcome, PollState]:
        known = before.validators if settled(before, self._pacing) else Validators()
        fetched = whole_picture(self._fetcher, source, known, self._clock)
        now = self._clock.now()
        if fetched.body is None:
            self._sources.heard(source.name, now)
            return Outcome.UNCHANGED, unchanged(before, now)
        took = self._door.take(source.name, source.format, fetched)
        if took.overtaken:  # its validators are not kept: what it shows was not applied, and must be asked for again
            return Outcome.OVERTAKEN, unchanged(before, now)
        return Outcome.TAKEN, taken(before, fetched.validators, fetched.at, now, changes=took.accepted)

    def _wait_s(self, outcome: Outcome, state: PollState, source: Polled, asked_s: float) -> float:
        if outcome is Outcome.BUSY:  # ours, not the source's: soon again, but not all sources at once
            return max(asked_s, min(self._pacing.backoff_s, source.interval_s)) * (1 + self._chance())
        return wait_s(state, source, self._pacing, self._chance(), asked_s)

    def _tell(self, name: SourceName, outcome: Outcome, before: PollState, after: PollState, due: datetime) -> None:
        """Turns are told, not every poll."""
        opened = is_open(after, self._pacing) and not is_open(before, self._pacing)
        if opened or (outcome in (Outcome.FAILED, Outcome.BUSY) and after.last_error != before.last_error):
            event = "sources.breaker_opened" if opened else "sources.poll_failed"
            log.warning(event, source=name, failures=after.failures, reason=after.last_error, again_at=due.isoformat())
        elif before.failures and not after.failures:
            log.info("sources.poll_recovered", source=name, failures=before.failures)
