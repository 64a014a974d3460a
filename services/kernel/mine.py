"""Is this outage mine? By the surest that is known: what the premise is supplied through, then the outage's shape, then the area. Pure.

Devices first, since a shape on a map is drawn around circuits, and an area holds many of them: a neighbour's outage need not be mine.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Protocol

from msgspec import Struct

from services.kernel.customers import Premise
from services.kernel.ids import AreaId
from services.kernel.views import Extent, View


class Sureness(IntEnum):
    """How sure it is that an outage is somebody's; more is surer."""

    NONE = 0
    """None is known of."""
    AREA = 1
    """There is one in the area; it may not reach the address."""
    CLOSE = 2
    """One is told as a point or a line close by."""
    COVERED = 3
    """One's shape covers the address."""
    CIRCUIT = 4
    """What supplies the address is out."""


class Mine(Struct, frozen=True):
    """The outages that are somebody's, all equally surely."""

    sureness: Sureness = Sureness.NONE
    outages: tuple[Extent, ...] = ()
    """Empty for AREA and NONE."""
    premise: Premise | None = None


class Extents(Protocol):
    """The open outages' extents, of one moment, as something to look up."""

    def on(self, devices: Iterable[str]) -> Sequence[Extent]:
        """The outages of any of `devices`."""
        ...

    def covering(self, point: tuple[float, float]) -> Sequence[Extent]:
        """The outages whose shape covers `point`."""
        ...

    def close(self, point: tuple[float, float]) -> Sequence[Extent]:
        """The outages told as points or lines close to `point`."""
        ...


def device_id(name: str) -> str:
    """A device's name as it is compared: sources and directories differ in case and in blanks."""
    return "".join(name.split()).casefold()


def at_point(point: tuple[float, float] | None, extents: Extents) -> Mine:
    """What is out at `point`, by the outages' shapes alone."""
    if point is None:
        return Mine()
    if covering := extents.covering(point):
        return Mine(Sureness.COVERED, tuple(covering))
    if close := extents.close(point):
        return Mine(Sureness.CLOSE, tuple(close))
    return Mine()


def of_premise(premise: Premise, extents: Extents, area: View | None) -> Mine:
    """What is out at `premise`; `area` is what is known of the area that it is in."""
    if on_circuit := extents.on(premise.devices):
        return Mine(Sureness.CIRCUIT, tuple(on_circuit), premise)
    shaped = at_point(premise.point, extents)
    if shaped.sureness:
        return Mine(shaped.sureness, shaped.outages, premise)
    return Mine(Sureness.AREA if area is not None and area.brief.outages else Sureness.NONE, premise=premise)


def of_premises(premises: Sequence[Premise], extents: Extents, views: Mapping[AreaId, View]) -> Mine:
    """What is out at the one of `premises` where that is surest; of equals, the first. There is at least one."""
    return max((of_premise(premise, extents, views.get(premise.area)) for premise in premises), key=lambda mine: mine.sureness)
