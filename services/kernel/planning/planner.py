"""What is worth saying about an area on a channel whose posts are scarce: from what was said last and how things stand, to one post or silence.

A storm has thousands of changes a minute and an account a hundred posts a quarter of an hour. So an area is told when it becomes
news (many out, many more out), when it can be told when (an estimate, or one that was missed), when half have power again, and when the
source itself has said that all of it is restored (I5); never twice within the cool-down.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec import Struct

from services.kernel.events import Cause, Status
from services.kernel.ids import AreaId
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import GRAVE_CAUSES, UNTOLD_CAUSES, Decision, Facts, Kind, Post, Said, Tone
from services.kernel.views import AreaBrief, Count, OutageBrief


class News(Struct, frozen=True):
    """Something that may be worth a post."""

    kind: Kind
    reason: str
    facts: Facts


class _Scene(Struct, frozen=True):
    """How one area stands."""

    area: AreaId
    facts: Facts
    """Of its unplanned outages."""
    work: Facts
    """Of its planned work."""
    hazard: Cause | None
    """Why its outages have to do with safety."""
    clearing: int
    """Customers of outages that are missing from their source's picture: not out for sure, and not restored."""


def plan(said: Said | None, brief: AreaBrief, standing: Status | None, policy: Policy, now: datetime, clearing: int = 0) -> Decision:
    """What to do about the area of `brief` at `now`, where `said` was said last and `standing` is how its newest outage stands.

    `standing` is ACTIVE with any outage open, CLEARING with none open but one missing from its source's picture, else what ended
    the last one, or None where that isn't known. `clearing` is how many customers are in outages that are missing.
    """
    scene = _scene(brief, policy, clearing)
    known = _amended(said, scene, brief, standing, policy)
    news, again = _look(known, scene, policy, now)
    return Decision(None, known, again) if news is None else Decision(_post(scene, news, known, policy, now), known)


def after(post: Post, brief: AreaBrief, policy: Policy, now: datetime, clearing: int = 0) -> datetime | None:
    """When to look again at the area of `brief` once `post`, which was planned at `now`, is out."""
    following, again = _look(post.said, _scene(brief, policy, clearing), policy, now)
    return now if following else again


def _scene(brief: AreaBrief, policy: Policy, clearing: int) -> _Scene:
    return _Scene(brief.area, facts_of(brief), work_of(brief), _hazard(brief, policy), clearing)


def facts_of(brief: AreaBrief) -> Facts:
    """The unplanned side of `brief`; where planned work is mixed in, as far as the brief's largest outages show."""
    if not brief.planned:
        return Facts(brief.outages, brief.customers, brief.latest_estimate, brief.unestimated, brief.cause)
    return _facts([row for row in brief.largest if not row.planned], brief.outages - brief.planned)


def work_of(brief: AreaBrief) -> Facts:
    """The planned side of `brief`, as far as its largest outages show."""
    if not brief.planned:
        return Facts()
    rows = [row for row in brief.largest if row.planned]
    starts = [row.started_at for row in rows if row.started_at]
    return msgspec.structs.replace(_facts(rows, brief.planned), starts=min(starts, default=None))


def _facts(rows: list[OutageBrief], outages: int) -> Facts:
    estimates = [row.estimated_restoration for row in rows if row.estimated_restoration]
    return Facts(
        outages=outages,
        customers=sum((Count(row.customers or 0, row.masked) for row in rows), Count(0)),
        estimate=max(estimates, default=None),
        unestimated=len(rows) - len(estimates),
        cause=next((row.cause for row in rows if row.cause is not Cause.UNKNOWN), Cause.UNKNOWN),
    )


def _hazard(brief: AreaBrief, policy: Policy) -> Cause | None:
    """The first cause among the area's outages, the largest first, that is one of safety."""
    causes = (brief.cause, *(row.cause for row in brief.largest if not row.planned))
    return next((cause for cause in causes if cause in policy.safety_causes), None)


def _amended(said: Said | None, scene: _Scene, brief: AreaBrief, standing: Status | None, policy: Policy) -> Said | None:
    """`said`, with what has come to be since."""
    facts = scene.facts
    if said is not None and said.work and not brief.planned:
        said = msgspec.structs.replace(said, work=False)
    if said is None or said.over:
        return said
    ended = said.owed or said.ended
    if ended and next(_outbreaks(scene, policy), None):
        return msgspec.structs.replace(said, owed=False, ended=False, over=True)  # others have begun before it could be told that those had ended
    if brief.outages or standing in (Status.ACTIVE, Status.CLEARING):
        grave = said.grave or _hazard(brief, policy) is not None or facts.cause in GRAVE_CAUSES
        said = msgspec.structs.replace(said, owed=False, ended=ended, grave=grave)
        top = max(said.peak.customers, said.customers)
        if policy.has(Kind.HALF_RESTORED) and facts.customers.customers > top:
            return msgspec.structs.replace(said, peak=facts.customers, halved=False)
        return said
    if standing is Status.RESTORED:
        return msgspec.structs.replace(said, owed=True)
    if standing is None and said.owed:
        return said  # the source did say so; this process only came too late to hear it
    return msgspec.structs.replace(said, owed=False, over=True)


def _look(said: Said | None, scene: _Scene, policy: Policy, now: datetime) -> tuple[News | None, datetime | None]:
    """The first news that may be told now, or when to look again."""
    times = []
    for news in _news(said, scene, policy, now):
        if not policy.has(news.kind):
            continue
        reach = _reach(news, said)
        free_at = now if said is None or _is_fresh(said, news.kind) else max(now, said.at + policy.rest(news.kind, reach))
        at = policy.told_at(news.kind, reach, free_at)
        if at <= now:
            return news, None
        times.append(at)
    if (passes := _passes(said, scene.facts, policy, now)) is not None:
        times.append(passes)
    return None, min(times, default=None)


def _is_fresh(said: Said, kind: Kind) -> bool:
    """News of an outage doesn't wait for what was told of planned work."""
    return said.kind is Kind.PLANNED and kind in (Kind.SAFETY, Kind.FIRST_REPORT)


def _passes(said: Said | None, facts: Facts, policy: Policy, now: datetime) -> datetime | None:
    """When an estimate that was told will have passed, if that may be said by then."""
    if said is None or said.over or said.missed or said.estimate is None or not facts.outages or not policy.has(Kind.MISSED):
        return None
    at = max(said.estimate, said.at + policy.rest(Kind.MISSED))
    return at if at > now else None


def _news(said: Said | None, scene: _Scene, policy: Policy, now: datetime) -> Iterator[News]:
    """All that is new about an area, the most important first."""
    if said is None or said.over:
        yield from _beginnings(said, scene, policy)
    elif said.owed:
        yield News(Kind.RESTORED, "the source says that the last outage is restored", Facts())
    elif scene.facts.outages:
        yield from _updates(said, scene, policy, now)


def _beginnings(said: Said | None, scene: _Scene, policy: Policy) -> Iterator[News]:
    yield from _outbreaks(scene, policy)
    if scene.work.customers.customers >= max(policy.planned_customers_min, 1) and not (said and said.work):
        yield News(Kind.PLANNED, f"planned work concerns at least {policy.planned_customers_min} customers", scene.work)


def _outbreaks(scene: _Scene, policy: Policy) -> Iterator[News]:
    facts, out = scene.facts, scene.facts.customers.customers
    if facts.outages and scene.hazard and out >= policy.safety_customers_min:
        yield News(Kind.SAFETY, f"it is a matter of safety ({scene.hazard})", msgspec.structs.replace(facts, cause=scene.hazard))
    if facts.outages and out >= max(policy.announce_customers_min, 1):
        yield News(Kind.FIRST_REPORT, f"at least {policy.announce_customers_min} customers are out", facts)


def _updates(said: Said, scene: _Scene, policy: Policy, now: datetime) -> Iterator[News]:
    facts, out = scene.facts, scene.facts.customers.customers
    if scene.hazard and not said.warned and out >= policy.safety_customers_min:
        yield News(Kind.SAFETY, f"it is a matter of safety ({scene.hazard})", msgspec.structs.replace(facts, cause=scene.hazard))
    if out >= max(policy.announce_customers_min, 1) and out > said.customers and out >= said.customers * policy.growth_factor:
        yield News(Kind.GROWTH, f"customers out grew by a factor of {policy.growth_factor:g} or more", facts)
    estimate = _estimate_news(said, facts, policy, now)
    if estimate and estimate.kind is Kind.MISSED:
        yield estimate
    peak = said.peak if said.peak.customers >= said.customers else Count(said.customers)
    if not said.halved and peak.customers >= max(policy.announce_customers_min, 1) and (out + scene.clearing) * 2 <= peak.customers:
        yield News(Kind.HALF_RESTORED, "half of those that were out at once are no longer", msgspec.structs.replace(facts, peak=peak))
    if estimate and estimate.kind is Kind.ESTIMATE:
        yield estimate
    if facts.cause not in UNTOLD_CAUSES and said.cause in UNTOLD_CAUSES:
        yield News(Kind.CAUSE, "the cause is known", facts)


def _estimate_news(said: Said, facts: Facts, policy: Policy, now: datetime) -> News | None:
    passed = said.estimate is not None and said.estimate <= now
    if facts.estimate is not None and facts.estimate > now:
        if said.estimate is None:
            return News(Kind.ESTIMATE, "an estimate was set", facts)
        if passed or said.missed:
            return News(Kind.ESTIMATE, "a new estimate follows one that was missed", facts)
        if abs(facts.estimate - said.estimate) >= policy.estimate_shift:
            return News(Kind.ESTIMATE, "the estimate has moved", facts)
    elif passed and not said.missed:
        told = facts if facts.estimate else msgspec.structs.replace(facts, estimate=said.estimate)
        return News(Kind.MISSED, "the estimate has passed", told)
    return None


def _reach(news: News, said: Said | None) -> int:
    """How many customers care to hear it: also those who had no power."""
    before = max(said.peak.customers, said.customers) if news.kind in (Kind.RESTORED, Kind.HALF_RESTORED) and said else 0
    return max(before, news.facts.customers.customers)


def _post(scene: _Scene, news: News, known: Said | None, policy: Policy, now: datetime) -> Post:
    kind, facts, reach = news.kind, news.facts, _reach(news, known)
    version = f"{known.post if known else ''}|{facts.customers.customers}|{facts.customers.masked}|{facts.estimate and facts.estimate.timestamp()}"
    if kind in (Kind.CAUSE, Kind.SAFETY):
        version += f"|{facts.cause}"
    post_id = f"{scene.area}:{kind}:{blake2b(version.encode(), digest_size=8).hexdigest()}"
    worth = policy.worth[kind]
    return Post(
        id=post_id,
        area=scene.area,
        kind=kind,
        reason=news.reason,
        facts=facts,
        said=_after(kind, facts, known, now, post_id),
        before=known,
        value=policy.value(kind, reach),
        emergency=policy.is_emergency(kind, reach),
        approval=worth.approval,
        tone=Tone.PLAIN if scene.hazard else worth.tone,
    )


def _after(kind: Kind, facts: Facts, known: Said | None, now: datetime, post_id: str) -> Said:
    begins, work = known is None or known.over, known is not None and known.work
    thread = post_id if known is None or begins else known.thread
    turn = known.turn + 1 if known else 0
    if kind is Kind.RESTORED:
        return Said(post_id, thread, kind, now, 0, over=True, work=work, turn=turn)
    if kind is Kind.PLANNED:
        return Said(post_id, thread, kind, now, 0, over=True, work=True, turn=turn)
    before = None if begins else known
    top = before.peak if before and before.peak.customers > facts.customers.customers else facts.customers
    if before and before.customers > top.customers:
        top = Count(before.customers)
    return Said(
        post=post_id,
        thread=thread,
        kind=kind,
        at=now,
        customers=facts.customers.customers,
        estimate=facts.estimate,
        missed=facts.estimate is not None and facts.estimate <= now,
        cause=before.cause if before and facts.cause in UNTOLD_CAUSES else facts.cause,
        warned=kind is Kind.SAFETY or bool(before and before.warned),
        peak=top,
        halved=kind is Kind.HALF_RESTORED or bool(before and before.halved),
        work=work,
        turn=turn,
        grave=bool(before and before.grave) or facts.cause in GRAVE_CAUSES or kind is Kind.SAFETY,
    )
