"""The notices channel: whoever asked to be told when power is back is told once, after the source said so, and never twice (ADR 0025).

A notice is claimed before it is sent and forgotten after. One that is found claimed after a crash, or whose answer was lost, may be out: the
service is asked whether it has it, and only if it hasn't is the notice sent again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from services.fanout.channel import Work
from services.fanout.replica import Replica
from services.kernel.areas import name_of
from services.kernel.delivery import Outcome
from services.kernel.events import Status
from services.kernel.ids import AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Courier, Notices, Told
from services.kernel.views import Stamp
from services.kernel.waiting import Notice
from services.kit import metrics
from services.kit.logs import log
from services.wire import Channel

_WHAT_TO_DO = "Check SURGECAST_TWILIO_ACCOUNT_SID, SURGECAST_TWILIO_AUTH_TOKEN and SURGECAST_TWILIO_SENDER, and the account. What waits goes out by itself."


class Pace(Struct, frozen=True, kw_only=True):
    """How fast, and how patiently."""

    per_s: float
    batch: int
    """Waiters looked at in one step."""
    run_max: timedelta
    """One run stops sending after this long."""
    doubt: timedelta
    """How long a notice may be on its way before it is asked about: longer than sending can take."""
    retry: timedelta
    worth: timedelta
    """How long after the outage a notice is still worth sending."""


class NoticesChannel:
    """Meets `fanout.channel.ChannelWorker`. Looks at every area that somebody waits for, due or not: few, and a set look-up each."""

    channel = Channel.NOTICES

    def __init__(self, notices: Notices, couriers: Mapping[str, Courier], wordings: Mapping[Lang, Wording], pace: Pace, clock: Clock) -> None:
        """`couriers` by the platform that they reach people on."""
        self._notices, self._couriers, self._wordings, self._pace, self._clock = notices, couriers, wordings, pace, clock
        self._next: dict[str, datetime] = {}
        """When each courier may be asked again."""

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Meets `ChannelWorker.run`."""
        now = self._clock.now()
        areas = [area for area in self._notices.areas() if not work.alone or area in work.due]
        for area in areas:
            if (ended := over(replica, area)) is not None:
                self._release(replica, area, ended, stamp.as_of or now, now + self._pace.run_max)
        if work.alone:
            return {}
        late = self._notices.expired(now, self._pace.batch)
        self._notices.end(late)
        metrics.DELIVERIES.labels(self.channel, Outcome.EXPIRED).inc(len(late))
        return self._send(self._clock.now() + self._pace.run_max)

    def _release(self, replica: Replica, area: AreaId, message: str, as_of: datetime, stop_at: datetime) -> None:
        """Make the notices of all who wait for `area` due."""
        now, name = self._clock.now(), name_of(replica.names, area)
        texts = {lang: wording.say(message, area=name.called(lang), as_of=wording.time(as_of)) for lang, wording in self._wordings.items()}
        while self._clock.now() < stop_at and (waiters := self._notices.waiting(area, self._pace.batch)):
            self._notices.queue([Notice(waiter, texts[waiter.lang]) for waiter in waiters], now, now + self._pace.worth)
            log.info("notices.queued", area=area, message=message, waiters=len(waiters))

    def _send(self, stop_at: datetime) -> Mapping[AreaId, datetime]:
        """Send what is due, as fast as each courier may be asked; when to go on, by one of the areas."""
        again: dict[AreaId, datetime] = {}
        for notice in self._notices.due(self._clock.now(), self._pace.batch):
            now, waiter = self._clock.now(), notice.waiter
            courier, free_at = self._couriers.get(waiter.platform), self._next.get(waiter.platform, now)
            if courier is None:
                self._notices.put(notice, now + self._pace.retry)
            elif free_at > now + self._step or now >= stop_at:
                again[waiter.area] = max(free_at, now)
            else:
                self._next[waiter.platform] = max(free_at, now - self._pace.run_max) + self._step
                self._deliver(notice, courier)
        return again

    @property
    def _step(self) -> timedelta:
        return timedelta(seconds=1 / self._pace.per_s)

    def _deliver(self, notice: Notice, courier: Courier) -> None:
        now, waiter = self._clock.now(), notice.waiter
        if notice.claimed_at is not None:
            try:
                if courier.sent(waiter.address, notice.text, notice.claimed_at):
                    self._end(notice, Outcome.DELIVERED)
                    return
            except Unavailable as error:
                log.warning("notices.in_doubt", platform=waiter.platform, area=waiter.area, reason=str(error))
                self._notices.put(notice, now + self._pace.retry)
                self._close(notice)
                return
        claimed = replace(notice, claimed_at=notice.claimed_at or now)
        if self._notices.put(claimed, now + self._pace.doubt):
            self._record(claimed, courier.send(waiter.address, notice.text))

    def _record(self, notice: Notice, told: Told) -> None:
        now, waiter = self._clock.now(), notice.waiter
        if told is Told.SENT:
            self._end(notice, Outcome.DELIVERED)
        elif told is Told.INVALID:
            self._end(notice, Outcome.DEAD_LETTERED)
        elif told is Told.STOPPED:
            self._notices.end(self._notices.of(waiter.platform, waiter.address))
            self._end(notice, Outcome.DEAD_LETTERED)
        elif told is Told.UNCERTAIN:  # stays claimed: asked about once it can't be on its way any more
            self._close(notice)
        else:
            if told is Told.REFUSED:
                log.error("notices.refused", platform=waiter.platform, what_to_do=_WHAT_TO_DO)
            self._notices.put(replace(notice, claimed_at=None), now + self._pace.retry)
            self._close(notice)

    def _close(self, notice: Notice) -> None:
        """Leave the courier alone for a while: it is down, limits us, or won't have us."""
        self._next[notice.waiter.platform] = self._clock.now() + self._pace.retry

    def _end(self, notice: Notice, outcome: Outcome) -> None:
        self._notices.end([notice.waiter])
        metrics.DELIVERIES.labels(self.channel, outcome).inc()
        log.info("notices.ended", platform=notice.waiter.platform, area=notice.waiter.area, outcome=outcome)


def over(replica: Replica, area: AreaId) -> str | None:
    """The message to send where no outage is left in `area`; None while one is open or only missing from its source's picture (I5).

    'Restored' is said only where the source said so last; an outage that was withdrawn, or ended nobody knows how, is just no longer on record.
    """
    standing = replica.standing(area)
    if standing in (Status.ACTIVE, Status.CLEARING):
        return None
    return "notice-restored" if standing is Status.RESTORED else "notice-gone"
