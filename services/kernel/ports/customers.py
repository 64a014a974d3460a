"""The utility's customers, and whom a linked account's token names. Asked by voice, in its event loop."""

from typing import Protocol

from services.kernel.customers import Customer, CustomerId


class CustomerDirectory(Protocol):
    """Who is this customer? Read only. Down or slow: raises `Unavailable`, within a limit of its own; outage answers go on without it."""

    async def find(self, customer: CustomerId) -> Customer | None:
        """The customer; None where the utility has none of that id, or no more."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


class AccountTokens(Protocol):
    """Whose is this access token? Down: raises `Unavailable`, within a limit of its own."""

    async def customer(self, token: str) -> CustomerId | None:
        """The customer that `token` was given to; None for one that is forged, expired, revoked, or not for this service. Never says which."""
        ...
