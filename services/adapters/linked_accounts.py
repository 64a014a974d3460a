"""Whose a token of the demo's authorization server is. Meets `kernel.ports.customers.AccountTokens`. Looked up each time: a link that was ended is ended."""

import asyncio
import re
from collections.abc import Callable

from services.adapters.guarded import Guarded
from services.kernel.customers import CustomerId
from services.kernel.ports.links import LinkStore, Secret

_SHAPE = re.compile(r"[\w-]{43}", re.ASCII)
"""An access token of ours: 32 random bytes in base64url. What is none costs no look."""


class LinkedAccounts:
    """For one event loop. The store is asked in a thread."""

    def __init__(self, store: Callable[[], LinkStore], guarded: Guarded) -> None:
        """`store` gives the store, made at the first need: called in a thread."""
        self._store, self._guarded = store, guarded

    async def customer(self, token: str) -> CustomerId | None:
        """Meets `AccountTokens.customer`."""
        if not _SHAPE.fullmatch(token):
            return None
        grant = await self._guarded.ask(lambda: asyncio.to_thread(lambda: self._store().find(Secret.ACCESS, token)))
        return None if grant is None else grant.customer
