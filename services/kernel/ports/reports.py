"""The crew desk's pile of what people reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.kernel.outage import Acceptance
from services.kernel.reports import Look, Report


class Reports(Protocol):
    """Takes reports and gives them back. Down, or slow: raises `Unavailable` within its own named limit.

    Then it may be taken all the same, and saying it again is safe.
    """

    async def take(self, report: Report) -> Acceptance:
        """ACCEPTED: it is on disk. DUPLICATE: the same person said so a while ago, and that is. REJECTED: too many at once, and it isn't."""
        ...

    async def newest(self, since: datetime, limit: int) -> Sequence[Report]:
        """Up to `limit` reports taken since then, newest first."""
        ...

    async def look(self, look: Look) -> None:
        """Keep that somebody looks at whom reports are of: before they see it. The last `reports_looks_kept` are kept."""
        ...

    async def looks(self, limit: int) -> Sequence[Look]:
        """Up to `limit` of those, newest first."""
        ...
