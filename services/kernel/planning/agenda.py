"""A desk by itself, in a storm's own time: what is looked at when, and each message out at the moment at which it is decided on."""

import heapq
from collections.abc import Iterable
from datetime import datetime

from services.kernel.ids import AreaId
from services.kernel.planning.desk import Desk, Told


class Agenda:
    """When `desk` looks at what. The live channel's is the due set that it shares with the relay."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._due: dict[AreaId, datetime] = {}
        self._queue: list[tuple[datetime, AreaId]] = []

    def due(self, areas: Iterable[AreaId], at: datetime) -> None:
        """Look at `areas` at `at`, or before."""
        for area in areas:
            known = self._due.get(area)
            if known is None or at < known:
                self._due[area] = at
                heapq.heappush(self._queue, (at, area))

    def next_at(self) -> datetime | None:
        """When something is due."""
        while self._queue and self._due.get(self._queue[0][1]) != self._queue[0][0]:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def look(self, now: datetime) -> list[Told]:
        """Do what is due at `now`, and give what goes out."""
        areas = []
        while (at := self.next_at()) is not None and at <= now:
            areas.append(heapq.heappop(self._queue)[1])
            del self._due[areas[-1]]
        looked = self.desk.look(areas, now)
        for told in looked.told:
            self.desk.out(told)
            if told.post.facts.urgent:
                self.due(told.held, now)
            if told.again is not None:
                self.due([told.post.area], told.again)
        for area, again in looked.again.items():
            self.due([area], again)
        return looked.told
