"""The notices channel: whoever asked to be told when power is back is told once, after the source said so, and never twice (ADR 0025).

A notice is claimed before it is sent and forgotten after. One that is found claimed after a crash, or whose answer was lost, may be out: the
service is asked whether it has it, and only if it hasn't is the notice sent again. What isn't taken for now is given back: no worker sleeps.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from msgspec import Struct
from msgspec.structs import replace

from services.fanout.channel import Work
from services.fanout.homes import Homes
from services.fanout.replica import Replica
from services.kernel.areas import name_of
from services.kernel.delivery import Outcome
from services.kernel.events import Status
from services.kernel.ids import AreaId, OutageKey
from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Courier, Notices, Told
from services.kernel.views import Stamp
from services.kernel.waiting import Group, Notice, Reach, Waiter, group_of, outage_of
from services.kit import metrics
from services.kit.logs import log
from services.wire import Channel

_CHECK = {
    Reach.SMS: "SURGECAST_TWILIO_ACCOUNT_SID, SURGECAST_TWILIO_AUTH_TOKEN and SURGECAST_TWILIO_SENDER, and the account",
    Reach.ALEXA: "SURGECAST_ALEXA_CLIENT_ID, SURGECAST_ALEXA_CLIENT_SECRET and SURGECAST_ALEXA_PROACTIVE_URL, and that the skill may send proactive events",
    Reach.MESSENGER: "SURGECAST_MESSENGER_PAGE_TOKEN, and what it may do",
}
_OF_ALEXA = "notice-alexa"
_OF_AREA = {"sureness": "area", "where": "home"}
IN_VAIN_MAX = 3
"""So many people in a row who can't be written to: it is rather we who may not write."""


class Pace(Struct, frozen=True, kw_only=True):
    """How fast, and how patiently."""

    per_s: Mapping[str, float]
    """Notices a second, by platform."""
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

    def __init__(self, notices: Notices, couriers: Mapping[str, Courier], wordings: Mapping[Lang, Wording], pace: Pace, clock: Clock, homes: Homes) -> None:
        """`couriers` by the platform that they reach people on. `homes` knows whose outage another is."""
        self._homes = homes
        self._notices, self._couriers, self._wordings, self._pace, self._clock = notices, couriers, wordings, pace, clock
        self._next: dict[str, datetime] = {}
        """When each courier may be asked again."""
        self._in_vain = dict.fromkeys(couriers, 0)
        """How many notices in a row a courier held for the person's sake."""

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Meets `ChannelWorker.run`."""
        now = self._clock.now()
        as_of, stop_at = stamp.as_of or now, now + self._pace.run_max
        for group in self._notices.groups():
            outage, area = outage_of(group), AreaId(group)
            if outage is None and (area in work.due or not work.alone) and (ended := over(replica, area)) is not None:
                self._release(replica, area, ended, as_of, stop_at)
            elif outage is not None and not work.alone and not replica.board.stands(outage):
                self._release_homes(replica, outage, as_of, stop_at)
        if work.alone:
            return {}
        late = self._notices.expired(now, self._pace.batch)
        self._notices.end(late)
        for waiter in late:
            self._count(waiter.platform, Outcome.EXPIRED)
        return self._send(self._clock.now() + self._pace.run_max)

    def _release(self, replica: Replica, area: AreaId, message: str, as_of: datetime, stop_at: datetime) -> None:
        """Make the notices of all who wait for `area` due."""
        now, name = self._clock.now(), name_of(replica.names, area)
        until = now + self._pace.worth
        texts = {
            (lang, platform): wording.say(_OF_ALEXA if platform is Reach.ALEXA else message, area=name.called(lang), as_of=wording.time(as_of), **_OF_AREA)
            for lang, wording in self._wordings.items()
            for platform in Reach
        }
        while self._clock.now() < stop_at and (waiters := self._notices.waiting(Group(area), self._pace.batch)):
            self._notices.queue([Notice(waiter, texts[waiter.lang, Reach(waiter.platform)], worth_until=until) for waiter in waiters], now, until)
            log.info("notices.queued", area=area, message=message, waiters=len(waiters))

    def _release_homes(self, replica: Replica, outage: OutageKey, as_of: datetime, stop_at: datetime) -> None:
        """Make the notices due of all who wait for `outage`, which is over; who has another now waits for that."""
        now, last = self._clock.now(), replica.newest(outage)
        until, told, moved = now + self._pace.worth, 0, 0
        ended = "restored" if last is not None and last.event.status is Status.RESTORED else "gone"
        beside = () if last is None else (*last.areas_before, *last.areas_after)
        while self._clock.now() < stop_at and (waiters := self._notices.waiting(group_of(outage), self._pace.batch)):
            notices = []
            for waiter in waiters:
                if (other := self._homes.another(replica, waiter, beside)) is not None:
                    self._notices.move(waiter, *other)
                    moved += 1
                else:
                    notices.append(Notice(waiter, self._of_home(waiter, ended, as_of), worth_until=until))
            self._notices.queue(notices, now, until)
            told += len(notices)
        log.info("notices.queued", outage=outage, ended=ended, waiters=told, wait_on=moved)

    def _of_home(self, waiter: Waiter, ended: str, as_of: datetime) -> str:
        wording, home = self._wordings[waiter.lang], waiter.home
        known = {"sureness": home.sureness.name.lower(), "where": home.where} if home is not None else _OF_AREA
        message = _OF_ALEXA if waiter.platform == Reach.ALEXA else "notice-home"
        return wording.say(message, ended=ended, area="", as_of=wording.time(as_of), **known)

    def _send(self, stop_at: datetime) -> Mapping[AreaId, datetime]:
        """Send what is due, as fast as each courier may be asked; when to go on, by one of the areas."""
        again: dict[AreaId, datetime] = {}
        for notice in self._in_turn():
            now, waiter = self._clock.now(), notice.waiter
            step, free_at = timedelta(seconds=1 / self._pace.per_s[waiter.platform]), self._next.get(waiter.platform, now)
            if free_at > now + step or now >= stop_at:
                again[waiter.area] = max(free_at, now)
            else:
                self._next[waiter.platform] = max(free_at, now - self._pace.run_max) + step
                self._deliver(notice, self._couriers[waiter.platform])
        return again

    def _in_turn(self) -> Iterator[Notice]:
        """What is due on the platforms that have a courier, one of each in its turn: none waits for another's backlog."""
        now = self._clock.now()
        due = [self._notices.due(platform, now, self._pace.batch) for platform in self._couriers]
        return (notice for notice in chain.from_iterable(zip_longest(*due)) if notice is not None)

    def _deliver(self, notice: Notice, courier: Courier) -> None:
        now, waiter = self._clock.now(), notice.waiter
        if notice.claimed_at is not None:
            try:
                if courier.sent(notice):
                    self._out(notice)
                    return
            except Unavailable as error:
                log.warning("notices.in_doubt", platform=waiter.platform, area=waiter.area, reason=str(error))
                self._give_back(notice)
                self._close(notice)
                return
        claimed = replace(notice, claimed_at=notice.claimed_at or now)
        if self._notices.put(claimed, now + self._pace.doubt):
            self._record(claimed, courier.send(claimed))

    def _record(self, notice: Notice, told: Told) -> None:
        waiter = notice.waiter
        self._in_vain[waiter.platform] = self._in_vain[waiter.platform] + 1 if told is Told.HELD else 0
        if told is Told.SENT:
            self._out(notice)
        elif told is Told.INVALID:
            self._end(notice, Outcome.DEAD_LETTERED)
        elif told is Told.STOPPED:
            self._notices.end(self._notices.of(waiter.platform, waiter.address))
            self._end(notice, Outcome.DEAD_LETTERED)
        elif told is Told.UNCERTAIN:  # stays claimed: asked about once it can't be on its way any more
            metrics.NOTICES.labels(waiter.platform, Outcome.HELD).inc()
            self._close(notice)
        else:
            self._give_back(replace(notice, claimed_at=None))
            ours = told is Told.REFUSED or self._in_vain[waiter.platform] >= IN_VAIN_MAX
            if ours:
                check = _CHECK[Reach(waiter.platform)]
                log.error("notices.refused", platform=waiter.platform, what_to_do=f"Check {check}. What waits goes out by itself.")
            if ours or told is not Told.HELD:
                self._close(notice)

    def _give_back(self, notice: Notice) -> None:
        """To be looked at again in a while."""
        self._notices.put(notice, self._clock.now() + self._pace.retry)
        metrics.NOTICES.labels(notice.waiter.platform, Outcome.HELD).inc()

    def _close(self, notice: Notice) -> None:
        """Leave the courier alone for a while: it is down, limits us, or won't have us."""
        self._next[notice.waiter.platform] = self._clock.now() + self._pace.retry
        self._in_vain[notice.waiter.platform] = 0

    def _out(self, notice: Notice) -> None:
        """It was sent. One that asks whether they asked ends nothing: they answer, or their time to do so ends."""
        if notice.waiter.confirmed:
            self._end(notice, Outcome.DELIVERED)
        else:
            self._notices.asked(notice.waiter)
            self._count(notice.waiter.platform, Outcome.DELIVERED)

    def _end(self, notice: Notice, outcome: Outcome) -> None:
        self._notices.end([notice.waiter])
        self._count(notice.waiter.platform, outcome)
        log.info("notices.ended", platform=notice.waiter.platform, area=notice.waiter.area, outcome=outcome)

    def _count(self, platform: str, outcome: Outcome) -> None:
        metrics.DELIVERIES.labels(self.channel, outcome).inc()
        metrics.NOTICES.labels(platform, outcome).inc()


def over(replica: Replica, area: AreaId) -> str | None:
    """The message to send where no outage is left in `area`; None while one is open or only missing from its source's picture (I5).

    'Restored' is said only where the source said so last; an outage that was withdrawn, or ended nobody knows how, is just no longer on record.
    """
    standing = replica.standing(area)
    if standing in (Status.ACTIVE, Status.CLEARING):
        return None
    return "notice-restored" if standing is Status.RESTORED else "notice-gone"
