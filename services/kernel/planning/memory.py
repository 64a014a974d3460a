"""What a desk remembers from one look to the next, beside what was said: the news that wait, and what came lately. Small; a loss is made good in time."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from services.kernel.ids import AreaId
from services.kernel.planning.posts import Kind
from services.kernel.planning.spending import Forecast, Seen


class Waiting(Struct, frozen=True, omit_defaults=True):
    """News of one area that are worth telling, and have not been told."""

    kind: Kind
    value: float
    emergency: bool
    since: datetime
    """When they were first worth telling."""
    again: datetime
    """Not offered again before that, as long as they are the same news."""
    held_at: datetime | None = None
    """Since when they are held back for a digest, which covers them if it is as late or later."""
    covered: bool = False
    """An earlier digest covered them."""
    grave: bool = False
    """Safety is involved: a digest of them is plain."""


class Kept(Struct, frozen=True):
    """All of it."""

    waiting: Mapping[AreaId, Waiting] = {}
    seen: Seen = Seen()


NOTHING = Kept()


class Memory:
    """Of one desk."""

    def __init__(self, kept: Kept = NOTHING) -> None:
        self.waiting = dict(kept.waiting)
        self.forecast = Forecast(kept.seen)
        self._changed: set[AreaId] = set()

    def wait(self, area: AreaId, waiting: Waiting) -> None:
        """News of `area` wait."""
        self.waiting[area] = waiting
        self._changed.add(area)

    def drop(self, area: AreaId) -> Waiting | None:
        """Nothing of `area` waits; gives what did."""
        if area in self.waiting:
            self._changed.add(area)
        return self.waiting.pop(area, None)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to keep. What came lately changes only with what waits."""
        return bool(self._changed)

    def changes(self) -> Kept:
        """What changed of it, and what came lately; an area of which nothing waits any more is told by `gone`."""
        return Kept({area: self.waiting[area] for area in self._changed if area in self.waiting}, self.forecast.seen)

    def gone(self) -> frozenset[AreaId]:
        """The areas of which something may have waited, and no longer does."""
        return frozenset(self._changed - self.waiting.keys())

    def is_kept(self) -> None:
        """What changed until now is kept."""
        self._changed.clear()


def held_back(waiting: Waiting, digested_at: datetime | None) -> bool:
    """Whether the next digest is to cover it."""
    return waiting.held_at is not None and (digested_at is None or waiting.held_at > digested_at)


def is_covered(waiting: Waiting, digested_at: datetime | None) -> bool:
    """Whether a digest covered it."""
    return waiting.covered or (waiting.held_at is not None and digested_at is not None and waiting.held_at <= digested_at)


def held(waiting: Waiting, digested_at: datetime | None, now: datetime) -> Waiting:
    """`waiting`, held back for the next digest."""
    if held_back(waiting, digested_at):
        return waiting
    return msgspec.structs.replace(waiting, held_at=now, covered=is_covered(waiting, digested_at))
