"""Something outside that is asked while somebody waits: a hard time limit, so many at once, and one circuit breaker (kernel/breaker.py)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

from services.kernel.breaker import Health, Tolerance, failed, is_open, may_try
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.kit.logs import log

T = TypeVar("T")


class Bounds(Struct, frozen=True):
    """What it may cost whoever waits."""

    timeout_s: float
    at_once: int
    tolerance: Tolerance


class Guarded:
    """One for each thing outside. For one event loop."""

    def __init__(self, name: str, bounds: Bounds, clock: Clock) -> None:
        """`name` is what it is called in logs and metrics."""
        self._name, self._bounds, self._clock = name, bounds, clock
        self._health = Health()
        self._asking = 0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """What `question` gives. Raises `Unavailable`: at once while the breaker is open or too many ask, else within the time limit."""
        tolerance = self._bounds.tolerance
        probe = is_open(self._health.failures, tolerance.open_after)
        if not may_try(self._health, tolerance, self._clock.now()) or self._asking >= (1 if probe else self._bounds.at_once):
            metrics.LOOKUPS.labels(self._name, "refused").inc()
            raise Unavailable(f"{self._name} is left alone for now: it failed, or is slow")
        self._asking += 1
        try:
            async with asyncio.timeout(self._bounds.timeout_s):
                answer = await question()
        except (Unavailable, TimeoutError) as error:
            reason = str(error) or f"no answer within {self._bounds.timeout_s:g} s"
            self._failed(reason)
            raise Unavailable(reason) from error
        finally:
            self._asking -= 1
        if self._health.failures:
            log.info("voice.outside_resumed", what=self._name)
            self._health = Health()
        metrics.LOOKUPS.labels(self._name, "answered").inc()
        return answer

    def _failed(self, reason: str) -> None:
        self._health = failed(self._health, self._clock.now())
        metrics.LOOKUPS.labels(self._name, "failed").inc()
        if self._health.failures in (1, self._bounds.tolerance.open_after):
            log.warning("voice.outside_failed", what=self._name, failures=self._health.failures, reason=reason)


def bounds(timeout_s: float, at_once: int, open_after: int, open_s: float) -> Bounds:
    """From settings, in their units."""
    return Bounds(timeout_s, at_once, Tolerance(open_after, timedelta(seconds=open_s)))
