"""The social channel: few posts, each worth it, each once. Its desk (kernel.planning) decides what is told, the most urgent first, and nothing here waits.

Whatever must wait (a cool-down, a limit, a digest, a service that is down) is a time at which its area falls due again, or `EVERYWHERE` does. A text that is
not out yet when something newer is to be said is folded into it.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from services.fanout.channel import Work
from services.fanout.pictures.album import Album
from services.fanout.replica import Replica
from services.fanout.social_allowance import Allowance
from services.fanout.social_send import Patience, Sender
from services.fanout.social_text import compose, form_of
from services.kernel.accounts import EVERYTHING, Scope, Service
from services.kernel.approval import Rule
from services.kernel.areas import name_of
from services.kernel.delivery import Outcome, Written
from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.planning.desk import Desk, Told
from services.kernel.planning.memory import Memory
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Kind, Post, Said
from services.kernel.planning.spending import Remainder
from services.kernel.planning.tiers import Terms
from services.kernel.ports.budgets import Budgets
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Announced, Drawer, Ledger, Pager, SocialFeed
from services.kernel.views import Stamp
from services.kit import metrics
from services.kit.logs import log
from services.kit.settings import Settings
from services.wire import Channel


class Voice(Struct, frozen=True):
    """An account, as it speaks."""

    channel: Channel
    account: str
    """Its name in ledger and memory."""
    feed: SocialFeed | None
    """None: a dry run, in which everything is written down and held."""
    scope: Scope = EVERYTHING
    terms: Terms = Terms()
    """What a post costs it."""
    album: Album | None = None
    """None: no pictures go with its posts."""


_SLOW_FOR = timedelta(minutes=5)
"""Longer than the wait before an account that hung is tried again."""


class Accounts:
    """All accounts on one service, one after the other. Meets `fanout.channel.ChannelWorker`."""

    def __init__(self, channel: Channel, speakers: Sequence["SocialChannel"], run_max: timedelta, clock: Clock) -> None:
        """After `run_max` no further account begins: what is due stays due, and those that had no turn are the first in the next round.

        One of whose turns took half of that is the last for a while: an account that hangs costs those beside it one time-out at each of its tries, no more.
        """
        self.channel, self._run_max, self._clock = channel, run_max, clock
        self._speakers = deque(speakers)
        self._slow_until: dict[str, datetime] = {}

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Let each account look at the due areas; an area is due again when the first of them wants to look. Raises what the first of them raised, once
        the others have had their turns."""
        again: dict[AreaId, datetime] = {}
        stop_at = self._clock.now() + self._run_max
        self._speakers = deque(sorted(self._speakers, key=self._is_slow))  # stable: who had no turn stays before who had
        failed: Exception | None = None
        for _ in range(len(self._speakers)):
            began, speaker = self._clock.now(), self._speakers[0]
            if began >= stop_at:
                again |= dict.fromkeys(work.due, began)
                break
            try:
                for area, at in speaker.run(replica, work, stamp).items():
                    again[area] = min(at, again.get(area, at))
            except Exception as error:  # whatever it is, those behind it have their turn
                log.error(
                    "social.account_failed", account=speaker.account, reason=f"{type(error).__name__}: {error}", effect="all that is due is looked at again"
                )
                failed = failed or error
            if self._clock.now() - began >= self._run_max / 2:
                self._slow_until[speaker.account] = self._clock.now() + _SLOW_FOR
            self._speakers.rotate(-1)
        if failed is not None:
            raise failed
        return again

    def _is_slow(self, speaker: "SocialChannel") -> bool:
        return self._slow_until.get(speaker.account, self._clock.now()) > self._clock.now()


class Notes(Struct, frozen=True):
    """What is kept of an account, outside of any process."""

    ledger: Ledger
    announced: Announced
    drawer: Drawer
    budgets: Budgets


class SocialChannel:
    """One account's voice. Meets `fanout.channel.ChannelWorker`."""

    def __init__(
        self, voice: Voice, notes: Notes, wordings: Mapping[Lang, Wording], settings: Settings, clock: Clock, policy: Policy, pager: Pager | None = None
    ) -> None:
        """`pager`: who calls the people that a message waits for; None: nobody is called."""
        self._pager = pager
        self.channel, self.account, self._scope = voice.channel, voice.account, voice.scope
        self._ledger, self._announced, self._drawer, self._clock = notes.ledger, notes.announced, notes.drawer, clock
        self._budgets, self._cost = notes.budgets, voice.terms.cost(len(voice.scope.languages))
        self._form = form_of(Service.X if voice.channel is Channel.SOCIAL else Service(voice.channel.value), settings)
        self._wordings = {lang: wordings[lang] for lang in voice.scope.languages}
        self._allowance = Allowance(notes.budgets, voice.terms, self.channel, self.account, clock)
        self._sender = Sender(voice.feed, notes.ledger, self._allowance, self.channel, self.account, patience(settings), clock, voice.album)
        self._policy, self._album = policy, voice.album
        self._approvals = approval_rules(settings)
        self._ask_again = timedelta(seconds=settings.social_retry_s)
        self._run_max = timedelta(seconds=settings.social_run_max_s)

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Look at each due area, post what is worth it, and return when to look again."""
        due = frozenset(filter(self._scope.concerns, work.due))
        if not due:
            return {}
        stop_at, known = self._clock.now() + self._run_max, due | {EVERYWHERE}
        newest = self._ledger.newest(self.channel, self.account, known)
        if any(written.is_waiting for written in newest.values()) and self._tick():
            newest = self._ledger.newest(self.channel, self.account, known)
        said = self._recalled(newest, known)
        begun = [written for written in newest.values() if written.is_open and written.is_begun]
        again: dict[AreaId, datetime] = {}
        for written in sorted(begun, key=lambda written: written.created_at):
            again[written.area] = self._finish(written, stop_at) or self._clock.now()  # then plan anew, from what it said
        self._look(replica, due - again.keys(), said, newest, stamp, stop_at, again)
        return again

    def _recalled(self, newest: Mapping[AreaId, Written], due: frozenset[AreaId]) -> dict[AreaId, Said]:
        """What was said last: what is remembered, put right by the ledger where a crash came between the two, or the memory was lost."""
        said = self._announced.of(due)
        forgotten: dict[AreaId, Said] = {}
        for area, written in newest.items():
            if written.is_said:
                told, known = written.said_when_sent(), said.get(area)
                if known is None or (known.post != told.post and known.at <= told.at):  # a ledger that was restored from a backup knows what is older
                    forgotten[area] = told
            elif area not in said and written.before is not None:
                forgotten[area] = written.before
        if forgotten:
            self._announced.say(forgotten)
        return said | forgotten

    def _look(
        self,
        replica: Replica,
        areas: frozenset[AreaId],
        said: dict[AreaId, Said],
        newest: Mapping[AreaId, Written],
        stamp: Stamp,
        stop_at: datetime,
        again: dict[AreaId, datetime],
    ) -> None:
        """Have the desk decide on `areas`, do as it says, and note in `again` when to look again."""
        now, memory = self._clock.now(), Memory(self._drawer.all())
        for written in newest.values():  # what a crash left paid for and not begun: the desk decides on it anew
            if written.is_open and not written.is_begun:
                self._allowance.give_back(written, [delivery for delivery in written.deliveries if delivery.is_open])
        outlook = Outlook(replica.board, replica.names, replica.standing, self._scope.areas)
        desk = Desk(self._policy, outlook, Remainder(self._budgets.left(now)), self._cost, memory, said)
        looked = desk.look(areas, now, {area: written.kind for area, written in newest.items() if written.asked and (written.is_waiting or written.is_open)})
        self._put_away(memory)  # what crashes from here on has been noted: the next look goes on from it
        if looked.amended:
            self._announced.say(looked.amended)
        for area in looked.silent:
            if area in newest:
                self._fold(newest[area], now)
        for area, at in looked.again.items():
            _look_again(again, area, at)
        for area, emergency in looked.asked.items():
            _look_again(again, area, self._send(newest[area], stop_at, emergency=emergency))
        for told in looked.told:
            _look_again_at(again, told, self._tell(told, desk, replica, newest, stamp, stop_at), now)
            if told.post.area == EVERYWHERE:
                self._put_away(memory)  # else what it named would be told again, one by one, where a later one fails
        self._put_away(memory)
        self._tell_lapsed(desk)

    def _tell_lapsed(self, desk: Desk) -> None:
        for area in desk.lapsed:
            metrics.LAPSED.labels(self.channel).inc()
            log.warning("social.emergency_lapsed", account=self.account, area=area, why="it was over before there was any budget to tell it")

    def _put_away(self, memory: Memory) -> None:
        if memory.is_changed:
            self._drawer.keep(memory.changes(), memory.gone())
            memory.is_kept()

    def _tell(self, told: Told, desk: Desk, replica: Replica, newest: Mapping[AreaId, Written], stamp: Stamp, stop_at: datetime) -> datetime | None:
        post, now = told.post, self._clock.now()
        if now >= stop_at:
            return now
        written = newest.get(post.area)
        if written is None or written.is_folded or not post.is_named(written.post):
            texts = compose(post, name_of(replica.names, post.area), self._wordings, stamp.as_of or now, now, replica.names, self._form)
            post, written = self._write(post, texts, stamp, now)
            told = msgspec.structs.replace(told, post=post)
            if self._album is not None:
                self._album.draw(post, texts, written, replica, stamp.as_of or now, now)
        again = self._send(written, stop_at, emergency=post.emergency)
        if again is not None:
            return again
        named = frozenset(place.area for place in post.facts.places)
        changed = desk.out(told, self._announced.of(named) if named else {})
        changed.pop(post.area)  # it is remembered already, with the time at which it went out
        if changed:
            self._announced.say(changed)
        return told.again

    def _send(self, written: Written, stop_at: datetime, *, emergency: bool) -> datetime | None:
        """Send what may be sent of `written`; return when to go on with its area, None when all of it is out."""
        now = self._clock.now()
        if written.is_waiting:
            return now + self._ask_again
        if not written.is_open:
            return now + self._policy.cooldown  # these very facts were given up: something new has to happen
        return self._finish(written, stop_at, emergency=emergency)

    def _write(self, post: Post, texts: Mapping[str, str], stamp: Stamp, now: datetime) -> tuple[Post, Written]:
        rule = self._approvals.kinds.get(post.kind) or (self._approvals.marked if post.approval else None)
        written, folded = self._ledger.write(self.channel, self.account, post, texts, stamp.position, now, rule)
        if written.is_folded:  # it was to be said before, then something else was, and now it is again
            post = post.anew(now)
            written, folded = self._ledger.write(self.channel, self.account, post, texts, stamp.position, now, rule)
        if written.is_waiting:
            metrics.APPROVALS.labels("asked").inc()
            log.warning("approval.asked", post=post.id, account=self.account, what_to_do="surgecast approvals list")
        metrics.DELIVERIES.labels(self.channel, Outcome.FOLDED).inc(folded)
        return post, written

    def _finish(self, written: Written, stop_at: datetime, *, emergency: bool = False) -> datetime | None:
        """Send what is open of `written`; return when to go on with its area, None when all of it is out."""
        if self._clock.now() >= stop_at:
            return self._clock.now()
        again = self._sender.send(written, emergency=emergency)
        if again is not None:
            return again
        sent = self._ledger.newest(self.channel, self.account, [written.area])[written.area]
        if not sent.is_said:
            return self._clock.now() + self._policy.cooldown
        self._announced.say({sent.area: sent.said_when_sent()})
        return None

    def _tick(self) -> bool:
        """Call out, and give up, what has waited for people for too long; whether there was any."""
        ticked = self._ledger.tick(self._clock.now())
        for asked in ticked:
            verdict = asked.case.decisions[-1].verdict
            metrics.APPROVALS.labels(verdict).inc()
            log.warning(f"approval.{verdict}", approval=asked.number, post=asked.post, since=asked.case.asked_at.isoformat())
            if self._pager is not None:
                self._pager.call(asked)
        return bool(ticked)

    def _fold(self, written: Written, now: datetime) -> None:
        for delivery in written.deliveries:
            if delivery.is_open or delivery.is_waiting:
                self._ledger.mark(delivery.id, Outcome.FOLDED, now)
                metrics.DELIVERIES.labels(self.channel, Outcome.FOLDED).inc()


def _look_again(again: dict[AreaId, datetime], area: AreaId, at: datetime | None) -> None:
    """At `at`, or before."""
    if at is not None:
        again[area] = min(at, again.get(area, at))


def _look_again_at(again: dict[AreaId, datetime], told: Told, at: datetime | None, now: datetime) -> None:
    """At its area; and at those that a digest of emergencies names: at once where it is out."""
    _look_again(again, told.post.area, at)
    for area in told.held if told.post.facts.urgent else ():
        _look_again(again, area, at or now)


class ApprovalRules(Struct, frozen=True):
    """Which posts people approve first."""

    marked: Rule
    """Those that the policy marks, unless their kind has a rule of its own."""
    kinds: Mapping[Kind, Rule]


def approval_rules(settings: Settings) -> ApprovalRules:
    """What the settings say of approvals. Raises `ValueError` for a kind that isn't known."""
    marked = Rule(
        others=settings.approval_others, escalate=timedelta(seconds=settings.approval_escalate_s), expire=timedelta(seconds=settings.approval_expire_s)
    )
    kinds = {}
    for named in settings.approval_kinds:
        kind, _, others = named.partition(":")
        if kind not in list(Kind) or not (others or "1").isdecimal() or others == "0":
            raise ValueError(f"SURGECAST_APPROVAL_KINDS: {named!r} is neither a kind of post ({', '.join(Kind)}) nor one with a number, as in growth:1")
        kinds[Kind(kind)] = msgspec.structs.replace(marked, others=int(others)) if others else marked
    return ApprovalRules(marked, kinds)


def patience(settings: Settings) -> Patience:
    """The sender's waits."""
    return Patience(
        retry=timedelta(seconds=settings.social_retry_s),
        limited=timedelta(seconds=settings.social_limited_wait_s),
        refused=timedelta(seconds=settings.social_refused_wait_s),
        refusals_max=settings.social_refusals_max,
        expire=timedelta(seconds=settings.social_expire_s),
        listed=timedelta(seconds=settings.social_listed_after_s),
    )
