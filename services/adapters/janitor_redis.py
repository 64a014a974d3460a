"""Keeps the journal on Redis from growing for ever. Meets `kernel.ports.Trimming`. Works in steps, so that no other client waits long."""

from datetime import datetime

from redis import Redis

from services import wire
from services.adapters.redis_link import script, told
from services.kernel.order import microseconds
from services.kernel.ports.journal import Trimmed

ENTRIES_STEP, OUTAGES_STEP = 20_000, 1_000
"""Most that one script drops."""


class RedisJanitor:
    """Drops what nobody needs: safe at any time, and from several processes at once."""

    def __init__(self, redis: Redis, closed_retention_s: int, closed_max: int, *, history: bool = False) -> None:
        """Remember what is over for `closed_retention_s`, and `closed_max` outages of them at most. With `history`, drop nothing that isn't archived."""
        self._retention_ms, self._closed_max = closed_retention_s * 1000, closed_max
        self._groups = (wire.RELAY_GROUP, wire.HISTORY_GROUP) if history else (wire.RELAY_GROUP,)
        self._trim = redis.register_script(script("journal_trim"))
        self._forget = redis.register_script(script("closed_forget"))

    def trim(self, keep: int, now: datetime) -> Trimmed:
        """Meets `Trimming.trim`."""
        entries = outages = 0
        over_before = microseconds(now) // 1000 - self._retention_ms
        with told():
            while dropped := int(self._trim([wire.JOURNAL, wire.NUMBER], [keep, ENTRIES_STEP, *self._groups])):
                entries += dropped
            while forgotten := int(self._forget([wire.CLOSED, wire.VERSIONS], [over_before, self._closed_max, OUTAGES_STEP])):
                outages += forgotten
        return Trimmed(entries, outages)
