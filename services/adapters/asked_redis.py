"""Counts of what people ask, on Redis: a hash a day. Meet `kernel.ports.asked`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from services import wire
from services.adapters.redis_link import text, told
from services.kernel.asked import Batch, Phrase, Tallied
from services.kernel.ports.clock import Clock
from services.kit.settings import Settings

BATCH_KEPT_S = 3_600
"""A batch may be handed in again for this long."""
_BAR = "|"
_ADD = (Path(__file__).parent / "lua" / "asked_add.lua").read_text(encoding="utf-8")


class RedisAskedStore:
    """The writing side, in an event loop."""

    def __init__(self, redis: AsyncRedis, clock: Clock, settings: Settings) -> None:
        self._redis, self._clock, self._settings = redis, clock, settings
        self._add: Any = redis.register_script(_ADD)

    async def add(self, batch: Batch) -> None:
        """Meets `AskedStore.add`."""
        counts: dict[str, list[Any]] = {}
        for tallied, count in batch.counts.items():
            counts.setdefault(wire.asked(f"{tallied.hour:%Y-%m-%d}"), []).extend((_field(tallied), count))
        today = wire.unmatched(f"{self._clock.now().astimezone(UTC):%Y-%m-%d}")
        phrases = {today: [part for phrase, count in batch.phrases.items() for part in (_BAR.join((phrase.lang, phrase.platform, phrase.words)), count)]}
        hashes = [*counts.items(), *(phrases.items() if batch.phrases else ())]
        settings = self._settings
        kept = (BATCH_KEPT_S, int(settings.asked_kept_s), int(settings.asked_phrases_kept_s), settings.asked_phrases_max, len(counts))
        fields = [part for _, flat in hashes for part in (len(flat) // 2, *flat)]
        with told():
            await self._add(keys=[wire.asked_batch(batch.id), *(key for key, _ in hashes)], args=[*kept, *fields])

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()


class RedisAskedCounts:
    """The reading side, for threads and processes."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis, self._clock = redis, clock

    def counts(self, since: datetime) -> Mapping[Tallied, int]:
        """Meets `AskedCounts.counts`."""
        found: dict[Tallied, int] = {}
        for day in self._days(since):
            for field, count in self._hash(wire.asked(day)):
                hour, platform, lang, intent, what = field.split(_BAR)
                tallied = Tallied(datetime.fromisoformat(hour), platform, lang, intent, what)
                if tallied.hour >= since:
                    found[tallied] = count
        return found

    def phrases(self, since: datetime) -> Mapping[Phrase, int]:
        """Meets `AskedCounts.phrases`."""
        found: dict[Phrase, int] = {}
        for day in self._days(since):
            for field, count in self._hash(wire.unmatched(day)):
                phrase = Phrase(*field.split(_BAR, 2))
                found[phrase] = found.get(phrase, 0) + count
        return found

    def _days(self, since: datetime) -> Iterator[str]:
        day, today = since.astimezone(UTC).date(), self._clock.now().astimezone(UTC).date()
        while day <= today:
            yield f"{day:%Y-%m-%d}"
            day += timedelta(days=1)

    def _hash(self, key: str) -> list[tuple[str, int]]:
        with told():
            flat: Any = self._redis.hgetall(key)
        return [(text(field), int(count)) for field, count in flat.items()]


def _field(tallied: Tallied) -> str:
    return _BAR.join((tallied.hour.isoformat(), tallied.platform, tallied.lang, tallied.intent, tallied.what))
