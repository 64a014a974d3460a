"""Whose account a turn is linked to: verified, looked up, or known to be out of reach."""

from enum import StrEnum

from msgspec import Struct

from services.kernel.customers import Customer
from services.kernel.ports.customers import AccountTokens, CustomerDirectory
from services.kernel.ports.failures import Unavailable
from services.voice.conversation.turn import Turn


class Standing(StrEnum):
    """What is known of an asker."""

    KNOWN = "known"
    UNLINKED = "unlinked"
    """No account is linked, or its token is good no more: link one (again)."""
    AWAY = "away"
    """The account is linked, perhaps, and nobody can say whose it is just now."""
    CLOSED = "closed"
    """This service knows no customers: it was not set up to, or this one is none any more."""


class Asker(Struct, frozen=True):
    """Who asks. A customer only where KNOWN."""

    standing: Standing
    customer: Customer | None = None


class Accounts:
    """Says who asks. Waits no longer than its two ports do, and raises nothing."""

    def __init__(self, tokens: AccountTokens | None, directory: CustomerDirectory | None) -> None:
        """Without one of them nobody is a customer."""
        self._tokens, self._directory = tokens, directory

    async def asker(self, turn: Turn) -> Asker:
        """Who asks in this turn."""
        if self._tokens is None or self._directory is None:
            return Asker(Standing.CLOSED)
        if not turn.account:
            return Asker(Standing.UNLINKED)
        try:
            named = await self._tokens.customer(turn.account)
            customer = None if named is None else await self._directory.find(named)
        except Unavailable:
            return Asker(Standing.AWAY)
        if named is None:
            return Asker(Standing.UNLINKED)
        return Asker(Standing.CLOSED) if customer is None else Asker(Standing.KNOWN, customer)
