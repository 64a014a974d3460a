"""What one account may still post, in memory: the twin of `budgets_redis`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from services.kernel.counted import ON_ITS_WAY_MAX, Counted, Heard, believed, first_step, free_at, left, step_ms, tightest, unsized, window_ms
from services.kernel.order import milliseconds
from services.kernel.planning.spending import DUST, Cost, Left, Limit, needed
from services.kernel.ports import social
from services.kernel.ports.failures import Unavailable


class _Taken(Struct):
    cost: Cost
    at: datetime
    answered: bool = False


class MemoryBudgets:
    """Meets `kernel.ports.Budgets`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, limits: Iterable[Limit], reserve: float, keep: timedelta) -> None:
        """`reserve`: the share of each limit that is for emergencies. `keep`: how long a post's key is known."""
        self.down = False
        self._limits, self._reserve, self._keep = tuple(limits), reserve, keep
        self._lock = Lock()
        self._spent: dict[Limit, dict[int, float]] = {}
        self._heard: dict[int, Heard] = {}
        self._taken: dict[str, _Taken] = {}
        self._spent_at: datetime | None = None

    def left(self, now: datetime) -> tuple[Left, ...]:
        """Meets `Budgets.left`."""
        self._tell()
        with self._lock:
            return self._left(now)

    def take(self, posts: Mapping[str, Cost], now: datetime, *, emergency: bool = False) -> datetime | None:
        """Meets `Budgets.take`."""
        self._tell()
        with self._lock:
            self._taken = {key: taken for key, taken in self._taken.items() if now < taken.at + self._keep}
            new = {key: cost for key, cost in posts.items() if key not in self._taken}
            if not new:
                return None
            cost = Cost(sum(one.posts for one in new.values()), sum(one.dollars for one in new.values()))
            reserve, lefts = 0.0 if emergency else self._reserve, self._left(now)
            if any(one.left + DUST < needed(cost, one.limit, (reserve,)) for one in lefts):
                return free_at(cost, lefts, reserve, now)
            self._taken |= {key: _Taken(cost, now) for key, cost in new.items()}
            self._spent_at = now
            for limit in self._limits:
                self._add(limit, cost, now, now)
            return None

    def give_back(self, key: str, now: datetime) -> None:
        """Meets `Budgets.give_back`."""
        self._tell()
        with self._lock:
            taken = self._taken.pop(key, None)
            if taken is not None:
                for limit in self._limits:
                    self._add(limit, Cost(-taken.cost.posts, -taken.cost.dollars), taken.at, now)

    def heard(self, key: str, lefts: Sequence[social.Left], now: datetime) -> None:
        """Meets `Budgets.heard`."""
        self._tell()
        with self._lock:
            said, taken = tightest(lefts), self._taken.get(key)
            if taken is not None and not taken.answered:
                taken.answered = True
                for window, heard in self._heard.items():
                    if window not in said:
                        self._heard[window] = replace(heard, remaining=max(0, heard.remaining - taken.cost.posts))
            self._heard = believed(self._heard, said, now)

    def _left(self, now: datetime) -> tuple[Left, ...]:
        waiting = sum(one.cost.posts for one in self._taken.values() if not one.answered and now < one.at + ON_ITS_WAY_MAX)
        return left(self._limits, Counted(self._spent, self._heard, waiting, self._spent_at), now)

    def _add(self, limit: Limit, cost: Cost, at: datetime, now: datetime) -> None:
        window, amount = window_ms(limit), cost.under(limit)
        steps = {number: one for number, one in self._spent.get(unsized(limit), {}).items() if number >= first_step(window, now)}
        number = milliseconds(at) // step_ms(window)
        if amount > 0 or number in steps:
            steps[number] = steps.get(number, 0.0) + amount
        self._spent[unsized(limit)] = {number: one for number, one in steps.items() if one > DUST}

    def _tell(self) -> None:
        if self.down:
            raise Unavailable("The budgets in memory are set down.")
