"""What sources may spend, counted in one place for all ingest processes."""

from typing import Protocol

from services.kernel.ids import SourceName
from services.kernel.quota import Limits, Loan, Thing


class Quotas(Protocol):
    """Lends sources what they may spend. Down: raises `Unavailable`."""

    async def borrow(self, source: SourceName, thing: Thing, limits: Limits, need: int, wish: int) -> Loan:
        """See `kernel.quota.Purse.lend`: in one atomic step, however many processes ask. One round trip."""
        ...
