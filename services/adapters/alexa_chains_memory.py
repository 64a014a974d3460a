"""Proved chains of certificates in memory: the twin of `alexa_chains_folder`. Meets `kernel.ports.alexa.ChainStore`."""

from collections.abc import Sequence

from services.kernel.ports.alexa import Chain
from services.kernel.ports.failures import Unavailable
from services.kit.bounded import Bounded


class MemoryChains:
    """Keeps the last few."""

    def __init__(self, most: int = 8) -> None:
        self._chains: Bounded[Chain] = Bounded(most)
        self.full = False
        """While it is set, nothing can be kept."""

    async def all(self) -> Sequence[Chain]:
        """Meets `ChainStore.all`."""
        return self._chains.entries()

    async def put(self, chain: Chain) -> None:
        """Meets `ChainStore.put`."""
        if self.full:
            raise Unavailable("full")
        self._chains.put(chain.url, chain)
