"""What Messenger is asked for: to pass on what we say, and which language somebody has set."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol


class Sending(StrEnum):
    """What became of a message: the label of its metric."""

    SENT = "sent"
    LIMITED = "limited"
    """Too many calls, still after all tries."""
    CLOSED = "closed"
    """The person's last word is more than 24 hours old: nothing may be sent any more."""
    UNAVAILABLE = "unavailable"
    """The person has blocked the page, or is gone."""
    LOCKED_OUT = "locked_out"
    """The page's token is not honoured."""
    REFUSED = "refused"
    """It will never be taken as it is."""
    FAILED = "failed"
    """The API could not be reached, or failed, still after all tries."""
    UNCERTAIN = "uncertain"
    """The answer was lost: it may have been sent. Nobody is told the same twice on purpose."""
    SHED = "shed"
    """Never tried: too many were waiting."""


class MessengerApi(Protocol):
    """One Facebook page's side of Messenger. Raises nothing for what the API does; waits no longer than its own named limits."""

    async def send(self, to: str, message: Mapping[str, Any]) -> Sending:
        """Send `message`, as the Send API has it, to the person with the page-scoped id `to`, as the answer to what they said."""
        ...

    async def typing(self, to: str) -> None:
        """Show that an answer is coming. Tried once; of no account where it fails."""
        ...

    async def locale(self, of: str) -> str:
        """The locale that a person has set, like `fr_CA`; '' where it isn't told."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...
