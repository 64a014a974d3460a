"""One account's desk: what it holds back, and what it says next, the most urgent first. Memory, budget and clock are given to it; it does no I/O.

`look` decides; whoever sends then tells it by `out` what went out. What didn't is offered again at the next look, with the facts of then.
"""

import math
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from msgspec import Struct

from services.kernel import forms
from services.kernel.areas import name_of
from services.kernel.events import Cause
from services.kernel.ids import EVERYWHERE, UNPLACED, AreaId
from services.kernel.messages import LANGS
from services.kernel.planning.memory import Memory, Waiting, held, held_back, is_covered
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.planner import after, plan
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Decision, Facts, Kind, Place, Post, Said, Tone, is_grave, urgency
from services.kernel.planning.spending import DUST, Choice, Cost, Left, Offer, Spending, Verdict, choose
from services.kernel.views import AreaBrief, Count

PATIENCE = timedelta(minutes=15)
"""How long a message waits for budget before it is folded, and how soon it is looked at again."""


_CROWD = 4
"""Emergencies that come at once may take one part in so many of what is left; those that would take more are told together, which leaves room for the next."""
PLACES_LENGTH_MAX = 120
"""Of a digest of emergencies, as X counts, where posts are shortest: what is named is told whole on every service, whatever else the post tells."""
_BETWEEN, _ABOUT = 2, len("fewer than ")
"""What a name in a list takes besides itself, and a count that is masked besides its number."""


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
    """Of a digest: the areas whose news were held back. Those of emergencies (`Facts.urgent`) are to be looked at again once it is out, or can't be."""
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
        posts.sort(key=lambda post: (not self._is_unheard(post), urgency(post)))
        together = frozenset[AreaId]() if asked.get(EVERYWHERE) else self._together(posts, looked)
        for post in posts:
            if post.area not in together:
                self._offer(post, looked)
        if digest_is_due and asked.get(EVERYWHERE):
            looked.asked[EVERYWHERE] = any(map(_is_unheard, self._held().values()))
        elif digest_is_due and not together:
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
        elif post.facts.urgent:
            self._cover(post.facts.places)
        return now_said

    def _cover(self, places: Iterable[Place]) -> None:
        """A digest of emergencies names these: those by themselves can wait for whatever nobody has heard of."""
        for place in places:
            if (waiting := self._memory.waiting.get(place.area)) is not None:
                self._memory.wait(place.area, msgspec.structs.replace(waiting, covered=True))

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
            if not outlook.board.missing(area):  # what one picture lacks is often back in the next: it is the same news, and may have been named
                self._drop(area)
            if decision.again is not None:
                looked.look_again(area, decision.again)
        return decision

    def _together(self, posts: list[Post], looked: Looked) -> frozenset[AreaId]:
        """Where emergencies come many at once, first of all digests that name them, as many as it takes; gives the areas that they name."""
        digests, known, together = self._policy.digests, self._said.get(EVERYWHERE), set[AreaId]()
        urgent = [post for post in posts if self._is_unheard(post) and post.area != UNPLACED]
        if digests is None or len(urgent) < digests.areas_min:
            return frozenset()
        while len(urgent) >= digests.areas_min and 0 < self._room(looked.at) < len(urgent) * _CROWD:
            named = self._nameable(urgent)
            post = self._digest_post(self._urgent(named), {one.area: self._note(one, looked.at) for one in named}, known, looked.at)
            self._tell(looked, post, 0.0, looked.at, tuple(one.area for one in named))
            together.update(one.area for one in named)
            urgent, known = [one for one in urgent if one.area not in together], post.said
            if post.approval:
                break  # people look at one at a time
        return frozenset(together)

    def _is_unheard(self, post: Post) -> bool:
        """Whether it is an emergency that no digest has named."""
        waiting = self._memory.waiting.get(post.area)
        return post.emergency and not (waiting is not None and waiting.emergency and is_covered(waiting, self._digested_at))

    def _room(self, now: datetime) -> int:
        """For how many messages, emergencies, there is budget."""
        lefts = ((left.left, self._cost.under(left.limit)) for left in self._budget.left(now))
        return min((int((left + DUST) / cost) for left, cost in lefts if cost), default=sys.maxsize)

    def _nameable(self, urgent: list[Post]) -> list[Post]:
        """Of `urgent`, as many of the first one's sort as one digest has room to name: matters of safety by name only, others with their numbers."""
        safety, room, named = urgent[0].kind is Kind.SAFETY, PLACES_LENGTH_MAX, list[Post]()
        for post in (one for one in urgent if (one.kind is Kind.SAFETY) is safety):
            name = name_of(self._outlook.names, post.area)
            room -= max(forms.X.length(forms.X.plain(name.called(lang))) for lang in LANGS) + _BETWEEN
            room -= 0 if safety else _numbered(post.facts.customers)
            if named and room < 0:
                break
            named.append(post)
        return named

    def _urgent(self, named: list[Post]) -> Facts:
        cause = Cause.SAFETY if named[0].kind is Kind.SAFETY else Cause.UNKNOWN
        places = tuple(Place(post.area, post.facts.customers) for post in named)
        return msgspec.structs.replace(self._outlook.overall(0), places=places, cause=cause, urgent=True)

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
        unheard = self._is_unheard(post)
        noted, digests, now = self._note(post, looked.at), self._policy.digests, looked.at
        if noted.again > now:
            looked.look_again(post.area, noted.again)
            return
        verdict = self._verdict(post, (self._policy.reserve, digests.share if digests else 0.0), now, emergency=unheard)
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

    def _digest(self, looked: Looked) -> bool:
        """All that was held back, told together; whether it is."""
        digests, waiting, now = self._policy.digests, self._held(), looked.at
        if digests is None or len(waiting) < digests.areas_min:
            looked.silent.append(EVERYWHERE)
            return False
        at = self._digest_at(now)
        if not any(map(_is_unheard, waiting.values())):
            at = max(at, self._policy.told_at(Kind.DIGEST, 0, at))
        if at > now:
            looked.look_again(EVERYWHERE, at)
            return False
        known = self._said.get(EVERYWHERE)
        post = self._digest_post(self._outlook.overall(digests.areas_max), waiting, known, now)
        if known is not None and known.facts == post.said.facts:  # word for word the same: the service would refuse it, and it tells nothing
            looked.look_again(EVERYWHERE, now + digests.every)
            return False
        verdict = self._verdict(post, (self._policy.reserve,), now, emergency=post.emergency)
        if verdict.choice is not Choice.NOW:
            looked.look_again(EVERYWHERE, verdict.until or now + digests.every)
            return False
        self._tell(looked, post, verdict.bid, now, tuple(waiting))
        return True

    def _digest_post(self, facts: Facts, waiting: Mapping[AreaId, Waiting], known: Said | None, now: datetime) -> Post:
        worth, out, best = self._policy.worth[Kind.DIGEST], facts.customers.customers, max(one.value for one in waiting.values())
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
            emergency=worth.emergency or any(_is_unheard(one) for one in waiting.values()),
            approval=worth.approval,
            tone=Tone.PLAIN if any(one.grave for one in waiting.values()) else worth.tone,
        )


def _is_unheard(waiting: Waiting) -> bool:
    """Of what no digest has told yet, whether it is an emergency."""
    return waiting.emergency and not waiting.covered


def _waiting(post: Post, now: datetime) -> Waiting:
    return Waiting(post.kind, post.value, post.emergency, since=now, again=now, grave=is_grave(post))


def _numbered(customers: Count) -> int:
    """How long it is behind a place's name, in the longer of our languages."""
    return len(f" ({customers.customers:,} customers)") + (_ABOUT if customers.masked else 0)


def _short(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()
