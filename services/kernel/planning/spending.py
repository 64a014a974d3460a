"""What to buy with an account's budget: each message now, later, or folded into a digest.

Bid-price control, as airlines sell seats (Talluri and van Ryzin, The Theory and Practice of Revenue Management, 2004): a limit's bid price is the value
that a message must have so that it fits into what is left beside those worth more, which are to be expected until the limit gives something back. Those of
the last value that fits at all are spread over that time. What is kept back as a reserve only emergencies may spend.
"""

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Protocol

import msgspec
from msgspec import Struct

_LN2 = math.log(2)
DUST = 1e-9
"""Of a dollar: what adding up cents may be off by."""
_STEPS_A_POINT = 20
"""How finely values are told apart: 5 % more or fewer customers are alike."""
_FORGOTTEN = 1e-3
_GROWN_MAX, _EXPONENT_MAX = 1e6, 500.0
_TOGETHER = timedelta(seconds=30)
"""What is spent within this is remembered together, and comes back with the last of it."""
_STEPS = 8
"""So many of the next posts are told to come back one by one, and the others in about so many steps: each a little late, never early."""


class Limit(Struct, frozen=True):
    """So much in any stretch of time of that length."""

    window: timedelta
    most: float
    """Posts, or dollars."""
    money: bool = False


class Cost(Struct, frozen=True):
    """What one message takes: a post a language, and money."""

    posts: int
    dollars: float = 0.0

    def under(self, limit: Limit) -> float:
        """What it takes of `limit`."""
        return self.dollars if limit.money else self.posts


class Left(Struct, frozen=True):
    """What an account has left of one limit."""

    limit: Limit
    left: float
    back: tuple[tuple[datetime, float], ...] = ()
    """What comes back, and when, the earliest first. A window that begins anew all at once gives all back at that moment."""
    spent_at: datetime | None = None
    """When something was last spent of it."""

    def free_at(self, amount: float, now: datetime) -> datetime | None:
        """From when on `amount` is left; None where the limit is never as much."""
        have = self.left + DUST
        if have >= amount:
            return now
        for at, returned in self.back:
            have += returned
            if have >= amount:
                return max(at, now)
        return None


class Offer(Struct, frozen=True):
    """A message that could go now."""

    value: float
    cost: Cost
    emergency: bool = False


class Choice(StrEnum):
    """What to do with it."""

    NOW = "now"
    WAIT = "wait"
    FOLD = "fold"


class Verdict(Struct, frozen=True):
    """What to do with one message, and why."""

    choice: Choice
    bid: float
    """What a message had to be worth."""
    until: datetime | None = None
    """When to ask again, where it doesn't go now; None: never, since no budget is as large."""


class Expected(Struct, frozen=True):
    """What is to be expected from one moment on."""

    steps: Sequence[int] = ()
    """The values seen, in twentieths, the highest first, each as its negative: they ascend."""
    above: Sequence[float] = (0.0,)
    """Of each, and of whatever is less: the weight of what is worth more."""
    rate: float = 0.0
    """Posts a second, for a weight of 1."""

    def worth_more(self, value: float) -> float:
        """Posts a second that are worth more than `value`."""
        return self.above[bisect_left(self.steps, -_step(value))] * self.rate

    def worth_as_much(self, value: float) -> float:
        """Posts a second that are worth `value` or more."""
        return self.above[bisect_right(self.steps, -_step(value))] * self.rate

    def price(self, most: float) -> float:
        """The least value that has no more than `most` posts a second above it."""
        if most < 0:
            return math.inf
        at = bisect_right(self.above, most / self.rate) - 1 if self.rate else len(self.steps)
        return 0.0 if at == len(self.steps) else -self.steps[at] / _STEPS_A_POINT


class Seen(Struct, frozen=True, omit_defaults=True):
    """What a forecast is made from."""

    epoch: datetime | None = None
    weights: Mapping[int, float] = {}
    """Posts, by what they were worth in twentieths, as of the epoch: all of them fade alike, so that only their sum's rate has to."""


NOTHING_SEEN = Seen()


class Forecast:
    """What messages were worth that came lately, and so how many of what value are to be expected.

    What is older weighs less: half, after each `half_life`. A storm does not go on for ever either: `seconds` says for how long as it is now.
    """

    def __init__(self, seen: Seen = NOTHING_SEEN, half_life: timedelta = timedelta(hours=2), storm: timedelta = timedelta(hours=6)) -> None:
        """`storm`: after that time half as much is to be expected."""
        self._decay, self._storm = _LN2 / half_life.total_seconds(), _LN2 / storm.total_seconds()
        self._epoch, self._weights = seen.epoch, dict(seen.weights)
        self._known: Expected | None = None

    @property
    def seen(self) -> Seen:
        """What another forecast can go on from."""
        return Seen(self._epoch, dict(self._weights))

    def saw(self, value: float, cost: Cost, at: datetime) -> None:
        """A message of that value came at `at`. Called once for each, whatever became of it."""
        grown = self._grown(at)
        if self._epoch is None or grown > _GROWN_MAX:
            kept = {step: weight / grown for step, weight in self._weights.items()}
            self._weights = {step: weight for step, weight in kept.items() if weight >= _FORGOTTEN}
            self._epoch, grown = at, 1.0
        step = _step(value)
        self._weights[step] = self._weights.get(step, 0.0) + cost.posts * grown
        self._known = None

    def _grown(self, now: datetime) -> float:
        """How much more what comes now weighs than what came at the epoch."""
        return math.exp(min(self._decay * (now - self._epoch).total_seconds(), _EXPONENT_MAX)) if self._epoch else 1.0

    def expected(self, now: datetime) -> Expected:
        """As of `now`."""
        if self._known is None:
            steps = sorted(self._weights, reverse=True)
            self._known = Expected([-step for step in steps], [0.0, *accumulate(self._weights[step] for step in steps)])
        return Expected(self._known.steps, self._known.above, self._decay / self._grown(now))

    def seconds(self, span: timedelta) -> float:
        """As long as this what is seen now would have to go on for as much as is to be expected within `span`."""
        return -math.expm1(-self._storm * span.total_seconds()) / self._storm


def _step(value: float) -> int:
    return math.floor(value * _STEPS_A_POINT)


class _Spent:
    """What was spent of one limit, and is not back yet."""

    def __init__(self) -> None:
        self.entries: deque[tuple[datetime, datetime, float]] = deque()
        """When it began, when the last of it was spent, and how much."""
        self.sum = 0.0
        self.back: tuple[tuple[datetime, float], ...] | None = None

    def add(self, now: datetime, amount: float, together: timedelta) -> None:
        if self.entries and now - self.entries[-1][0] < together:
            began, _, before = self.entries.pop()
            self.entries.append((began, now, before + amount))
        else:
            self.entries.append((now, now, amount))
        self.sum, self.back = self.sum + amount, None

    def forget(self, until: datetime) -> None:
        while self.entries and self.entries[0][1] <= until:
            self.sum, self.back = self.sum - self.entries.popleft()[2], None
        if not self.entries:
            self.sum = 0.0  # and no dust of a cent is left over from adding up


class Spending(Protocol):
    """What an account has left, and what is decided to be spent of it."""

    def left(self, now: datetime) -> tuple[Left, ...]:
        """Of each limit."""
        ...

    def spend(self, cost: Cost, now: datetime) -> None:
        """`cost` is spent."""
        ...


class Remainder:
    """What was left of an account's limits at one moment, less what is decided to be spent since. Meets `Spending`."""

    def __init__(self, lefts: Iterable[Left]) -> None:
        self._lefts = tuple(lefts)

    def left(self, now: datetime) -> tuple[Left, ...]:
        """Of each limit."""
        return self._lefts

    def spend(self, cost: Cost, now: datetime) -> None:
        """`cost` is spent."""
        self._lefts = tuple(_less(left, cost.under(left.limit), now) for left in self._lefts)


def _less(left: Left, amount: float, now: datetime) -> Left:
    if not amount:
        return left
    return msgspec.structs.replace(left, left=left.left - amount, back=(*left.back, (now + left.limit.window, amount)), spent_at=now)


class Purse:
    """What one account has spent, and so what it has left, of each limit in any stretch of time. `now` only ever grows. Meets `Spending`."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._spent = {limit: _Spent() for limit in limits}

    def left(self, now: datetime) -> tuple[Left, ...]:
        """Of each limit."""
        return tuple(_left(limit, spent, now) for limit, spent in self._spent.items())

    def spend(self, cost: Cost, now: datetime) -> None:
        """`cost` is spent."""
        for limit, spent in self._spent.items():
            if amount := cost.under(limit):
                spent.add(now, amount, min(_TOGETHER, limit.window / 100))


def _left(limit: Limit, spent: _Spent, now: datetime) -> Left:
    spent.forget(now - limit.window)
    if spent.back is None:
        spent.back = stepped(limit, spent.entries)
    return Left(limit, limit.most - spent.sum, spent.back, spent.entries[-1][1] if spent.entries else None)


def stepped(limit: Limit, spent: Iterable[tuple[datetime, datetime, float]]) -> tuple[tuple[datetime, float], ...]:
    """What comes back of what was `spent` (when that began, when it ended, how much; in that order): first one by one, so that whoever waits is not kept."""
    exact: list[tuple[datetime, float]] = []
    steps: list[tuple[datetime, float]] = []
    stretch, began = limit.window / _STEPS, datetime.max.replace(tzinfo=UTC)
    for first, last, amount in spent:
        if len(exact) < _STEPS:
            exact.append((last + limit.window, amount))
        elif not steps or first - began > stretch:
            began = first
            steps.append((last + limit.window, amount))
        else:
            steps[-1] = last + limit.window, steps[-1][1] + amount
    return (*exact, *steps)


def choose(offer: Offer, lefts: Sequence[Left], forecast: Forecast, reserves: Sequence[float], patience: timedelta, now: datetime) -> Verdict:
    """What to do with `offer` now, where `reserves` are the shares of each limit that are kept back for others than it. Emergencies may spend them all.

    What may go within `patience` waits for it; what may not is folded. An emergency is never folded: it goes as soon as any budget has room.
    """
    kept = () if offer.emergency else reserves
    free = [left.free_at(needed(offer.cost, left.limit, kept), now) for left in lefts]
    if any(at is None for at in free):
        return Verdict(Choice.WAIT if offer.emergency else Choice.FOLD, math.inf)
    until = max((at for at in free if at), default=now)
    if offer.emergency:
        return Verdict(Choice.NOW if until <= now else Choice.WAIT, 0.0, until if until > now else None)
    if until > now:
        return _later(0.0, until, patience, now)
    expected = forecast.expected(now)
    bid = 0.0
    for left in lefts:
        if offer.cost.under(left.limit):
            price, at = _asked(left, offer, expected, forecast, _kept(offer.cost, left.limit, reserves), now)
            bid, until = max(bid, price), max(until, at)
            if offer.value < bid:
                return Verdict(Choice.FOLD, bid, now + patience)
    return _later(bid, until, patience, now) if until > now else Verdict(Choice.NOW, bid)


def _later(bid: float, until: datetime, patience: timedelta, now: datetime) -> Verdict:
    return Verdict(Choice.WAIT if until - now <= patience else Choice.FOLD, bid, until)


def _kept(cost: Cost, limit: Limit, reserves: Sequence[float]) -> float:
    """Of a small limit, each at least what one message takes."""
    return sum(max(share * limit.most, cost.under(limit)) for share in reserves if share)


def needed(cost: Cost, limit: Limit, reserves: Sequence[float]) -> float:
    """How much has to be left of `limit` before `cost` may be taken, where those shares of it are kept back."""
    amount = cost.under(limit)
    return amount + _kept(cost, limit, reserves) if amount else -math.inf


def _asked(left: Left, offer: Offer, expected: Expected, forecast: Forecast, kept: float, now: datetime) -> tuple[float, datetime]:
    """What one limit asks of an offer: the bid price, and how long to wait where those worth as much do not all fit.

    Up to each moment at which something comes back, what is worth more must fit.
    """
    posts, a_post = offer.cost.posts, offer.cost.under(left.limit) / offer.cost.posts
    more, as_much = expected.worth_more(offer.value), expected.worth_as_much(offer.value)
    bid, ready_at, room = 0.0, now, (left.left + DUST - kept) / a_post
    for at, returned in (*left.back, (now + left.limit.window, 0.0)):
        span = at - now
        seconds = forecast.seconds(span)
        if seconds > 0:
            bid = max(bid, expected.price((room - posts) / seconds))
            if bid > offer.value:
                break  # it doesn't go, whatever comes back later
            if left.spent_at is not None and as_much * seconds > room > more * seconds:
                ready_at = max(ready_at, left.spent_at + min(span * posts / (room - more * seconds), span))
        room += returned / a_post
    return bid, ready_at
