"""The ingest keys on Redis. Meets `kernel.ports.Keys`, for the command line; `key_check_redis` looks them up for ingest."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from redis import Redis, WatchError

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.ids import SourceName
from services.kernel.keys import ID_BYTES, SECRET_BYTES, holder_of, key_digest, key_of, replaced, successor_of
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder, Rights
from services.kit.clock import SystemClock

_encode = msgspec.json.Encoder(order="deterministic").encode
decode_holder = msgspec.json.Decoder(KeyHolder).decode
_TRIES = 5
"""Of a rotation, while others change keys."""


def new_key() -> str:
    """A key never made before."""
    return key_of(secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES))


class RedisKeys:
    """Makes, lists, rotates and ends keys."""

    def __init__(self, redis: Redis, clock: Clock | None = None) -> None:
        self._redis = redis
        self._clock = clock or SystemClock()

    def create(self, source: SourceName, rights: Rights | Iterable[str]) -> str:
        """Meets `Keys.create`."""
        key = new_key()
        self.restore(key, source, rights)
        return key

    def restore(self, key: str, source: SourceName, rights: Rights | Iterable[str]) -> None:
        """Meets `Keys.restore`."""
        holder = holder_of(key, source, rights, self._clock.now())
        with told():
            self._redis.hset(wire.KEYS, key_digest(key), _encode(holder))

    def list(self) -> Sequence[KeyHolder]:
        """Meets `Keys.list`."""
        with told():
            stored = self._all(self._redis)
        return sorted(stored.values(), key=lambda holder: (holder.created_at, holder.id))

    def used(self) -> Mapping[str, datetime]:
        """Meets `Keys.used`."""
        with told():
            stored: Any = self._redis.hgetall(wire.KEYS_USED)
        return {text(key_id): datetime.fromtimestamp(int(at), UTC) for key_id, at in stored.items()}

    def rotate(self, key_id: str, overlap: timedelta, expires_at: datetime | None = None) -> str | None:
        """Meets `Keys.rotate`: both keys are written at once, and not where another process changed keys meanwhile."""
        with told(), self._redis.pipeline(transaction=True) as both:
            for _ in range(_TRIES):
                both.watch(wire.KEYS)  # type: ignore[no-untyped-call]
                found = [(digest, holder) for digest, holder in self._all(both).items() if holder.id == key_id]
                if not found:
                    return None
                (digest, old), key, now = found[0], new_key(), self._clock.now()
                successor = successor_of(old, key, now, expires_at)
                both.multi()
                both.hset(wire.KEYS, mapping={digest: _encode(replaced(old, successor, now, overlap)), key_digest(key): _encode(successor)})
                try:
                    both.execute()
                except WatchError:
                    continue
                return key
        raise Unavailable("Others keep changing keys")

    def revoke(self, key_id: str) -> bool:
        """Meets `Keys.revoke`."""
        with told():
            digests = [digest for digest, holder in self._all(self._redis).items() if holder.id == key_id]
            if not digests:
                return False
            self._redis.hdel(wire.KEYS_USED, key_id)
            return bool(self._redis.hdel(wire.KEYS, *digests))

    def _all(self, redis: Redis) -> Mapping[Any, KeyHolder]:
        stored: Any = redis.hgetall(wire.KEYS)
        return {digest: decode_holder(holder) for digest, holder in stored.items()}
