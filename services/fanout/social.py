"""The social channel: few posts, each worth it, each once. Decides area by area (kernel.planning), most urgent first, and never waits.

Whatever must wait (a cool-down, a limit, a service that is down) is a time at which its area falls due again. A text that is not
out yet when something newer is to be said is folded into it.
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
from services.kernel.ids import AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.planning.planner import plan
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Decision, Kind, Post, Said, urgency
from services.kernel.planning.tiers import Terms
from services.kernel.ports.budgets import Budgets
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Announced, Ledger, SocialFeed
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


class Accounts:
    """All accounts on one service, one after the other. Meets `fanout.channel.ChannelWorker`."""

    def __init__(self, channel: Channel, speakers: Sequence["SocialChannel"], run_max: timedelta, clock: Clock) -> None:
        """After `run_max` no further account begins: what is due stays due, and those that had no turn are the first in the next round."""
        self.channel, self._run_max, self._clock = channel, run_max, clock
        self._speakers = deque(speakers)

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Let each account look at the due areas; an area is due again when the first of them wants to look."""
        again: dict[AreaId, datetime] = {}
        stop_at = self._clock.now() + self._run_max
        for _ in range(len(self._speakers)):
            if self._clock.now() >= stop_at:
                return again | dict.fromkeys(work.due, self._clock.now())
            for area, at in self._speakers[0].run(replica, work, stamp).items():
                again[area] = min(at, again.get(area, at))
            self._speakers.rotate(-1)
        return again


class SocialChannel:
    """One account's voice. Meets `fanout.channel.ChannelWorker`."""

    def __init__(
        self,
        voice: Voice,
        ledger: Ledger,
        announced: Announced,
        budgets: Budgets,
        wordings: Mapping[Lang, Wording],
        settings: Settings,
        clock: Clock,
        policy: Policy | None = None,
    ) -> None:
        """Without a `policy` only what the settings know of is told."""
        self.channel, self._account, self._scope = voice.channel, voice.account, voice.scope
        self._ledger, self._announced, self._clock = ledger, announced, clock
        self._form = form_of(Service.X if voice.channel is Channel.SOCIAL else Service(voice.channel.value), settings)
        self._wordings = {lang: wordings[lang] for lang in voice.scope.languages}
        allowance = Allowance(budgets, voice.terms, self.channel, self._account, clock)
        self._sender = Sender(voice.feed, ledger, allowance, self.channel, self._account, patience(settings), clock, voice.album)
        self._policy = policy or classic(settings)
        self._album = voice.album
        self._approvals = approval_rules(settings)
        self._ask_again = timedelta(seconds=settings.social_retry_s)
        self._run_max = timedelta(seconds=settings.social_run_max_s)

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Look at each due area, post what is worth it, and return when to look again."""
        due = frozenset(filter(self._scope.concerns, work.due))
        if not due:
            return {}
        stop_at = self._clock.now() + self._run_max
        newest = self._ledger.newest(self.channel, self._account, due)
        if any(written.is_waiting for written in newest.values()) and self._tick():
            newest = self._ledger.newest(self.channel, self._account, due)
        said = self._recalled(newest, due)
        begun = [written for written in newest.values() if written.is_open and written.is_begun]
        again: dict[AreaId, datetime | None] = {}
        for written in sorted(begun, key=lambda written: written.created_at):
            again[written.area] = self._finish(written, stop_at) or self._clock.now()  # then plan anew, from what it said
        decisions = self._decide(replica, due - again.keys(), said, newest, again)
        for decision in decisions:
            again.update(self._act(decision, replica, newest, stamp, stop_at))
        return {area: at for area, at in again.items() if at is not None}

    def _recalled(self, newest: Mapping[AreaId, Written], due: frozenset[AreaId]) -> dict[AreaId, Said]:
        """What was said last: what is remembered, put right by the ledger where a crash came between the two, or the memory was lost."""
        said = self._announced.of(due)
        forgotten: dict[AreaId, Said] = {}
        for area, written in newest.items():
            if written.is_said and (area not in said or said[area].post != written.post):
                forgotten[area] = written.said_when_sent()
            elif area not in said and written.before is not None:
                forgotten[area] = written.before
        if forgotten:
            self._announced.say(forgotten)
        return said | forgotten

    def _decide(
        self, replica: Replica, areas: frozenset[AreaId], said: Mapping[AreaId, Said], newest: Mapping[AreaId, Written], again: dict[AreaId, datetime | None]
    ) -> list[Decision]:
        now = self._clock.now()
        decisions, amended = [], {}
        for area in areas:
            known = said.get(area)
            standing, missing = replica.standing(area) if known else None, replica.board.missing(area)
            decision = plan(known, replica.board.brief(area, replica.names), standing, self._policy, now, missing)
            if decision.said is not None and decision.said != known:
                amended[area] = decision.said
            if decision.post is not None:
                decisions.append(decision)
                continue
            again[area] = decision.again
            if area in newest:
                self._fold(newest[area], now)
        if amended:
            self._announced.say(amended)
        return sorted(decisions, key=lambda decision: urgency(decision.post) if decision.post else (0.0, ""))

    def _act(self, decision: Decision, replica: Replica, newest: Mapping[AreaId, Written], stamp: Stamp, stop_at: datetime) -> dict[AreaId, datetime | None]:
        post, now = decision.post, self._clock.now()
        if post is None:
            return {}
        if now >= stop_at:
            return {post.area: now}
        written = newest.get(post.area)
        stays = written is not None and written.asked and written.kind is post.kind and (written.is_waiting or written.is_open)
        if written is None or (written.post != post.id and not stays):  # in a storm numbers change faster than people can approve them
            texts = compose(post, name_of(replica.names, post.area), self._wordings, stamp.as_of or now, now, form=self._form)
            written = self._write(post, texts, stamp, now)
            if self._album is not None:
                self._album.draw(post, texts, written, replica, stamp.as_of or now, now)
        if written.is_waiting:
            return {post.area: now + self._ask_again}
        if not written.is_open:
            return {post.area: now + self._policy.cooldown}  # these very facts were given up: something new has to happen
        return {post.area: self._finish(written, stop_at, emergency=post.emergency) or decision.again}

    def _write(self, post: Post, texts: Mapping[str, str], stamp: Stamp, now: datetime) -> Written:
        rule = self._approvals.kinds.get(post.kind) or (self._approvals.marked if post.approval else None)
        written, folded = self._ledger.write(self.channel, self._account, post, texts, stamp.position, now, rule)
        if written.is_waiting:
            metrics.APPROVALS.labels("asked").inc()
            log.warning("approval.asked", post=post.id, account=self._account, what_to_do="surgecast approvals list")
        metrics.DELIVERIES.labels(self.channel, Outcome.FOLDED).inc(folded)
        return written

    def _finish(self, written: Written, stop_at: datetime, *, emergency: bool = False) -> datetime | None:
        """Send what is open of `written`; return when to go on with its area, None when all of it is out."""
        if self._clock.now() >= stop_at:
            return self._clock.now()
        again = self._sender.send(written, emergency=emergency)
        if again is not None:
            return again
        sent = self._ledger.newest(self.channel, self._account, [written.area])[written.area]
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
        return bool(ticked)

    def _fold(self, written: Written, now: datetime) -> None:
        for delivery in written.deliveries:
            if delivery.is_open or delivery.is_waiting:
                self._ledger.mark(delivery.id, Outcome.FOLDED, now)
                metrics.DELIVERIES.labels(self.channel, Outcome.FOLDED).inc()


def classic(settings: Settings) -> Policy:
    """What the settings alone say: neither quiet hours nor digests, and the kinds that need no more."""
    return Policy(
        announce_customers_min=settings.social_announce_customers_min,
        growth_factor=settings.social_growth_factor,
        cooldown=timedelta(seconds=settings.social_cooldown_s),
        estimate_shift=timedelta(seconds=settings.social_estimate_shift_s),
    )


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
    )
