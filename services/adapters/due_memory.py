"""What one channel has still to do, in a dict: the twin of due_redis."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable

MICROSECOND = timedelta(microseconds=1)


class MemoryDue:
    """Meets `kernel.ports.DueWork`. While `down` is true every call raises `Unavailable`."""

    def __init__(self) -> None:
        self.down = False
        self.at: dict[AreaId, datetime] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The due work in memory is set down.")

    def take(self, now: datetime, limit: int) -> dict[AreaId, datetime]:
        """Meets `DueWork.take`."""
        self._up()
        ready = sorted((moment, area) for area, moment in self.at.items() if moment <= now)
        return {area: moment for moment, area in ready[: max(limit, 0)]}

    def done(self, taken: Mapping[AreaId, datetime], again: Mapping[AreaId, datetime] | None = None, *, looked: datetime | None = None) -> None:
        """Meets `DueWork.done`."""
        self._up()
        for area, moment in taken.items():
            if self.at.get(area) == moment:
                del self.at[area]
            elif area in self.at and looked is not None:
                self.at[area] = max(self.at[area], looked)
        self.plan(again or {})

    def plan(self, at: Mapping[AreaId, datetime]) -> None:
        """Meets `DueWork.plan`."""
        self._up()
        for area, moment in at.items():
            self.at[area] = min(moment, self.at.get(area, moment))

    def touch(self, at: Mapping[AreaId, datetime]) -> None:
        """What the relay's commit does: the sooner time stays, plus a microsecond, so that `done` finds that something came."""
        for area, moment in at.items():
            known = self.at.get(area)
            self.at[area] = known + MICROSECOND if known is not None and known <= moment else moment
