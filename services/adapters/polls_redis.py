"""Due polls and their states on Redis: a sorted set and a hash, each step one script. Meets `kernel.ports.polls.Polls`."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from redis import Redis

from services import wire
from services.adapters.redis_link import script, text, told
from services.kernel.ids import SourceName
from services.kernel.order import EPOCH, microseconds
from services.kernel.polls import PollState
from services.kernel.ports.polls import Claim

KEYS = (wire.POLLS_DUE, wire.POLLS)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(PollState).decode


class RedisPolls:
    """For threads and processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._claim, self._finish = redis.register_script(script("poll_claim")), redis.register_script(script("poll_finish"))

    def sync(self, names: Collection[SourceName], now: datetime) -> None:
        """Meets `Polls.sync`."""
        with told():
            there = {SourceName(text(name)) for name in self._redis.zrange(wire.POLLS_DUE, 0, -1)}
            with self._redis.pipeline(transaction=True) as both:
                for gone in there - set(names):
                    both.zrem(wire.POLLS_DUE, gone)
                    both.hdel(wire.POLLS, gone)
                for name in names:
                    both.zadd(wire.POLLS_DUE, {name: microseconds(now)}, nx=True)
                both.execute()

    def claim(self, now: datetime, until: datetime, name: SourceName | None = None) -> Claim | None:
        """Meets `Polls.claim`."""
        with told():
            found: Any = self._claim(KEYS, [microseconds(now), microseconds(until), name or ""])
        return Claim(SourceName(text(found[0])), _decode(found[1]) if found[1] else PollState(), until) if found else None

    def finish(self, claim: Claim, state: PollState, due: datetime) -> bool:
        """Meets `Polls.finish`."""
        with told():
            return bool(self._finish(KEYS, [claim.name, microseconds(claim.until), microseconds(due), _encode(state)]))

    def all(self) -> Mapping[SourceName, tuple[PollState, datetime]]:
        """Meets `Polls.all`."""
        with told(), self._redis.pipeline(transaction=True) as both:
            both.zrange(wire.POLLS_DUE, 0, -1, withscores=True)
            both.hgetall(wire.POLLS)
            due, states = both.execute()
        return {SourceName(text(name)): (_state(states.get(name)), EPOCH + timedelta(microseconds=int(score))) for name, score in due}


def _state(stored: bytes | None) -> PollState:
    return _decode(stored) if stored else PollState()
