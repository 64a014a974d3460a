"""How far the relay is behind what ingest accepted: beyond a limit, taking more would only fill the journal (I9)."""

import asyncio
from collections.abc import Callable

from services.kernel.ports import Unavailable


class Lag:
    """The number of accepted events that wait to be folded, asked in the background so that no request waits for it."""

    def __init__(self, ask: Callable[[], int], every_s: float) -> None:
        """`ask` may block, and raise `Unavailable`: then the journal itself refuses, and nothing is said here."""
        self._ask, self._every_s = ask, every_s
        self._entries = 0

    def __call__(self) -> int:
        """As last seen."""
        return self._entries

    async def watch(self) -> None:
        """Go on asking until cancelled."""
        while True:
            try:
                self._entries = await asyncio.to_thread(self._ask)
            except Unavailable:
                self._entries = 0
            await asyncio.sleep(self._every_s)
