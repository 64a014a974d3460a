"""What is remembered of alerts (CAP messages), so that a later message finds the outage that it is about."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.ids import SourceName


class First(Struct, frozen=True, array_like=True):
    """The first message of a chain: its name is the outage's id."""

    message: str
    latest: datetime
    """When the newest message known of the chain was sent."""
    since: datetime | None = None
    """When the outage began, as the chain's messages told so far; later ones may leave it out."""


class AlertChains(Protocol):
    """Which messages belong together, of each source for itself. Bounded: messages long out of use are forgotten.

    Down: each call raises `Unavailable` within the time-out; nothing is half remembered.
    """

    async def find(self, source: SourceName, messages: Iterable[str]) -> dict[str, First]:
        """What was last remembered of each of these messages; those never heard of are left out."""
        ...

    async def remember(self, source: SourceName, links: Mapping[str, First]) -> None:
        """Remember the first message of each message's chain, in place of what was known, durably and all in one step."""
        ...
