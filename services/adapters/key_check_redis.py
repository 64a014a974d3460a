"""Ingest keys looked up on Redis. Meets `kernel.ports.KeyCheck`."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from services import wire
from services.adapters.keys_redis import decode_holder
from services.adapters.redis_link import told
from services.kernel.keys import expired, key_digest, looks_like_key
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder
from services.kit.bounded import Bounded
from services.kit.clock import SystemClock


class RedisKeyCheck:
    """Looks keys up, and remembers what it found: a storm's requests need not each ask, and good ones go on while Redis is down."""

    def __init__(self, redis: Redis, cache_s: float, cache_max: int, clock: Clock | None = None, unknown_s: float = 5.0, used_every_s: float = 60.0) -> None:
        """Trust what was looked up for `cache_s` seconds, and that a key is unknown for `unknown_s`; remember `cache_max` of each at most.

        Note every `used_every_s` at most that a key was used.
        """
        self._redis = redis
        self._fresh_for, self._unknown_for = timedelta(seconds=cache_s), timedelta(seconds=unknown_s)
        self._used_every = timedelta(seconds=used_every_s)
        self._clock = clock or SystemClock()
        self._known: Bounded[tuple[KeyHolder, datetime]] = Bounded(cache_max)
        self._unknown: Bounded[datetime] = Bounded(cache_max)
        """Both by the key's digest: the plain key is not kept. Apart, so that bad keys never push out good ones."""
        self._used: Bounded[datetime] = Bounded(cache_max)
        self._noting: set[asyncio.Task[None]] = set()

    async def verify(self, key: str) -> KeyHolder | None:
        """Meets `KeyCheck.verify`."""
        if not looks_like_key(key):
            return None
        digest, now = key_digest(key), self._clock.now()
        known, missed = self._known.get(digest), self._unknown.get(digest)
        if missed is not None and now - missed < self._unknown_for:
            return None
        if known and now - known[1] < self._fresh_for:
            return self._good(known[0], now)
        try:
            with told():
                stored: Any = await self._redis.hget(wire.KEYS, digest)
        except Unavailable:
            if known:
                return known[0]
            raise
        if stored is None:
            self._known.forget(digest)
            self._unknown.put(digest, now)
            return None
        holder = decode_holder(stored)
        self._known.put(digest, (holder, now))
        return self._good(holder, now)

    def _good(self, holder: KeyHolder, now: datetime) -> KeyHolder:
        """Have it noted that the key was used; no request waits for that."""
        before = self._used.get(holder.id)
        if (before is None or now - before >= self._used_every) and not expired(holder, now):
            self._used.put(holder.id, now)
            noting = asyncio.create_task(self._note(holder.id, now))
            self._noting.add(noting)  # asyncio itself keeps no task alive
            noting.add_done_callback(self._noting.discard)
        return holder

    async def _note(self, key_id: str, at: datetime) -> None:
        try:
            with told():
                await self._redis.hset(wire.KEYS_USED, key_id, str(int(at.timestamp())))
        except Unavailable:
            return  # worth a try a minute, not more

    async def settle(self) -> None:
        """Wait until what is being noted is noted."""
        await asyncio.gather(*self._noting)
