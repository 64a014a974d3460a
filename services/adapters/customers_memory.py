"""Customers in this process: the twin of customers_sql and customers_http. Meets `kernel.ports.customers.CustomerDirectory` and `AccountTokens`."""

from collections.abc import Iterable, Mapping

from services.kernel.customers import Customer, CustomerId
from services.kernel.ports.failures import Unavailable


class MemoryCustomers:
    """While `down` is true every call raises `Unavailable`."""

    def __init__(self, customers: Iterable[Customer] = ()) -> None:
        self._customers = {customer.id: customer for customer in customers}
        self.down = False

    async def find(self, customer: CustomerId) -> Customer | None:
        """Meets `CustomerDirectory.find`."""
        if self.down:
            raise Unavailable("The customers in memory are set down.")
        return self._customers.get(customer)

    async def close(self) -> None:
        """Meets `CustomerDirectory.close`: there is nothing to let go of."""


class MemoryAccountTokens:
    """Tokens that are good, each with its customer. While `down` is true every call raises `Unavailable`."""

    def __init__(self, tokens: Mapping[str, CustomerId]) -> None:
        self._tokens = dict(tokens)
        self.down = False

    async def customer(self, token: str) -> CustomerId | None:
        """Meets `AccountTokens.customer`."""
        if self.down:
            raise Unavailable("The tokens in memory are set down.")
        return self._tokens.get(token)
