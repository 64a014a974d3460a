"""How many requests may be worked on at once, found by looking: as many as are still served in time (docs/decisions/0010).

Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain, 1989), on the time that a request takes. Pure: no clock, no loop.
"""

import math

from msgspec import Struct

TOLERATED = 0.1
"""Share of slow requests in a window from which on it counts as slow: one garbage collection must not close the door."""
SAMPLES_MIN = 10
"""Fewer in a window say nothing."""


class Bounds(Struct, frozen=True):
    """Within what the limit moves, and what counts as slow."""

    start: int
    least: int
    most: int
    target_s: float
    """A request that takes longer is slow."""
    window_s: float
    """How often the limit may move; decisions faster than the effect of the last one would overshoot."""
    bulk_share: float
    """Bulk is let in only while less than this share of the places is taken: the rest is kept for single updates."""


class Limit:
    """Places for requests. Every `take` that said yes must be followed by one `give_back`."""

    def __init__(self, bounds: Bounds, now: float) -> None:
        """`now` is any clock's that only goes forward, in seconds; the same for all calls."""
        self._bounds = bounds
        self.value = float(bounds.start)
        """Places there are."""
        self.taken = 0
        self._window_ends = now + bounds.window_s
        self._served = self._slow = self._quick = self._peak = 0

    def take(self, bulk: bool = False) -> bool:
        """Take a place, if one is free for this kind of request."""
        if self.full(bulk):
            return False
        self.taken += 1
        self._peak = max(self._peak, self.taken)
        return True

    def full(self, bulk: bool = False) -> bool:
        """Whether no place is free for this kind of request. That one was looked for in vain is what lets the limit grow."""
        if self.taken < self.value * (self._bounds.bulk_share if bulk else 1.0):
            return False
        if self.taken > self._peak:
            self._peak = self.taken
        return True

    def give_back(self, count: int = 1) -> None:
        """Give places back."""
        self.taken -= count

    def sample(self, took_s: float, now: float) -> bool:
        """Note that a single update took `took_s`; whether the limit moved. Bulk is no measure: how long it takes is its sender's choice."""
        self._served += 1
        self._slow += took_s > self._bounds.target_s
        self._quick += took_s < self._bounds.target_s / 4
        return now >= self._window_ends and self._served >= SAMPLES_MIN and self._moved(now)

    def _moved(self, now: float) -> bool:
        """Fewer places where a window was slow; more where they were all taken and it was not: at a pace as there is room for."""
        bounds, before = self._bounds, self.value
        if self._slow > self._served * TOLERATED:
            self.value = max(float(bounds.least), min(self.value, max(self._peak, 1.0)) * 0.8)
        elif self._peak >= self.value * 0.9:
            step = self.value / 2 if self._quick > self._served * (1 - TOLERATED) else math.sqrt(self.value)
            self.value = min(float(bounds.most), self.value + step)
        self._window_ends = now + bounds.window_s
        self._served = self._slow = self._quick = 0
        self._peak = self.taken
        return self.value != before
