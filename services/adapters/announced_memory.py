"""What one account said last about each area, in memory: the twin of `announced_redis`."""

from collections.abc import Iterable, Mapping

from services.kernel.ids import AreaId
from services.kernel.planning.posts import Said


class MemoryAnnounced:
    """Meets `kernel.ports.Announced`. Never down."""

    def __init__(self) -> None:
        self._said: dict[AreaId, Said] = {}

    def of(self, areas: Iterable[AreaId]) -> dict[AreaId, Said]:
        """What was said about those of these areas that anything was said about."""
        return {area: self._said[area] for area in areas if area in self._said}

    def say(self, said: Mapping[AreaId, Said]) -> None:
        """Remember these."""
        self._said.update(said)
