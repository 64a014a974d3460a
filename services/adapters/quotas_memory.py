"""What sources may spend, in a dict: the twin of quotas_redis."""

from services.kernel.ids import SourceName
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.quota import Limits, Loan, Purse, Thing


class MemoryQuotas:
    """Meets `kernel.ports.Quotas`. While `down` is true every call raises `Unavailable`; `asked` counts them."""

    def __init__(self, clock: Clock) -> None:
        self.down, self.asked = False, 0
        self._clock = clock
        self._purses: dict[tuple[SourceName, Thing], Purse] = {}

    async def borrow(self, source: SourceName, thing: Thing, limits: Limits, need: int, wish: int) -> Loan:
        """Meets `Quotas.borrow`."""
        self.asked += 1
        if self.down:
            raise Unavailable("The quotas in memory are set down.")
        return self._purses.setdefault((source, thing), Purse()).lend(thing, limits, self._clock.now(), need, wish)
