"""One account's desk: what it has said, what it holds back, and what it says next. Board and clock are given to it; it does no I/O."""

import heapq
import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from msgspec import Struct

from services.kernel.areas import AreaName
from services.kernel.board import Board
from services.kernel.ids import AreaId
from services.kernel.planning.planner import plan
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import EVERYWHERE, Facts, Kind, Place, Post, Said, Tone, is_grave, urgency
from services.kernel.planning.spending import DUST, Choice, Cost, Forecast, Left, Offer, Purse, Verdict, choose
from services.kernel.views import Count

PATIENCE = timedelta(minutes=15)
"""How long a message waits for budget before it is folded, and how soon it is looked at again."""


class Told(Struct, frozen=True):
    """One message that goes out."""

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


class _Offered(Struct):
    """News that wait."""

    post: Post
    since: datetime
    again: datetime
    """Not offered again before that, as long as they are the same news."""


class Desk:
    """Plans the areas that are due, the most urgent first, and spends the purse on them."""

    def __init__(self, policy: Policy, board: Board, purse: Purse, cost: Cost, names: Mapping[AreaId, AreaName]) -> None:
        self._policy, self._board, self._purse, self._cost, self._names = policy, board, purse, cost, names
        self._said: dict[AreaId, Said] = {}
        self._held: dict[AreaId, Post] = {}
        self._offered: dict[AreaId, _Offered] = {}
        """What is worth telling and hasn't been told."""
        self._forecast = Forecast()
        self._due: dict[AreaId, datetime] = {}
        self._queue: list[tuple[datetime, AreaId]] = []
        self._digested_at: datetime | None = None
        self._overviewed: Facts | None = None
        self._covered: set[AreaId] = set()
        """Areas whose news are held back, and were part of a digest."""
        self.lapsed = 0
        """Emergencies that were no longer news before there was room for them, not even in a digest."""

    def untold(self) -> list[Post]:
        """What is worth telling, and waits."""
        return [offered.post for offered in self._offered.values()]

    def due(self, areas: Iterable[AreaId], at: datetime) -> None:
        """Look at `areas` at `at`, or before."""
        for area in areas:
            known = self._due.get(area)
            if known is None or at < known:
                self._due[area] = at
                heapq.heappush(self._queue, (at, area))

    def next_at(self) -> datetime | None:
        """When something is due."""
        while self._queue and self._due.get(self._queue[0][1]) != self._queue[0][0]:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def look(self, now: datetime) -> list[Told]:
        """Do what is due at `now`, and give what goes out."""
        digest_is_due, posts = False, []
        while (at := self.next_at()) is not None and at <= now:
            area = heapq.heappop(self._queue)[1]
            del self._due[area]
            if area == EVERYWHERE:
                digest_is_due = True
            elif (post := self._planned(area, now)) is not None:
                posts.append(post)
        posts.sort(key=urgency)
        told = self._together(posts, now)
        told += [one for post in posts if (one := self._offer(post, now)) is not None]
        digest = self._digest(now) if digest_is_due else None
        return [*told, digest] if digest else told

    def _together(self, posts: list[Post], now: datetime) -> list[Told]:
        """Where there is not room for each emergency by itself, first of all a digest of them."""
        urgent = [post for post in posts if post.emergency and post.area not in self._covered]
        room = min((int((left.left + DUST) / cost) for left in self._purse.left(now) if (cost := self._cost.under(left.limit))), default=len(urgent))
        digests = self._policy.digests
        if digests is None or len(urgent) < digests.areas_min or not 0 < room < len(urgent):
            return []
        for post in urgent:
            self._note(post, now)
            self._held[post.area] = post
        digest = self._digest(now)
        return [digest] if digest else []

    def _planned(self, area: AreaId, now: datetime) -> Post | None:
        board = self._board
        decision = plan(self._said.get(area), board.brief(area, self._names), board.standing(area), self._policy, now, board.missing(area))
        if decision.said is not None:
            self._said[area] = decision.said
        if decision.post is None:
            self._held.pop(area, None)
            self._drop(area)
        if decision.again is not None:
            self.due([area], decision.again)
        return decision.post

    def _note(self, post: Post, now: datetime) -> _Offered:
        """`post` is worth telling."""
        known = self._offered.get(post.area)
        if known is None or known.post.kind is not post.kind:
            self._drop(post.area)
            self._forecast.saw(post.value, self._cost, now)
            known = None
        same = known is not None and known.post.emergency == post.emergency
        self._offered[post.area] = _Offered(post, known.since if known and same else now, known.again if known and same else now)
        return self._offered[post.area]

    def _offer(self, post: Post, now: datetime) -> Told | None:
        offered, digests = self._note(post, now), self._policy.digests
        if offered.again > now:
            self.due([post.area], offered.again)
            if post.area in self._held:
                self._held[post.area] = post
            return None
        verdict = self._verdict(post, (self._policy.reserve, digests.share if digests else 0.0), now)
        if verdict.choice is Choice.NOW:
            self._said[post.area] = post.said
            self._held.pop(post.area, None)
            del self._offered[post.area]
            self._covered.discard(post.area)
            return self._told(post, verdict.bid, offered.since, now)
        offered.again = min(verdict.until or now + PATIENCE, now + PATIENCE)
        self.due([post.area], offered.again)
        if verdict.choice is Choice.FOLD and digests:
            self._held[post.area] = post
            self.due([EVERYWHERE], max(now, (self._digested_at or now) + digests.every))
        return None

    def _verdict(self, post: Post, reserves: tuple[float, ...], now: datetime) -> Verdict:
        return choose(Offer(post.value, self._cost, post.emergency), self._purse.left(now), self._forecast, reserves, PATIENCE, now)

    def _drop(self, area: AreaId) -> None:
        dropped = self._offered.pop(area, None)
        self.lapsed += dropped is not None and dropped.post.emergency and area not in self._covered
        self._covered.discard(area)

    def _told(self, post: Post, bid: float, offered_at: datetime, now: datetime, held: tuple[AreaId, ...] = ()) -> Told:
        self._purse.spend(self._cost, now)
        return Told(now, post, self._purse.left(now), bid, offered_at, held)

    def _digest(self, now: datetime) -> Told | None:
        """All that was held back, told together; or nothing yet."""
        digests = self._policy.digests
        if digests is None or len(self._held) < digests.areas_min:
            return None
        urgent = any(post.emergency for post in self._held.values())
        if not urgent and (at := self._policy.told_at(Kind.DIGEST, 0, now)) > now:
            self.due([EVERYWHERE], at)
            return None
        post = self._overview(digests.areas_max, now)
        if post.facts == self._overviewed:  # word for word the same: the service would refuse it, and it tells nothing
            self.due([EVERYWHERE], now + digests.every)
            return None
        verdict = self._verdict(post, (self._policy.reserve,), now)
        if verdict.choice is not Choice.NOW:
            self.due([EVERYWHERE], verdict.until or now + digests.every)
            return None
        held = tuple(sorted(self._held))
        self._said[EVERYWHERE], self._digested_at = post.said, now
        for place in post.facts.places:
            known = self._said.get(place.area)
            if known is not None and not (known.over or known.owed):
                self._said[place.area] = msgspec.structs.replace(known, customers=place.customers.customers)
        self._covered.update(held)
        self._overviewed = post.facts
        self._held.clear()
        return self._told(post, verdict.bid, now, now, held)

    def _overview(self, most: int, now: datetime) -> Post:
        totals, known, worth = self._board.totals(), self._said.get(EVERYWHERE), self._policy.worth[Kind.DIGEST]
        counts = ((sum((row.customers for row in rows.values()), Count(0)), area) for area, rows in self._board.by_area.items())
        worst = heapq.nsmallest(most, counts, key=lambda one: (-one[0].customers, one[1]))
        facts = Facts(totals.outages, totals.customers, places=tuple(Place(area, count) for count, area in worst if count.customers))
        version = f"{known.post if known else ''}|{facts}"
        post_id = f"{EVERYWHERE}:{Kind.DIGEST}:{blake2b(version.encode(), digest_size=8).hexdigest()}"
        best = max(post.value for post in self._held.values())
        return Post(
            id=post_id,
            area=EVERYWHERE,
            kind=Kind.DIGEST,
            reason=f"news of {len(self._held)} areas was held back",
            facts=facts,
            said=Said(post_id, post_id, Kind.DIGEST, now, totals.customers.customers, turn=known.turn + 1 if known else 0),
            before=known,
            value=max(self._policy.value(Kind.DIGEST, totals.customers.customers), best + 10 * math.log2(len(self._held))),
            emergency=worth.emergency or any(post.emergency for post in self._held.values()),
            approval=worth.approval,
            tone=Tone.PLAIN if any(map(is_grave, self._held.values())) else worth.tone,
        )
