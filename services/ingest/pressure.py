"""Whether the journal can take more: not where the relay is far behind, nor where memory runs out under all who need it (I9)."""

import asyncio
from collections.abc import Callable

from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Backlog
from services.kit.settings import Settings


class Pressure:
    """What speaks against taking more, looked up in the background so that no request waits for it."""

    def __init__(self, ask: Callable[[], Backlog], settings: Settings) -> None:
        """`ask` may block, and raise `Unavailable`: then the journal itself refuses, and nothing is said here."""
        self._ask, self._settings = ask, settings
        self._reason: str | None = None

    def __call__(self) -> str | None:
        """The reason to refuse, as last seen."""
        return self._reason

    async def watch(self) -> None:
        """Go on asking until cancelled."""
        while True:
            try:
                self._reason = self._against(await asyncio.to_thread(self._ask))
            except Unavailable:
                self._reason = None
            await asyncio.sleep(self._settings.ingest_pressure_every_s)

    def _against(self, backlog: Backlog) -> str | None:
        most, share = self._settings.ingest_lag_max_entries, self._settings.ingest_memory_max_share
        if backlog.lag > most:
            return f"the relay is behind by {backlog.lag} accepted events (SURGECAST_INGEST_LAG_MAX_ENTRIES is {most})"
        if backlog.memory_share > share:  # the rest is for the relay and the workers: what was accepted must still be shown
            return f"{backlog.memory_share:.0%} of the journal's memory is used (SURGECAST_INGEST_MEMORY_MAX_SHARE is {share:.0%})"
        return None
