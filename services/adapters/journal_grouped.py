"""Group commit: what several requests of one source append at the same time goes to the journal in one step.

A single event costs a round trip, a script call and an fsync of its own; those that come while one is under way can share the next. Nobody waits for
company: where no step is under way, the first event starts one.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from services.kernel.events import OutageEvent
from services.kernel.ids import AreaId, OutageId, SourceName
from services.kernel.picture import Change, Picture
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.journal import Answer, Journal
from services.kernel.views import Position


class _Place(Struct, frozen=True):
    """One request's events, waiting for their answers."""

    events: Sequence[OutageEvent]
    answers: asyncio.Future[list[Answer]]


class GroupedJournal:
    """Meets `kernel.ports.Journal` over another one. Each group is one atomic step, so what holds for one append holds for each request in it."""

    def __init__(self, journal: Journal, events_max: int) -> None:
        """Group up to `events_max` events of one source; a request with more goes by itself."""
        self._journal, self._events_max = journal, events_max
        self._queues: dict[SourceName, deque[_Place]] = {}
        """Of each source with a step under way: what waits for the next."""
        self._steps: set[asyncio.Task[None]] = set()
        self.answered_at = -math.inf
        """When a step last succeeded (`time.monotonic`): a journal that answers is not silent, however busy."""

    async def append(self, source: SourceName, events: Sequence[OutageEvent]) -> list[Answer]:
        """Meets `Journal.append`."""
        if len(events) > self._events_max:
            answers = await self._journal.append(source, events)
            self.answered_at = time.monotonic()
            return answers
        place = _Place(events, asyncio.get_running_loop().create_future())
        queue = self._queues.get(source)
        if queue is None:
            self._queues[source] = deque([place])
            step = asyncio.create_task(self._work_off(source))
            self._steps.add(step)
            step.add_done_callback(self._steps.discard)
        else:
            queue.append(place)
        return await place.answers

    async def _work_off(self, source: SourceName) -> None:
        queue = self._queues[source]
        try:
            while queue:
                await self._step(source, self._group(queue), queue)
        finally:
            del self._queues[source]

    def _group(self, queue: deque[_Place]) -> list[_Place]:
        """The places at the head of `queue` that fit in one step."""
        group = [queue.popleft()]
        count = len(group[0].events)
        while queue and (count := count + len(queue[0].events)) <= self._events_max:
            group.append(queue.popleft())
        return group

    async def _step(self, source: SourceName, group: list[_Place], queue: deque[_Place]) -> None:
        try:
            answers = iter(await self._journal.append(source, [event for place in group for event in place.events]))
        except Unavailable as error:
            for place in (*group, *queue):  # those that wait would only wait as long for the same
                _fail(place, Unavailable(str(error)))
            queue.clear()
        except Exception as error:
            if len(group) == 1:
                _fail(group[0], error)
                return
            for place in group:  # a mistake of ours with one request is not its neighbours'
                await self._step(source, [place], queue)
        else:
            self.answered_at = time.monotonic()
            for place in group:
                own = [next(answers) for _ in place.events]
                if not place.answers.done():  # its request may have been given up
                    place.answers.set_result(own)

    async def append_picture(self, source: SourceName, format_name: str, change: Change) -> list[Answer]:
        """Meets `Journal.append_picture`."""
        answers = await self._journal.append_picture(source, format_name, change)
        self.answered_at = time.monotonic()
        return answers

    async def picture(self, source: SourceName, format_name: str) -> Picture:
        """Meets `Journal.picture`."""
        return await self._journal.picture(source, format_name)

    async def revision(self, source: SourceName, format_name: str) -> int:
        """Meets `Journal.revision`."""
        return await self._journal.revision(source, format_name)

    async def current(self, source: SourceName, outage_ids: Iterable[OutageId]) -> dict[OutageId, OutageEvent]:
        """Meets `Journal.current`."""
        return await self._journal.current(source, outage_ids)

    async def name_areas(self, names: Mapping[AreaId, str], *, anew: bool = True) -> None:
        """Meets `Journal.name_areas`."""
        await self._journal.name_areas(names, anew=anew)

    async def heard(self, source: SourceName, at: datetime) -> None:
        """Meets `Journal.heard`."""
        await self._journal.heard(source, at)

    async def tip(self) -> Position:
        """Meets `Journal.tip`."""
        return await self._journal.tip()


def _fail(place: _Place, error: Exception) -> None:
    if not place.answers.done():
        place.answers.set_exception(error)
