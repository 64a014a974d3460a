"""What a source may spend: a token bucket for each rate, and a count for the day (UTC).

Whoever asks needs some tokens and would like more: all that is needed is lent from each limit at once, or nothing from any. What needs more than
the bucket holds is lent when it is full, and paid off before the next: nothing is too large to be sent at all.
lua/quota_lend.lua does the same on Redis.
"""

import math
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

_ROUNDING = 1e-9
"""Tokens: what adding up fractions may lose."""


class Thing(StrEnum):
    """What is spent."""

    REQUESTS = "requests"
    EVENTS = "events"


class Bound(StrEnum):
    """Which limit was hit."""

    REQUESTS = "requests_per_s"
    EVENTS = "events_per_s"
    DAY = "events_per_day"


RATE_OF = {Thing.REQUESTS: Bound.REQUESTS, Thing.EVENTS: Bound.EVENTS}


class Limits(Struct, frozen=True):
    """How much of one thing a source may spend; 0 is no limit."""

    per_s: float = 0
    burst: int = 0
    """Tokens that the bucket holds: at least 1 where there is a rate."""
    per_day: int = 0

    @property
    def at_once(self) -> int:
        """Most that can be spent in one step without debt; 0: no limit."""
        return min((most for most in (self.burst if self.per_s else 0, self.per_day) if most), default=0)


class Bucket(Struct):
    """What was left at a moment."""

    level: float
    """Tokens; less than 0 is a debt."""
    at_ms: int


class Loan(Struct, frozen=True):
    """What was lent: all that was needed and perhaps more, or nothing."""

    tokens: int
    over: Bound | None = None
    """The limit that was hit."""
    wait_ms: int = 0
    """Then: how long, at least, until as much can be lent."""
    left: int = 0
    """Then: tokens that are there."""


class Purse(Struct):
    """A source's bucket for one thing, and what it spent on a day."""

    bucket: Bucket | None = None
    day: str = ""
    spent: int = 0

    def lend(self, thing: Thing, limits: Limits, now: datetime, need: int, wish: int) -> Loan:
        """Lend `need` tokens, and up to `wish` where there are so many."""
        tokens, at_ms, level = max(need, wish), milliseconds(now), 0.0
        if limits.per_s:
            level = self._level(limits, at_ms)
            least = min(need, limits.burst)
            if level + _ROUNDING < least:
                return Loan(0, RATE_OF[thing], math.ceil((least - level) * 1000 / limits.per_s), max(0, math.floor(level)))
            tokens = max(need, min(tokens, math.floor(level + _ROUNDING)))
        if limits.per_day:
            spent = self.spent if self.day == day_of(now) else 0
            if limits.per_day - spent < min(need, limits.per_day):
                return Loan(0, Bound.DAY, until_tomorrow_ms(now), max(0, limits.per_day - spent))
            tokens = max(need, min(tokens, limits.per_day - spent))
            self.day, self.spent = day_of(now), spent + tokens
        if limits.per_s:
            self.bucket = Bucket(level - tokens, max(at_ms, self.bucket.at_ms if self.bucket else 0))
        return Loan(tokens)

    def _level(self, limits: Limits, at_ms: int) -> float:
        if self.bucket is None:
            return limits.burst
        return min(limits.burst, self.bucket.level + max(0, at_ms - self.bucket.at_ms) * limits.per_s / 1000)


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def day_of(at: datetime) -> str:
    """The day, UTC, that a quota counts for."""
    return at.strftime("%Y-%m-%d")


def until_tomorrow_ms(at: datetime) -> int:
    """How long that day goes on."""
    tomorrow = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return milliseconds(tomorrow) - milliseconds(at)
