"""An issuer's keys, remembered: requests don't wait for the issuer, whatever it or the senders do.

One fetch at a time, and none sooner than `refetch` after the one before, however many tokens name keys that nobody has heard of. Keys that are older than
`fresh` are used while new ones are fetched behind; older than twice that, the fetch is waited for, so that what the issuer withdrew in a quiet hour is not
good once more. Where it fails they go on until `max_age`: an issuer that is down must not stop the senders.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from jwt import PyJWK
from msgspec import Struct

from services.adapters.issuer import KeySet
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kit.logs import log
from services.kit.metrics import OIDC_FETCHES


class Patience(Struct, frozen=True):
    """How long fetched keys are good, and who waits for new ones."""

    fresh: timedelta
    max_age: timedelta
    refetch: timedelta
    waiters_max: int
    """Requests that wait for one fetch. Each of them holds a place that others need, and anybody can make up a token that has to wait."""


class IssuerKeys:
    """Finds the key that a token names. For one event loop."""

    def __init__(self, fetch: Callable[[], KeySet], patience: Patience, clock: Clock) -> None:
        """`fetch` blocks and is called in a thread; it raises `Unavailable`."""
        self._fetch, self._patience, self._clock = fetch, patience, clock
        self._keys: KeySet = {}
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._waiting = 0
        self._failure = "never fetched"

    async def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """The key; None where the issuer has none of that id for that algorithm.

        Raises `Unavailable` where its keys aren't known, or not for long; and at once where enough others wait for them.
        """
        found = self._held(kid, algorithm)
        if found is None or self._age() > self._patience.fresh:
            fetching = self._refresh()
            if fetching is not None and (found is None or self._age() > 2 * self._patience.fresh):
                await self._wait_for(fetching)
                found = self._held(kid, algorithm)
        if self._age() > self._patience.max_age:
            raise Unavailable(self._failure)
        return found

    async def _wait_for(self, fetching: asyncio.Task[None]) -> None:
        if self._waiting >= self._patience.waiters_max:
            raise Unavailable(f"{self._waiting} requests wait for the issuer's keys already")
        self._waiting += 1
        try:
            await asyncio.shield(fetching)  # a sender who leaves must not end what others wait for
        finally:
            self._waiting -= 1

    def _held(self, kid: str, algorithm: str) -> PyJWK | None:
        if self._age() > self._patience.max_age:
            return None
        if kid:
            return self._keys.get((kid, algorithm))
        fitting = [key for (_, name), key in self._keys.items() if name == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    def _age(self) -> timedelta:
        return self._clock.now() - self._fetched_at if self._fetched_at else timedelta.max

    def _refresh(self) -> asyncio.Task[None] | None:
        """The fetch that is under way, begun now if there may be one."""
        now = self._clock.now()
        if self._fetching is None and (self._asked_at is None or now - self._asked_at >= self._patience.refetch):
            self._asked_at = now
            self._fetching = asyncio.create_task(self._renew())
        return self._fetching

    async def _renew(self) -> None:
        try:
            self._keys = await asyncio.to_thread(self._fetch)
            self._fetched_at = self._clock.now()
            OIDC_FETCHES.labels("ok").inc()
        except Unavailable as error:
            self._failure = str(error)
            OIDC_FETCHES.labels("failed").inc()
            log.warning("oidc.issuer_missed", error=self._failure)
        finally:
            self._fetching = None
