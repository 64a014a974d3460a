"""Counts of what people ask, in memory: for tests. Meets `kernel.ports.asked`'s three ports."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from services.kernel.asked import Batch, Phrase, Tallied
from services.kernel.ports.failures import Unavailable


class MemoryAsked:
    """One store, and one archive; `down` makes them unavailable."""

    def __init__(self, phrases_max: int = 1_000) -> None:
        self._counts: Counter[Tallied] = Counter()
        self._phrases: Counter[Phrase] = Counter()
        self._kept: dict[Tallied, int] = {}
        self._added: set[str] = set()
        self._phrases_max = phrases_max
        self.down = False

    async def add(self, batch: Batch) -> None:
        """Meets `AskedStore.add`."""
        self._check()
        if batch.id in self._added:
            return
        self._added.add(batch.id)
        self._counts.update(batch.counts)
        for phrase, count in batch.phrases.items():
            if phrase in self._phrases or len(self._phrases) < self._phrases_max:
                self._phrases[phrase] += count

    def counts(self, since: datetime) -> Mapping[Tallied, int]:
        """Meets `AskedCounts.counts`."""
        self._check()
        return {tallied: count for tallied, count in self._counts.items() if tallied.hour >= since}

    def phrases(self, since: datetime) -> Mapping[Phrase, int]:
        """Meets `AskedCounts.phrases`."""
        self._check()
        return dict(self._phrases)

    def write(self, counts: Mapping[Tallied, int]) -> None:
        """Meets `AskedArchive.write`."""
        self._check()
        for tallied, count in counts.items():
            self._kept[tallied] = max(count, self._kept.get(tallied, 0))

    def read(self, since: datetime) -> Mapping[Tallied, int]:
        """Meets `AskedArchive.read`."""
        self._check()
        return {tallied: count for tallied, count in self._kept.items() if tallied.hour >= since}

    def _check(self) -> None:
        if self.down:
            raise Unavailable("switched off by a test")
