"""What the frame around every channel's work keeps on Redis. Meets `kernel.ports.Rounds`."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

import msgspec
from redis import Redis

from services import wire
from services.adapters.redis_link import script, told
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Hold
from services.kernel.views import Stamp, is_newer
from services.kit.logs import log

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Stamp).decode


RENEWALS = 4
"""How often a lock is renewed within its life: some may fail."""


class Lock:
    """A lock that we took."""

    def __init__(self, key: str, token: str) -> None:
        self.key, self.token = key, token
        self.over, self.lost = Event(), False

    def __bool__(self) -> bool:
        return not self.lost


class RedisRounds:
    """For all channels."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._release = redis.register_script(script("lock_release"))
        self._renew = redis.register_script(script("lock_renew"))

    def answered(self, channel: str) -> None:
        """Meets `Rounds.answered`."""
        with told():
            self._redis.delete(wire.bell(wire.Channel(channel)))

    @contextmanager
    def single_flight(self, channel: str, ttl_s: float) -> Iterator[Hold]:
        """Meets `Rounds.single_flight`. The lock is renewed for as long as the block runs; of a killed process it ends after `ttl_s`."""
        key, token = wire.lock(wire.Channel(channel)), secrets.token_hex(16)
        with told():
            # a retry of ours finds the lock that the first try took
            ours = bool(self._redis.set(key, token, nx=True, px=int(ttl_s * 1000))) or self._redis.get(key) == token.encode()
        if not ours:
            yield False
            return
        lock = Lock(key, token)
        Thread(target=self._keep, args=(lock, ttl_s), name=f"lock-{channel}", daemon=True).start()
        try:
            yield lock
        finally:
            lock.over.set()
            self._let_go(key, token)

    def _keep(self, lock: Lock, ttl_s: float) -> None:
        """Renew the lock well before it ends. A render may take long, and a short-lived lock is what lets others take over soon."""
        while not lock.lost and not lock.over.wait(ttl_s / RENEWALS):
            with suppress(Unavailable), told():
                lock.lost = not self._renew([lock.key], [lock.token, int(ttl_s * 1000)]) and not lock.over.is_set()
        if lock.lost:
            log.warning("fanout.lock_lost", key=lock.key, reason="this process stood still for longer than the lock lives, or Redis lost it")

    def _let_go(self, key: str, token: str) -> None:
        try:
            with told():
                self._release([key], [token])
        except Unavailable as error:  # what the block did, or raised, is what counts
            log.warning("fanout.lock_left", key=key, error=str(error))

    def published(self, channel: str) -> Stamp | None:
        """Meets `Rounds.published`."""
        with told():
            stored: Any = self._redis.get(wire.published(wire.Channel(channel)))
        return _decode(stored) if stored else None

    def set_published(self, channel: str, stamp: Stamp) -> None:
        """Meets `Rounds.set_published`: read, compare and write in one transaction, again where another wrote in between."""
        key = wire.published(wire.Channel(channel))

        def write(pipe: Any) -> None:
            stored = pipe.get(key)
            pipe.multi()
            if stored is None or is_newer(stamp, _decode(stored)):
                pipe.set(key, _encode(stamp))

        with told():
            self._redis.transaction(write, key)
