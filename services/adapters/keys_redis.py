"""The ingest keys on Redis. `RedisKeys` meets `kernel.ports.Keys`, for the command line; `RedisKeyCheck` meets `kernel.ports.KeyCheck`, for ingest."""

import secrets
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from services import wire
from services.adapters.redis_link import told
from services.kernel.ids import SourceName
from services.kernel.keys import ID_BYTES, SECRET_BYTES, checked_scopes, checked_source, key_digest, key_of, looks_like_key
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder
from services.kit.clock import SystemClock

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(KeyHolder).decode


def new_key(source: str, scopes: Iterable[str], now: datetime) -> tuple[str, KeyHolder]:
    """A key never made before, and whom it names. Raises ValueError for a bad source or scope."""
    key = key_of(secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES))
    return key, holder_of(key, source, scopes, now)


def holder_of(key: str, source: str, scopes: Iterable[str], now: datetime) -> KeyHolder:
    """Whom `key` names. Raises ValueError for what is no key, and for a bad source or scope."""
    if not looks_like_key(key):
        raise ValueError("key: not a key of ours; they look like sgc_, 8 digits, _, 64 digits (hexadecimal)")
    return KeyHolder(key.split("_")[1], checked_source(source), frozenset(checked_scopes(scopes)), now)


class RedisKeys:
    """Makes, lists and ends keys."""

    def __init__(self, redis: Redis, clock: Clock | None = None) -> None:
        self._redis = redis
        self._clock = clock or SystemClock()

    def create(self, source: SourceName, scopes: Iterable[str]) -> str:
        """Meets `Keys.create`."""
        key, holder = new_key(source, scopes, self._clock.now())
        with told():
            self._redis.hset(wire.KEYS, key_digest(key), _encode(holder))
        return key

    def restore(self, key: str, source: SourceName, scopes: Iterable[str]) -> None:
        """Meets `Keys.restore`."""
        holder = holder_of(key, source, scopes, self._clock.now())
        with told():
            self._redis.hset(wire.KEYS, key_digest(key), _encode(holder))

    def list(self) -> Sequence[KeyHolder]:
        """Meets `Keys.list`."""
        return sorted((holder for _, holder in self._all()), key=lambda holder: (holder.created_at, holder.id))

    def revoke(self, key_id: str) -> bool:
        """Meets `Keys.revoke`."""
        digests = [digest for digest, holder in self._all() if holder.id == key_id]
        if not digests:
            return False
        with told():
            return bool(self._redis.hdel(wire.KEYS, *digests))

    def _all(self) -> Iterable[tuple[Any, KeyHolder]]:
        with told():
            stored: Any = self._redis.hgetall(wire.KEYS)
        return [(digest, _decode(holder)) for digest, holder in stored.items()]


class RedisKeyCheck:
    """Looks keys up, and remembers those that are good: a storm's requests need not each ask, and go on while Redis is down."""

    def __init__(self, redis: AsyncRedis, cache_s: float, cache_max: int, clock: Clock | None = None) -> None:
        """Trust what was looked up for `cache_s` seconds; remember `cache_max` keys at most."""
        self._redis = redis
        self._fresh_for = timedelta(seconds=cache_s)
        self._cache_max = cache_max
        self._clock = clock or SystemClock()
        self._known: OrderedDict[str, tuple[KeyHolder, datetime]] = OrderedDict()
        """By the key's digest: the plain key is not kept."""

    async def verify(self, key: str) -> KeyHolder | None:
        """Meets `KeyCheck.verify`."""
        if not looks_like_key(key):
            return None
        digest, now = key_digest(key), self._clock.now()
        known = self._known.get(digest)
        if known and now - known[1] < self._fresh_for:
            self._known.move_to_end(digest)
            return known[0]
        try:
            with told():
                stored: Any = await self._redis.hget(wire.KEYS, digest)
        except Unavailable:
            if known:
                return known[0]
            raise
        if stored is None:
            self._known.pop(digest, None)
            return None
        return self._remember(digest, _decode(stored), now)

    def _remember(self, digest: str, holder: KeyHolder, now: datetime) -> KeyHolder:
        self._known[digest] = holder, now
        self._known.move_to_end(digest)
        while len(self._known) > self._cache_max:
            self._known.popitem(last=False)
        return holder
