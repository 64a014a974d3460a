"""Where counts of what people ask go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from services.kernel.asked import Batch, Phrase, Tallied


class AskedStore(Protocol):
    """Counts of the last days, added to by every voice process. Down: raises `Unavailable`; the process keeps them and hands the same batch in again."""

    async def add(self, batch: Batch) -> None:
        """Add the counts. Safe twice: a batch that was added is not added again."""
        ...


class AskedCounts(Protocol):
    """The same counts, read. Down: raises `Unavailable`."""

    def counts(self, since: datetime) -> Mapping[Tallied, int]:
        """All counts of hours that began at `since` or later."""
        ...

    def phrases(self, since: datetime) -> Mapping[Phrase, int]:
        """What was not understood, on days that began at `since` or later, as far as it is still kept."""
        ...


class AskedArchive(Protocol):
    """The counts for good, by hour. Down: raises `Unavailable`; the store keeps them for days, and the next run takes them."""

    def write(self, counts: Mapping[Tallied, int]) -> None:
        """Keep these totals; of one that is there already, the larger. Safe twice."""
        ...

    def read(self, since: datetime) -> Mapping[Tallied, int]:
        """All totals of hours that began at `since` or later."""
        ...
