"""What a source may send: requests and events a second, events a day. Over that: 429, whole, before anything is appended.

The counts are kept in Redis for all processes together, but not asked for each time: a process borrows a little ahead (a tenth of a second's worth)
and spends that. So no limit is ever passed, and a storm's requests don't wait for it. Redis gone: nothing is counted, and the journal refuses anyway.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from msgspec import Struct

from services.kernel.ids import SourceName
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder
from services.kernel.ports.quotas import Quotas
from services.kernel.quota import Bound, Limits, Loan, Thing
from services.kit.bounded import Bounded
from services.kit.http import Problem
from services.kit.metrics import QUOTA_UNCHECKED, THROTTLED
from services.kit.settings import Settings

Charge = Callable[[int], Awaitable[None]]
"""Spends so many events. Raises `Problem` 429 (or 413 for more than can ever be sent at once): then nothing may be appended."""

_DAY_SHARE = 1_000
"""Of a day's quota, one in so many is borrowed ahead."""


async def free(_events: int) -> None:
    """Charges nothing."""


class _Held(Struct):
    """What this process has borrowed for a source and not spent; and when asking again makes sense."""

    lock: asyncio.Lock
    tokens: int = 0
    ask_after: datetime | None = None
    """Until then Redis is not asked again."""
    refused: "_Refused | None" = None
    """Why it isn't; None: it can't be reached."""


class _Refused(Struct, frozen=True):
    loan: Loan
    need: int
    until: datetime


class Quota:
    """Spends what sources may spend."""

    def __init__(self, quotas: Quotas, clock: Clock, settings: Settings) -> None:
        self._quotas, self._clock, self._settings = quotas, clock, settings
        self._ask_again = timedelta(seconds=settings.quota_retry_s)
        self._held: Bounded[_Held] = Bounded(settings.key_cache_max)

    async def request(self, holder: KeyHolder) -> None:
        """Spend one request. Raises `Problem` 429."""
        await self._spend(holder, Thing.REQUESTS, 1)

    async def batch(self, holder: KeyHolder, events: int) -> None:
        """Spend `events`. Raises `Problem` 429, and 413 where they are more than can be spent at once: smaller batches can."""
        most = self.limits(holder, Thing.EVENTS).at_once
        if most and events > most:
            detail = f"events: {events} in one request; the limits of {holder.source} take at most {most} at once. Nothing was taken; send smaller batches."
            raise Problem(413, "too-many-events", "Too many events", detail, limit_events=most)
        await self._spend(holder, Thing.EVENTS, events)

    async def whole(self, holder: KeyHolder, events: int) -> None:
        """Spend the `events` that a picture or an alert yields. It can't be sent in parts: one that is too large passes when the source was quiet, and the
        next waits longer. Raises `Problem` 429.
        """
        await self._spend(holder, Thing.EVENTS, events)

    def limits(self, holder: KeyHolder, thing: Thing) -> Limits:
        """As the settings say, or in place of that the key."""
        told = self._settings
        if thing is Thing.REQUESTS:
            return self._rate(told.ingest_source_requests_per_s if holder.requests_per_s is None else holder.requests_per_s)
        per_day = told.ingest_source_events_per_day if holder.events_per_day is None else holder.events_per_day
        return self._rate(told.ingest_source_events_per_s if holder.events_per_s is None else holder.events_per_s, per_day)

    def _rate(self, per_s: float, per_day: int = 0) -> Limits:
        return Limits(per_s, max(1, math.ceil(per_s * self._settings.ingest_source_burst_s)) if per_s else 0, per_day)

    async def _spend(self, holder: KeyHolder, thing: Thing, need: int) -> None:
        limits = self.limits(holder, thing)
        if not (limits.per_s or limits.per_day) or not need:
            return
        name = f"{holder.source}:{thing}:{limits.per_s}:{limits.per_day}"
        held = self._held.get(name) or self._held.put(name, _Held(asyncio.Lock()))
        if held.tokens < need or held.lock.locked():
            async with held.lock:  # one asks, the others wait for what it gets
                if held.tokens < need and not await self._borrowed(holder.source, thing, limits, held, need):
                    return
        held.tokens -= need

    async def _borrowed(self, source: SourceName, thing: Thing, limits: Limits, held: _Held, need: int) -> bool:
        """Whether there is now enough in hand; no, while Redis is gone: then nothing is counted. Raises `Problem` 429."""
        now, short = self._clock.now(), need - held.tokens
        if held.ask_after is not None and now < held.ask_after:
            if held.refused is None:
                return False
            if short >= held.refused.need:  # what was too much still is
                raise self._over(source, limits, held.refused.loan, held.refused.until - now)
        try:
            loan = await self._quotas.borrow(source, thing, limits, short, self._lease(limits))
        except Unavailable:
            QUOTA_UNCHECKED.inc()
            held.refused, held.ask_after = None, now + self._ask_again
            return False
        if loan.over is not None:
            wait = timedelta(milliseconds=loan.wait_ms)
            held.refused, held.ask_after = _Refused(loan, short, now + wait), now + min(wait, self._ask_again)
            raise self._over(source, limits, loan, wait)
        held.tokens, held.ask_after = held.tokens + loan.tokens, None
        return True

    def _lease(self, limits: Limits) -> int:
        """Of the tighter limit, so that no process hoards what another needs."""
        ahead = limits.per_s * self._settings.quota_lease_s if limits.per_s else math.inf
        return int(min(ahead, limits.per_day / _DAY_SHARE if limits.per_day else math.inf))

    def _over(self, source: SourceName, limits: Limits, loan: Loan, wait: timedelta) -> Problem:
        """429 (RFC 6585, section 4), with the fields of draft-ietf-httpapi-ratelimit-headers."""
        bound, after = loan.over or Bound.EVENTS, max(1, math.ceil(wait.total_seconds()))
        THROTTLED.labels(bound).inc()
        daily = bound is Bound.DAY
        quota, window = (limits.per_day, 86_400) if daily else (limits.burst, max(1, math.ceil(limits.burst / limits.per_s)))
        thing = "requests" if bound is Bound.REQUESTS else "events"
        rule = f"{limits.per_day} events a day (UTC)" if daily else f"{limits.per_s:g} {thing} a second, in bursts of {limits.burst}"
        headers = {
            "Retry-After": str(after),
            "RateLimit-Policy": f'"{bound}";q={quota};w={window}',
            "RateLimit": f'"{bound}";r={loan.left};t={after}',
        }
        detail = f"The source {source} may send {rule}. Nothing was taken; send the same again in {after} s: repeating is safe."
        return Problem(429, "quota", "Too much", detail, headers, limit=bound.value)
