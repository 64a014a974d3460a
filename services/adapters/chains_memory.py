"""Which alerts belong together, in dicts: the twin of chains_redis."""

from collections.abc import Iterable, Mapping

from services.kernel.ids import SourceName
from services.kernel.ports.alerts import First
from services.kernel.ports.failures import Unavailable


class MemoryChains:
    """Meets `kernel.ports.AlertChains`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, messages_max: int = 50_000) -> None:
        self.down = False
        self._max = messages_max
        self._generations: dict[SourceName, tuple[dict[str, First], dict[str, First]]] = {}

    def _known(self, source: SourceName) -> tuple[dict[str, First], dict[str, First]]:
        if self.down:
            raise Unavailable("The alert chains in memory are set down.")
        return self._generations.setdefault(source, ({}, {}))

    async def find(self, source: SourceName, messages: Iterable[str]) -> dict[str, First]:
        """Meets `AlertChains.find`."""
        new, old = self._known(source)
        return {message: found for message in messages if (found := new.get(message) or old.get(message))}

    async def remember(self, source: SourceName, links: Mapping[str, First]) -> None:
        """Meets `AlertChains.remember`."""
        new, _ = self._known(source)
        new.update(links)
        if len(new) > self._max:
            self._generations[source] = ({}, new)
