"""A directory of customers behind limits and a breaker, and remembered for a moment. Meets `kernel.ports.customers.CustomerDirectory`.

One conversation asks several times within a minute, and in a storm everybody does. What is remembered may be that much older, and is in memory only.
"""

from datetime import datetime, timedelta

from services.adapters.guarded import Guarded
from services.kernel.customers import CUSTOMER_ID_MAX, Customer, CustomerId
from services.kernel.ports.clock import Clock
from services.kernel.ports.customers import CustomerDirectory
from services.kit.bounded import Bounded


class GuardedCustomers:
    """For one event loop."""

    def __init__(self, directory: CustomerDirectory, guarded: Guarded, clock: Clock, fresh_s: float, kept: int) -> None:
        """Remembers up to `kept` customers, each for `fresh_s`."""
        self._directory, self._guarded, self._clock = directory, guarded, clock
        self._fresh = timedelta(seconds=fresh_s)
        self._known: Bounded[tuple[datetime, Customer]] = Bounded(kept)

    async def find(self, customer: CustomerId) -> Customer | None:
        """Meets `CustomerDirectory.find`."""
        if not 0 < len(customer) <= CUSTOMER_ID_MAX:
            return None
        known, now = self._known.get(customer), self._clock.now()
        if known is not None and timedelta() <= now - known[0] < self._fresh:
            return known[1]
        found = await self._guarded.ask(lambda: self._directory.find(customer))
        if found is None:
            self._known.forget(customer)
        else:
            self._known.put(customer, (now, found))
        return found

    async def close(self) -> None:
        """Meets `CustomerDirectory.close`."""
        await self._directory.close()
