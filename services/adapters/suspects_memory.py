"""Which work keeps failing, in memory: the twin of suspects_redis."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Trouble


class MemorySuspects:
    """Meets `kernel.ports.Suspects`. While `down` is true every call raises `Unavailable`."""

    def __init__(self) -> None:
        self.down = False
        self._rounds: Counter[str] = Counter()
        self._failures: dict[str, Counter[AreaId]] = {}
        self.parked: dict[str, dict[AreaId, tuple[str, datetime]]] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The suspects in memory are set down.")

    def begun(self, channel: str) -> Trouble:
        """Meets `Suspects.begun`."""
        self._up()
        self._rounds[channel] += 1
        return Trouble(self._rounds[channel], frozenset(self.parked.get(channel, ())))

    def ended_well(self, channel: str, areas: Iterable[AreaId]) -> None:
        """Meets `Suspects.ended_well`."""
        self._up()
        self._forget(channel)
        for area in areas:
            self.parked.get(channel, {}).pop(area, None)

    def blame(self, channel: str, area: AreaId) -> int:
        """Meets `Suspects.blame`."""
        self._up()
        failures = self._failures.setdefault(channel, Counter())
        failures[area] += 1
        return failures[area]

    def park(self, channel: str, area: AreaId, reason: str, at: datetime) -> None:
        """Meets `Suspects.park`."""
        self._up()
        self.parked.setdefault(channel, {})[area] = (reason, at)
        self._forget(channel)

    def _forget(self, channel: str) -> None:
        self._rounds.pop(channel, None)
        self._failures.pop(channel, None)
