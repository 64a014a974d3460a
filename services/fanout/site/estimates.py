"""Which estimates have passed since one last looked: what makes a document change without any event (I5)."""

from datetime import datetime
from heapq import heappop, heappush

from services.kernel.ids import OutageKey


class Estimates:
    """The estimates of open outages, soonest first. A change costs the logarithm of how many there are."""

    def __init__(self) -> None:
        self._current: dict[OutageKey, datetime] = {}
        self._soonest: list[tuple[datetime, OutageKey]] = []

    def note(self, key: OutageKey, estimate: datetime | None) -> None:
        """`key` has this estimate now, or none."""
        if estimate is None:
            self._current.pop(key, None)
        elif self._current.get(key) != estimate:
            self._current[key] = estimate
            heappush(self._soonest, (estimate, key))

    def passed(self, now: datetime) -> set[OutageKey]:
        """The outages whose estimate has passed since the last call."""
        keys = set()
        while self._soonest and self._soonest[0][0] <= now:
            estimate, key = heappop(self._soonest)
            if self._current.get(key) == estimate:
                keys.add(key)
        return keys

    def soonest(self) -> tuple[datetime, OutageKey] | None:
        """The next estimate to pass, and whose it is."""
        while self._soonest and self._current.get(self._soonest[0][1]) != self._soonest[0][0]:
            heappop(self._soonest)
        return self._soonest[0] if self._soonest else None


def has_passed(estimate: datetime | None, now: datetime) -> bool:
    """Whether the time that power was to be back is over while it isn't."""
    return estimate is not None and estimate <= now
