"""What sources may spend, on Redis: one atomic script (lua/quota_lend.lua). Meets `kernel.ports.Quotas`."""

from typing import Any

from redis.asyncio import Redis

from services import wire
from services.adapters.redis_link import script, told
from services.kernel.ids import SourceName
from services.kernel.ports.clock import Clock
from services.kernel.quota import RATE_OF, Bound, Limits, Loan, Thing, day_of, milliseconds, until_tomorrow_ms


class RedisQuotas:
    """Counts for all processes that share the Redis. Their clocks should agree to within a second, as NTP makes them."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._lend = redis.register_script(script("quota_lend"))
        self._clock = clock

    async def borrow(self, source: SourceName, thing: Thing, limits: Limits, need: int, wish: int) -> Loan:
        """Meets `Quotas.borrow`."""
        now = self._clock.now()
        keys = wire.quota(source, thing), wire.quota_day(source, thing, day_of(now))
        arguments = (milliseconds(now), limits.per_s, limits.burst, limits.per_day, until_tomorrow_ms(now), need, wish)
        with told():
            answer: Any = await self._lend(keys, arguments)
        tokens, over, wait_ms, left = answer
        if not over:
            return Loan(tokens)
        return Loan(tokens, Bound.DAY if over == b"day" else RATE_OF[thing], wait_ms, left)
