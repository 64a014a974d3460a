"""What one account may still post, on Redis: each step one script, and one read. Meets `kernel.ports.Budgets`.

The clocks of those who share it should agree to within a second, as NTP makes them. What is kept is bounded: so many steps a window, and of the posts' keys
those that may be asked for again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from services import wire
from services.adapters.redis_link import script, told
from services.kernel.counted import (
    ON_ITS_WAY_MAX,
    WINDOW_MAX_S,
    WINDOWS_MAX,
    Counted,
    Heard,
    free_at,
    left,
    step_ms,
    tightest,
    unsized,
    window_ms,
)
from services.kernel.order import milliseconds
from services.kernel.planning.spending import Cost, Left, Limit
from services.kernel.planning.tiers import Terms
from services.kernel.ports import social
from services.kit.settings import Settings
from services.wire import Channel

_MICROS = 1_000_000


_BEYOND_EXPIRY = timedelta(days=1)


def budgets_of(link: Redis, channel: Channel, account: str, terms: Terms, reserve: float, settings: Settings) -> "RedisBudgets":
    """An account's, as the workers count them and operators see them."""
    keep = timedelta(seconds=settings.social_expire_s) + _BEYOND_EXPIRY
    return RedisBudgets(link, f"{channel}:{account}", terms.limits, reserve, keep)


class RedisBudgets:
    """One account's."""

    def __init__(self, link: Redis, account: str, limits: Iterable[Limit], reserve: float, keep: timedelta) -> None:
        """`reserve`: the share of each limit that is for emergencies. `keep`: how long a post's key is known."""
        self._link, self._account, self._limits, self._reserve, self._keep = link, account, tuple(limits), reserve, keep
        self._spent, self._heard, self._on_its_way = wire.budget_spent(account), wire.budget_heard(account), wire.budget_on_its_way(account)
        self._take, self._give_back, self._hear = (link.register_script(script(f"budget_{name}")) for name in ("take", "give_back", "heard"))

    def left(self, now: datetime) -> tuple[Left, ...]:
        """Meets `Budgets.left`."""
        with told(), self._link.pipeline(transaction=True) as pipe:
            pipe.hgetall(self._spent)
            pipe.hgetall(self._heard)
            pipe.hvals(self._on_its_way)
            spent, heard, waiting = pipe.execute()
        return left(self._limits, self._counted(spent, heard, waiting, now), now)

    def take(self, posts: Mapping[str, Cost], now: datetime, *, emergency: bool = False) -> datetime | None:
        """Meets `Budgets.take`."""
        keys = [self._spent, self._heard, self._on_its_way, *(wire.budget_taken(self._account, key) for key in posts)]
        reserve = 0.0 if emergency else self._reserve
        head = milliseconds(now), repr(reserve), _ms(self._keep), _ms(ON_ITS_WAY_MAX), len(self._limits)
        limits = [part for limit in self._limits for part in (*_named(limit), repr(_in_units(limit)), _unit(limit))]
        costs = [part for key, cost in posts.items() for part in (key, cost.posts, round(cost.dollars * _MICROS))]
        with told():
            answer: Any = self._take(keys, [*head, *limits, *costs])
        if answer[0]:
            return None
        return free_at(Cost(answer[1], answer[2] / _MICROS), self.left(now), reserve, now)

    def give_back(self, key: str, now: datetime) -> None:
        """Meets `Budgets.give_back`."""
        keys = self._spent, self._on_its_way, wire.budget_taken(self._account, key)
        with told():
            self._give_back(keys, [key, *(part for limit in self._limits for part in (*_named(limit), _unit(limit)))])

    def heard(self, key: str, lefts: Sequence[social.Left], now: datetime) -> None:
        """Meets `Budgets.heard`."""
        said = [part for _, one in sorted(tightest(lefts).items()) for part in _said(one)]
        with told():
            self._hear((self._heard, self._on_its_way), [milliseconds(now), key, WINDOW_MAX_S, WINDOWS_MAX, *said])

    def _counted(self, spent: dict[bytes, bytes], heard: dict[bytes, bytes], on_their_way: list[bytes], now: datetime) -> Counted:
        counted = Counted({unsized(limit): {} for limit in self._limits}, {})
        for limit in self._limits:
            before, unit = f"{window_ms(limit)}{_unit(limit)}".encode(), _MICROS if limit.money else 1
            steps = ((field.removeprefix(before), amount) for field, amount in spent.items() if field.startswith(before))
            counted.spent[unsized(limit)] = {int(step): int(amount) / unit for step, amount in steps}
        for window, one in heard.items():
            most, remaining, resets = map(int, one.split())
            counted.heard[int(window)] = Heard(most, remaining, _at(resets))
        parted = [one.split() for one in on_their_way]
        counted.on_their_way = sum(int(posts) for posts, at in parted if now < _at(int(at)) + ON_ITS_WAY_MAX)
        counted.spent_at = _at(int(spent[b"at"])) if b"at" in spent else None
        return counted


def _named(limit: Limit) -> tuple[int, int]:
    return window_ms(limit), step_ms(window_ms(limit))


def _unit(limit: Limit) -> str:
    return "d" if limit.money else "p"


def _in_units(limit: Limit) -> float:
    return limit.most * _MICROS if limit.money else limit.most


def _said(one: social.Left) -> tuple[int, int, int, int]:
    return one.window_s, max(0, one.limit), max(0, one.remaining), milliseconds(one.resets_at)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
