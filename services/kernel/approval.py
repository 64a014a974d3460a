"""Three pairs of eyes: a message that waits until enough people have approved its very words, or until it is too late for them.

A case holds all that was done, oldest first; where it stands is always worked out from that. Pure.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec import Struct

PLANNER = "surgecast"
"""Who wrote a message that nobody edited, and who escalates. No person has that name."""


class Rule(Struct, frozen=True, kw_only=True):
    """What a kind of message needs."""

    others: int = 2
    """How many people beside its author must approve it."""
    escalate: timedelta
    """It is called out once it has waited for this long."""
    expire: timedelta
    """It is never sent once it has waited for this long."""


class Verdict(StrEnum):
    """What can be recorded about one version."""

    APPROVED = "approved"
    REJECTED = "rejected"
    BYPASSED = "bypassed"
    """An emergency: one person lets it go, and says why."""
    ESCALATED = "escalated"
    EXPIRED = "expired"


class Standing(StrEnum):
    """Where a case stands."""

    WAITING = "waiting"
    REJECTED = "rejected"
    """Somebody said no to these words: edited, they wait again."""
    APPROVED = "approved"
    BYPASSED = "bypassed"
    EXPIRED = "expired"


class Version(Struct, frozen=True):
    """The words, by language, at one time. Never changed: an edit is the next version."""

    number: int
    texts: Mapping[str, str]
    author: str
    at: datetime


class Decision(Struct, frozen=True):
    """What one person said about one version."""

    version: int
    verdict: Verdict
    by: str
    at: datetime
    reason: str = ""


class Case(Struct, frozen=True):
    """One message before the people who may let it go."""

    others: int
    escalates_at: datetime
    expires_at: datetime
    versions: tuple[Version, ...]
    decisions: tuple[Decision, ...] = ()

    @property
    def newest(self) -> Version:
        """The words that count."""
        return self.versions[-1]

    @property
    def asked_at(self) -> datetime:
        """When it began to wait. An edit changes nothing about that: what it tells is as old as before."""
        return self.versions[0].at

    @property
    def approvers(self) -> frozenset[str]:
        """Who approved the newest version, its author apart."""
        return frozenset(one.by for one in self._said(Verdict.APPROVED)) - {self.newest.author}

    @property
    def is_escalated(self) -> bool:
        """Whether it was called out."""
        return any(one.verdict is Verdict.ESCALATED for one in self.decisions)

    def standing(self, now: datetime) -> Standing:
        """Where it stands at `now`. A no outweighs whatever else was said of the same words."""
        if now >= self.expires_at or any(one.verdict is Verdict.EXPIRED for one in self.decisions):
            return Standing.EXPIRED
        if self._said(Verdict.REJECTED):
            return Standing.REJECTED
        if self._said(Verdict.BYPASSED):
            return Standing.BYPASSED
        return Standing.APPROVED if len(self.approvers) >= self.others else Standing.WAITING

    def may_send(self, lang: str, text: str, now: datetime) -> bool:
        """Whether exactly this text may go out in that language at `now`."""
        return self.newest.texts.get(lang) == text and self.standing(now) in (Standing.APPROVED, Standing.BYPASSED)

    def _said(self, verdict: Verdict) -> list[Decision]:
        return [one for one in self.decisions if one.verdict is verdict and one.version == self.newest.number]


class Say(Struct, frozen=True):
    """Somebody approves, rejects or bypasses the version that they have read."""

    verdict: Verdict
    by: str
    version: int
    reason: str = ""


class Edit(Struct, frozen=True):
    """Somebody gives the version that they have read other words, in some languages or all."""

    by: str
    version: int
    texts: Mapping[str, str]


Act = Say | Edit


class NotAllowed(Exception):
    """Why that can't be done: one sentence for whoever tried. Nothing was changed."""


def opened(texts: Mapping[str, str], rule: Rule, now: datetime, author: str = PLANNER) -> Case:
    """A new case. What needs nobody is approved from the start."""
    return Case(rule.others, now + rule.escalate, now + rule.expire, (Version(1, dict(texts), author, now),))


def step(case: Case, act: Act, now: datetime) -> Case:
    """`case` after `act`. Raises `NotAllowed`."""
    standing, newest = case.standing(now), case.newest
    if standing is Standing.EXPIRED:
        raise NotAllowed(f"It expired at {case.expires_at:%Y-%m-%d %H:%M:%S} UTC: what it tells is too old.")
    if act.version != newest.number:
        raise NotAllowed(f"Its words have changed: version {newest.number} is the newest, by {newest.author}. Read that one first.")
    if isinstance(act, Edit):
        return _edited(case, act, now)
    if any((one.by, one.verdict) == (act.by, act.verdict) for one in case.decisions if one.version == act.version):
        raise NotAllowed(f"{act.by} has {act.verdict} version {act.version} already: nobody counts twice.")
    if act.verdict is Verdict.APPROVED and act.by == newest.author:
        raise NotAllowed(f"{act.by} wrote version {act.version}: others must approve it.")
    if act.verdict in (Verdict.APPROVED, Verdict.BYPASSED) and standing is Standing.REJECTED:
        raise NotAllowed(f"Version {act.version} was rejected: edit it first.")
    if act.verdict in (Verdict.REJECTED, Verdict.BYPASSED) and not act.reason.strip():
        raise NotAllowed("Say why: the reason is kept.")
    if act.verdict in (Verdict.ESCALATED, Verdict.EXPIRED):
        raise NotAllowed("Only the clock does that.")
    return _with(case, Decision(act.version, act.verdict, act.by, now, act.reason.strip()))


def ticked(case: Case, now: datetime) -> Case:
    """`case` after what the clock alone does to it by `now`: the same one where that is nothing."""
    if any(one.verdict is Verdict.EXPIRED for one in case.decisions):
        return case
    if now >= case.expires_at:
        return _with(case, Decision(case.newest.number, Verdict.EXPIRED, PLANNER, now))
    if now >= case.escalates_at and not case.is_escalated and case.standing(now) is Standing.WAITING:
        return _with(case, Decision(case.newest.number, Verdict.ESCALATED, PLANNER, now))
    return case


def _edited(case: Case, act: Edit, now: datetime) -> Case:
    texts = {lang: text.strip() for lang, text in act.texts.items()}
    if unknown := sorted(set(texts) - set(case.newest.texts)):
        raise NotAllowed(f"It has no text in {', '.join(unknown)}.")
    if not all(texts.values()):
        raise NotAllowed("A text can't be empty.")
    words = {**case.newest.texts, **texts}
    if words == case.newest.texts:
        raise NotAllowed("Those are its words already.")
    return msgspec.structs.replace(case, versions=(*case.versions, Version(act.version + 1, words, act.by, now)))


def _with(case: Case, decision: Decision) -> Case:
    return msgspec.structs.replace(case, decisions=(*case.decisions, decision))
