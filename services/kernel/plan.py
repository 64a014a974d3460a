"""What is worth saying about an area on a channel whose posts are scarce: from what was said last and how things stand, to one post or silence.

A storm has thousands of changes a minute and an account a hundred posts a quarter of an hour. So an area is told when it becomes
news (many out, many more out), when it can be told when (an estimate, or one that was missed), and when the source itself has said
that all of it is restored (I5); never twice within the cool-down.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

import msgspec
from msgspec import Struct

from services.kernel.events import Cause, Status
from services.kernel.ids import AreaId
from services.kernel.views import AreaBrief, Count


class Kind(StrEnum):
    """Why a post is made; in the order in which they are sent when not all can be."""

    FIRST_REPORT = "first_report"
    GROWTH = "growth"
    RESTORED = "restored"
    MISSED = "estimate_missed"
    ESTIMATE = "estimate"


class Rules(Struct, frozen=True, kw_only=True):
    """How talkative an account is."""

    announce_customers_min: int
    """An area is told from this many customers out on."""
    growth_factor: float
    """It is told again once that many times the customers last told are out."""
    cooldown: timedelta
    """Least time between two posts about one area."""
    estimate_shift: timedelta
    """An estimate that moves by less is not told again."""


class Facts(Struct, frozen=True, omit_defaults=True):
    """What a post tells: an area's unplanned outages, as the public may see them (I8)."""

    outages: int = 0
    customers: Count = Count(0)
    estimate: datetime | None = None
    """By when all that have an estimate are expected to be over; it may have passed."""
    unestimated: int = 0
    """How many outages have none."""
    cause: Cause = Cause.UNKNOWN


class Said(Struct, frozen=True, omit_defaults=True):
    """What an account said last about an area, and what it still owes."""

    post: str
    """The id of the post."""
    thread: str
    """The id of the first report of these outages: what every later post about them answers."""
    kind: Kind
    at: datetime
    customers: int
    estimate: datetime | None = None
    missed: bool = False
    """It was told that the estimate has passed."""
    owed: bool = False
    """The source has since said that all is restored; the post waits for the cool-down."""
    over: bool = False
    """Told to be restored, or ended in a way that isn't told (cancelled): the next outages are a first report again."""


class Post(Struct, frozen=True):
    """One post to make, in every language."""

    id: str
    """Stable: planned again from the same facts after the same last post, it is the same."""
    area: AreaId
    kind: Kind
    reason: str
    """For the record: why now."""
    facts: Facts
    said: Said
    """What will have been said once it is out."""
    before: Said | None = None
    """What had been said until then."""


class Decision(Struct, frozen=True):
    """What to do about an area now."""

    post: Post | None = None
    said: Said | None = None
    """What to remember if nothing is posted; None where there is nothing to remember."""
    again: datetime | None = None
    """When to look again though nothing changes; None: when something does."""


def plan(said: Said | None, brief: AreaBrief, standing: Status | None, rules: Rules, now: datetime) -> Decision:
    """What to do about the area of `brief` at `now`, where `said` was said last and `standing` is how its newest outage stands.

    `standing` is ACTIVE with any outage open, CLEARING with none open but one missing from its source's picture, else what ended
    the last one, or None where that isn't known.
    """
    facts, known = facts_of(brief), _amended(said, brief, standing)
    free_at = now if known is None else max(now, known.at + rules.cooldown)
    news = _news(known, facts, rules, now)
    if news is None:
        return Decision(None, known, look_again(known, facts, now, free_at))
    if free_at > now:
        return Decision(None, known, free_at)
    kind, reason = news
    told = facts if kind is not Kind.MISSED or facts.estimate or known is None else msgspec.structs.replace(facts, estimate=known.estimate)
    return Decision(_post(brief.area, kind, reason, told, known, now), known, look_again(_after(kind, told, known, now, ""), facts, now, now + rules.cooldown))


def look_again(said: Said | None, facts: Facts, now: datetime, free_at: datetime) -> datetime | None:
    """When an estimate that was told will have passed, if that may be said by then."""
    if said is None or said.over or said.missed or said.estimate is None or not facts.outages:
        return None
    at = max(said.estimate, free_at)
    return at if at > now else None


def facts_of(brief: AreaBrief) -> Facts:
    """The unplanned side of `brief`; where planned work is mixed in, as far as the brief's largest outages show."""
    if not brief.planned:
        return Facts(brief.outages, brief.customers, brief.latest_estimate, brief.unestimated, brief.cause)
    rows = [row for row in brief.largest if not row.planned]
    estimates = [row.estimated_restoration for row in rows if row.estimated_restoration]
    return Facts(
        outages=brief.outages - brief.planned,
        customers=sum((Count(row.customers or 0, row.masked) for row in rows), Count(0)),
        estimate=max(estimates, default=None),
        unestimated=len(rows) - len(estimates),
        cause=next((row.cause for row in rows if row.cause is not Cause.UNKNOWN), Cause.UNKNOWN),
    )


def urgency(post: Post) -> tuple[int, int, str]:
    """Sorts posts: what can least be left unsaid comes first."""
    return list(Kind).index(post.kind), -post.facts.customers.customers, post.area


def _amended(said: Said | None, brief: AreaBrief, standing: Status | None) -> Said | None:
    """`said`, with what the end of the area's last outage changes about it."""
    if said is None or said.over:
        return said
    if brief.outages or standing in (Status.ACTIVE, Status.CLEARING):
        return msgspec.structs.replace(said, owed=False)
    if standing is Status.RESTORED:
        return msgspec.structs.replace(said, owed=True)
    if standing is None and said.owed:
        return said  # the source did say so; this process only came too late to hear it
    return msgspec.structs.replace(said, owed=False, over=True)


def _news(said: Said | None, facts: Facts, rules: Rules, now: datetime) -> tuple[Kind, str] | None:
    many = facts.customers.customers >= max(rules.announce_customers_min, 1)
    if said is None or said.over:
        return (Kind.FIRST_REPORT, f"at least {rules.announce_customers_min} customers are out") if facts.outages and many else None
    if said.owed:
        return Kind.RESTORED, "the source says that the last outage is restored"
    if not facts.outages:
        return None
    if many and facts.customers.customers > said.customers and facts.customers.customers >= said.customers * rules.growth_factor:
        return Kind.GROWTH, f"customers out grew by a factor of {rules.growth_factor:g} or more"
    return _estimate_news(said, facts, rules, now)


def _estimate_news(said: Said, facts: Facts, rules: Rules, now: datetime) -> tuple[Kind, str] | None:
    passed = said.estimate is not None and said.estimate <= now
    if facts.estimate is not None and facts.estimate > now:
        if said.estimate is None:
            return Kind.ESTIMATE, "an estimate was set"
        if passed or said.missed:
            return Kind.ESTIMATE, "a new estimate follows one that was missed"
        if abs(facts.estimate - said.estimate) >= rules.estimate_shift:
            return Kind.ESTIMATE, "the estimate has moved"
    elif passed and not said.missed:
        return Kind.MISSED, "the estimate has passed"
    return None


def _post(area: AreaId, kind: Kind, reason: str, facts: Facts, known: Said | None, now: datetime) -> Post:
    previous = known.post if known else ""
    version = f"{previous}|{facts.customers.customers}|{facts.customers.masked}|{facts.estimate and facts.estimate.timestamp()}"
    post_id = f"{area}:{kind}:{blake2b(version.encode(), digest_size=8).hexdigest()}"
    return Post(post_id, area, kind, reason, facts, _after(kind, facts, known, now, post_id), known)


def _after(kind: Kind, facts: Facts, known: Said | None, now: datetime, post_id: str) -> Said:
    thread = post_id if known is None or kind is Kind.FIRST_REPORT else known.thread
    if kind is Kind.RESTORED:
        return Said(post_id, thread, kind, now, 0, over=True)
    missed = facts.estimate is not None and facts.estimate <= now
    return Said(post_id, thread, kind, now, facts.customers.customers, facts.estimate, missed)
