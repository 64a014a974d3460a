"""What one account has spent, as it is counted for all workers, what its service said of it, and so what is left.

Windows slide by steps: what is spent within one counts until the step's end is out of the window: a little late, never early. So what is kept of a month
is bounded, however much is posted in it. Where a service says when its own window ends, and that it allows no more than we know of, its window is the one that
counts: what was spent before it began doesn't, and all comes back at its end. An account's own, lower limits slide.

What a service says of a window holds until that ends. Answers come in any order, and while other posts are on their way: within one window the least counts,
and what is on its way is taken off it. How much it allows at all is believed for one window more, but nobody gets more than their own limits.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from services.kernel.order import milliseconds
from services.kernel.planning.spending import Cost, Left, Limit, needed, stepped
from services.kernel.ports import social

STEPS = 1_440
"""Of a window, and so the most that is kept of it: a day is counted by the minute."""
_STEP_MIN_MS = 1_000
ON_ITS_WAY_MAX = timedelta(minutes=10)
"""A post whose answer nobody has seen after this long counts no more as one that the service hasn't counted yet."""


WINDOW_MAX_S, WINDOWS_MAX = 31 * 24 * 3_600, 16
"""What a service says of longer windows, or of more of them, is not believed."""

UNSIZED = 1_000_000
"""The limit of a window of which a service told only its end: it is closed until then."""


class Heard(Struct, frozen=True):
    """What a service said last of one window."""

    limit: int
    remaining: int
    resets_at: datetime


class Counted(Struct):
    """All that is kept of one account."""

    spent: dict[Limit, dict[int, float]]
    """Of each limit, whatever its size: by the step's number."""
    heard: dict[int, Heard]
    """By the window's length in seconds."""
    on_their_way: int = 0
    """Posts that are taken, and no answer to them has been seen."""
    spent_at: datetime | None = None


def unsized(limit: Limit) -> Limit:
    """What a limit limits: its size may change, what was spent has been."""
    return Limit(limit.window, 0, limit.money)


def window_ms(limit: Limit) -> int:
    """How long its window is."""
    return round(limit.window / timedelta(milliseconds=1))


def step_ms(window: int) -> int:
    """How long a window's steps are."""
    return max(_STEP_MIN_MS, window // STEPS)


def first_step(window: int, now: datetime) -> int:
    """The first step that is still in the window."""
    return (milliseconds(now) - window) // step_ms(window)


def left(limits: Iterable[Limit], counted: Counted, now: datetime) -> tuple[Left, ...]:
    """What is left of `limits`, and of what only the service limits."""
    own = {round(limit.window.total_seconds()): limit for limit in limits if not limit.money}
    ours = tuple(_ours(limit, counted, now) for limit in limits)
    told = (
        _theirs(timedelta(seconds=window), heard, counted) for window, heard in sorted(counted.heard.items()) if window not in own and now < heard.resets_at
    )
    return (*ours, *told)


def free_at(cost: Cost, lefts: Sequence[Left], reserve: float, now: datetime) -> datetime:
    """When `cost` may be taken, where that share of each limit is kept back: `now`, or later; where it never may be, when to ask whether that has changed."""
    return max((left.free_at(needed(cost, left.limit, (reserve,)), now) or now + left.limit.window for left in lefts), default=now)


def believed(known: Mapping[int, Heard], said: Mapping[int, social.Left], now: datetime) -> dict[int, Heard]:
    """What holds of each window, now that the service has `said` that, where that was `known`."""
    kept = {window: one for window, one in known.items() if now < one.resets_at + timedelta(seconds=window)}
    for window, one in sorted(said.items()):
        if 0 < window <= WINDOW_MAX_S and (window in kept or len(kept) < WINDOWS_MAX):
            kept[window] = _agreed(kept.get(window), one, now)
    return kept


def _agreed(known: Heard | None, said: social.Left, now: datetime) -> Heard:
    window = timedelta(seconds=said.window_s)
    new = Heard(max(0, said.limit), max(0, said.remaining), min(said.resets_at, now + window))
    tolerance = window / 100  # it may say in how many seconds, and so each time a little else
    if known is None or known.resets_at <= now or known.limit != new.limit or new.resets_at > known.resets_at + tolerance:
        return new
    return Heard(new.limit, min(known.remaining, new.remaining), max(known.resets_at, new.resets_at))


def tightest(lefts: Iterable[social.Left]) -> dict[int, social.Left]:
    """Of each window in one answer, which may tell of several (an app's and a user's), what is nearest to its end."""
    found: dict[int, social.Left] = {}
    for one in lefts:
        known = found.get(one.window_s)
        if known is None or (one.remaining, -one.resets_at.timestamp()) < (known.remaining, -known.resets_at.timestamp()):
            found[one.window_s] = one
    return found


def _ours(limit: Limit, counted: Counted, now: datetime) -> Left:
    window = window_ms(limit)
    step, first = step_ms(window), first_step(window, now)
    heard = None if limit.money else counted.heard.get(window // 1_000)
    governed = heard is not None and heard.limit <= limit.most and now < heard.resets_at + limit.window
    if heard is not None and governed:
        limit, first = Limit(limit.window, heard.limit), max(first, milliseconds(_began(heard, limit.window, now)) // step)
    spent = sorted((number, amount) for number, amount in counted.spent.get(unsized(limit), {}).items() if number >= first and amount > 0)
    back = stepped(limit, [(_at(number * step), _at((number + 1) * step), amount) for number, amount in spent])
    one = Left(limit, limit.most - sum(amount for _, amount in spent), back, counted.spent_at if spent else None)
    if heard is None or heard.resets_at <= now:
        return one
    theirs = _theirs(limit.window, heard, counted)
    if not governed:
        return _lesser(one, theirs)
    left = min(one.left, theirs.left)
    return Left(limit, left, ((heard.resets_at, limit.most - left),), one.spent_at)


def _began(heard: Heard, window: timedelta, now: datetime) -> datetime:
    """When the service's window began: the one that it told of, or the one after."""
    return heard.resets_at if heard.resets_at <= now else heard.resets_at - window


def _theirs(window: timedelta, heard: Heard, counted: Counted) -> Left:
    remaining = max(0, heard.remaining - counted.on_their_way)
    return Left(Limit(window, heard.limit), remaining, ((heard.resets_at, heard.limit - remaining),), counted.spent_at)


def _lesser(ours: Left, theirs: Left) -> Left:
    """At each moment the less of the two. After its window's end the service has said nothing."""
    resets_at = theirs.back[0][0]
    have = so_far = min(ours.left, theirs.left)
    own, back = ours.left, []
    for at, amount in sorted([*ours.back, (resets_at, 0.0)]):
        own += amount
        so_far = own if at >= resets_at else min(own, theirs.left)
        if so_far > have:
            back.append((at, so_far - have))
            have = so_far
    return Left(ours.limit, min(ours.left, theirs.left), tuple(back), ours.spent_at)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
