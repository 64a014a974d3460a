"""One account's desk: what it holds back, and what it says next, the most urgent first. Memory, budget and clock are given to it; it does no I/O.

`look` decides; whoever sends then tells it by `out` what went out. What didn't is offered again at the next look, with the facts of then.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from msgspec import Struct

from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.planning.memory import Memory, Waiting, held, held_back, is_covered
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.planner import after, plan
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Decision, Kind, Post, Said, Tone, is_grave, urgency
from services.kernel.planning.spending import DUST, Choice, Cost, Left, Offer, Spending, Verdict, choose
from services.kernel.views import AreaBrief

PATIENCE = timedelta(minutes=15)
"""How long a message waits for budget before it is folded, and how soon it is looked at again."""


_CROWD = 4
"""Emergencies that come at once may take one part in so many of what is left; those that would take more are told together, which leaves room for the next."""


class Told(Struct, frozen=True):
    """One message that is to go out."""

    at: datetime
    post: Post
    left: tuple[Left, ...]
    """Of the budget, after it."""
    bid: float
    """What it had to be worth."""
    offered_at: datetime
    """When it was first worth telling."""
    held: tuple[AreaId, ...] = ()
    """Of a digest: the areas whose news were held back."""
    again: datetime | None = None
    """When to look at its area again once it is out."""


class Looked(Struct):
    """What a look came to."""

    at: datetime
    told: list[Told] = msgspec.field(default_factory=list)
    """What is to go out, in this order."""
    again: dict[AreaId, datetime] = msgspec.field(default_factory=dict)
    """When to look again at what doesn't."""
    silent: list[AreaId] = msgspec.field(default_factory=list)
    """Of these nothing is worth telling, whatever was before."""
    together: bool = False
    """Whether a digest of its emergencies is the first of what goes out."""
    asked: dict[AreaId, bool] = msgspec.field(default_factory=dict)
    """Of these people have the message, or have approved it; whether it is an emergency."""
    amended: dict[AreaId, Said] = msgspec.field(default_factory=dict)
    """What was said, with what has come to be since."""

    def look_again(self, area: AreaId, at: datetime) -> None:
        """At `at`, or before."""
        self.again[area] = min(at, self.again.get(area, at))


class Desk:
    """Plans the areas that are due, and spends the budget on them."""

    def __init__(self, policy: Policy, outlook: Outlook, budget: Spending, cost: Cost, memory: Memory, said: dict[AreaId, Said]) -> None:
        """`cost` is what each message takes; `said` is what was said of the areas that are looked at, and of `EVERYWHERE`."""
        self._policy, self._outlook, self._budget, self._cost = policy, outlook, budget, cost
        self._memory, self._said = memory, said
        self.lapsed: list[AreaId] = []
        """Emergencies that were no longer news before there was room for them, not even in a digest."""

    def untold(self) -> list[Waiting]:
        """What is worth telling, and waits."""
        return list(self._memory.waiting.values())

    def look(self, areas: Iterable[AreaId], now: datetime, asked: Mapping[AreaId, Kind] = {}) -> Looked:
        """Decide on `areas`, and on a digest where `EVERYWHERE` is among them. A message of that kind about an area of `asked` is with people."""
        looked, posts, digest_is_due = Looked(now), list[Post](), False
        for area in (due := frozenset(areas)):
            if area == EVERYWHERE:
                digest_is_due = True
            elif (decision := self._planned(area, looked)).post is None:
                looked.silent.append(area)
            elif asked.get(area) is decision.post.kind:
                looked.asked[area] = decision.post.emergency
            else:
                posts.append(decision.post)
        posts.sort(key=urgency)
        looked.together = not asked.get(EVERYWHERE) and self._together(posts, looked)
        for post in posts:
            self._offer(post, looked)
        if digest_is_due and asked.get(EVERYWHERE):
            looked.asked[EVERYWHERE] = any(waiting.emergency for waiting in self._held().values())
        elif digest_is_due and not looked.together:
            self._remind(due, looked)
            self._digest(looked)
        return looked

    def out(self, told: Told, named: Mapping[AreaId, Said] = {}) -> dict[AreaId, Said]:
        """`told` is out; gives what is now said. `named` is what was said of the places that a digest names, where it isn't among what the desk knows."""
        post = told.post
        now_said = {post.area: post.said}
        for place in post.facts.places:
            known = self._said.get(place.area) or named.get(place.area)
            if known is not None and not (known.over or known.owed):
                now_said[place.area] = msgspec.structs.replace(known, customers=place.customers.customers)
        self._said.update(now_said)
        if post.area != EVERYWHERE:
            self._memory.drop(post.area)
        return now_said

    @property
    def _digested_at(self) -> datetime | None:
        last = self._said.get(EVERYWHERE)
        return last.at if last else None

    def _brief(self, area: AreaId) -> AreaBrief:
        return self._outlook.brief(area, self._policy.safety_causes)

    def _planned(self, area: AreaId, looked: Looked) -> Decision:
        outlook, known = self._outlook, self._said.get(area)
        standing = outlook.standing(area) if known else None
        decision = plan(known, self._brief(area), standing, self._policy, looked.at, outlook.board.missing(area))
        if decision.said is not None and decision.said != known:
            self._said[area] = looked.amended[area] = decision.said
        if decision.post is None:
            self._drop(area)
            if decision.again is not None:
                looked.look_again(area, decision.again)
        return decision

    def _together(self, posts: list[Post], looked: Looked) -> bool:
        """Where there is not room for each emergency by itself, first of all a digest of them; whether there is one."""
        digests, waiting, digested_at = self._policy.digests, self._memory.waiting, self._digested_at
        urgent = [post for post in posts if post.emergency and not (post.area in waiting and is_covered(waiting[post.area], digested_at))]
        if digests is None or len(urgent) < digests.areas_min:
            return False
        lefts = self._budget.left(looked.at)
        room = min((int((left.left + DUST) / cost) for left in lefts if (cost := self._cost.under(left.limit))), default=len(urgent))
        if not 0 < room < len(urgent) * _CROWD:
            return False
        for post in urgent:
            self._memory.wait(post.area, held(self._note(post, looked.at), digested_at, looked.at))
        return self._digest(looked, at_once=True)

    def _note(self, post: Post, now: datetime) -> Waiting:
        """`post` is worth telling."""
        known = self._memory.waiting.get(post.area)
        if known is not None and (known.kind is not post.kind or self._was_told(post.area, known)):
            self._drop(post.area)
            known = None
        if known is None:
            self._memory.forecast.saw(post.value, self._cost, now)
            noted = _waiting(post, now)
        elif post.emergency and not known.emergency:
            noted = _waiting(post, now)  # it was never told as one, not in a digest either
        else:
            noted = msgspec.structs.replace(known, value=post.value, emergency=post.emergency, grave=is_grave(post))
        self._memory.wait(post.area, noted)
        return noted

    def _offer(self, post: Post, looked: Looked) -> None:
        noted, digests, now = self._note(post, looked.at), self._policy.digests, looked.at
        if noted.again > now:
            looked.look_again(post.area, noted.again)
            return
        covered = looked.together or is_covered(noted, self._digested_at)  # then it was told, and its own post takes no more than others do
        verdict = self._verdict(post, (self._policy.reserve, digests.share if digests else 0.0), now, emergency=post.emergency and not covered)
        if verdict.choice is Choice.NOW:
            self._tell(
                looked, post, verdict.bid, noted.since, again=after(post, self._brief(post.area), self._policy, now, self._outlook.board.missing(post.area))
            )
            return
        noted = msgspec.structs.replace(noted, again=min(verdict.until or now + PATIENCE, now + PATIENCE))
        looked.look_again(post.area, noted.again)
        if verdict.choice is Choice.FOLD and digests:
            noted = held(noted, self._digested_at, now)
            looked.look_again(EVERYWHERE, self._digest_at(now))
        self._memory.wait(post.area, noted)

    def _verdict(self, post: Post, reserves: tuple[float, ...], now: datetime, *, emergency: bool) -> Verdict:
        return choose(Offer(post.value, self._cost, emergency), self._budget.left(now), self._memory.forecast, reserves, PATIENCE, now)

    def _drop(self, area: AreaId) -> None:
        dropped = self._memory.drop(area)
        if dropped is not None and dropped.emergency and not (is_covered(dropped, self._digested_at) or self._was_told(area, dropped)):
            self.lapsed.append(area)

    def _was_told(self, area: AreaId, waiting: Waiting) -> bool:
        """Whether these news went out after all: begun by an earlier look, or by one that crashed before it could keep what it did."""
        said = self._said.get(area)
        return said is not None and said.kind is waiting.kind and said.at >= waiting.since

    def _tell(self, looked: Looked, post: Post, bid: float, since: datetime, held: tuple[AreaId, ...] = (), again: datetime | None = None) -> None:
        self._budget.spend(self._cost, looked.at)
        looked.told.append(Told(looked.at, post, self._budget.left(looked.at), bid, since, held, again))

    def _remind(self, due: frozenset[AreaId], looked: Looked) -> None:
        """Look at news whose turn was missed: what falls due was lost, and not what waits."""
        for area, waiting in self._memory.waiting.items():
            if area not in due and waiting.again + PATIENCE < looked.at:
                looked.look_again(area, looked.at)

    def _held(self) -> dict[AreaId, Waiting]:
        digested_at = self._digested_at
        return {area: waiting for area, waiting in sorted(self._memory.waiting.items()) if held_back(waiting, digested_at)}

    def _digest_at(self, now: datetime) -> datetime:
        """When the next digest may be, at the earliest."""
        digests, last = self._policy.digests, self._digested_at
        if digests is None:
            return now
        first = last or min((waiting.held_at for waiting in self._memory.waiting.values() if waiting.held_at), default=now)
        return max(now, first + digests.every)

    def _digest(self, looked: Looked, *, at_once: bool = False) -> bool:
        """All that was held back, told together; whether it is."""
        digests, waiting, now = self._policy.digests, self._held(), looked.at
        if digests is None or len(waiting) < digests.areas_min:
            looked.silent.append(EVERYWHERE)
            return False
        urgent = any(one.emergency for one in waiting.values())
        at = now if at_once else self._digest_at(now)
        if not urgent:
            at = max(at, self._policy.told_at(Kind.DIGEST, 0, at))
        if at > now:
            looked.look_again(EVERYWHERE, at)
            return False
        post = self._overview(digests.areas_max, waiting, now)
        known = self._said.get(EVERYWHERE)
        if known is not None and known.facts == post.said.facts:  # word for word the same: the service would refuse it, and it tells nothing
            looked.look_again(EVERYWHERE, now + digests.every)
            return False
        verdict = self._verdict(post, (self._policy.reserve,), now, emergency=post.emergency)
        if verdict.choice is not Choice.NOW:
            looked.look_again(EVERYWHERE, verdict.until or now + digests.every)
            return False
        self._tell(looked, post, verdict.bid, now, tuple(waiting))
        return True

    def _overview(self, places_max: int, waiting: Mapping[AreaId, Waiting], now: datetime) -> Post:
        known, worth, facts = self._said.get(EVERYWHERE), self._policy.worth[Kind.DIGEST], self._outlook.overall(places_max)
        out, best = facts.customers.customers, max(one.value for one in waiting.values())
        version = f"{known.post if known else ''}|{facts}"
        post_id = f"{EVERYWHERE}:{Kind.DIGEST}:{_short(version)}"
        return Post(
            id=post_id,
            area=EVERYWHERE,
            kind=Kind.DIGEST,
            reason=f"news of {len(waiting)} areas was held back",
            facts=facts,
            said=Said(post_id, post_id, Kind.DIGEST, now, out, turn=known.turn + 1 if known else 0, facts=_short(str(facts))),
            before=known,
            value=max(self._policy.value(Kind.DIGEST, out), best + 10 * math.log2(len(waiting))),
            emergency=worth.emergency or any(one.emergency for one in waiting.values()),
            approval=worth.approval,
            tone=Tone.PLAIN if any(one.grave for one in waiting.values()) else worth.tone,
        )


def _waiting(post: Post, now: datetime) -> Waiting:
    return Waiting(post.kind, post.value, post.emergency, since=now, again=now, grave=is_grave(post))


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
