"""When each source was last heard from, in memory: the twin of `sources_redis`."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.kernel.ids import SourceName
from services.kernel.sources import Expected, Patience, Source, known_sources


class MemorySources:
    """Meets `kernel.ports.Sources`. Never down."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._heard: dict[SourceName, datetime] = {}
        self._expected: dict[SourceName, Expected] = {}
        self._quiet: set[SourceName] = set()

    def heard(self, name: SourceName, at: datetime) -> None:
        """Meets `Sources.heard`."""
        self._heard[name] = max(at, self._heard.get(name, at))

    def expect(self, expected: Mapping[SourceName, Expected]) -> None:
        """Meets `Sources.expect`."""
        before = self._expected
        self._expected = {name: msgspec.structs.replace(new, since=before.get(name, new).since) for name, new in expected.items()}

    def known(self) -> list[Source]:
        """Meets `Sources.known`."""
        return known_sources(self._heard, self._expected, self._patience)

    def forget(self, name: SourceName) -> bool:
        """Meets `Sources.forget`."""
        self._quiet.discard(name)
        return (self._heard.pop(name, None) is not None) | (self._expected.pop(name, None) is not None)

    def quiet(self, name: SourceName) -> bool:
        """Meets `Sources.quiet`."""
        news = name not in self._quiet
        self._quiet.add(name)
        return news

    def back(self, name: SourceName) -> bool:
        """Meets `Sources.back`."""
        news = name in self._quiet
        self._quiet.discard(name)
        return news
