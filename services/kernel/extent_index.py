"""The open outages' extents, ready to be looked up: by device, and by place. Pure; shapely is loaded where a place is asked for."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from services.kernel.events import AnyGeometry, MultiPolygon, Polygon
from services.kernel.ids import OutageKey
from services.kernel.mine import device_id
from services.kernel.nearest import KM_PER_DEGREE
from services.kernel.views import Extent

Shape = Any
Shapes = dict[OutageKey, tuple[AnyGeometry, Shape]]


class ExtentIndex:
    """Extents of one moment. Meets `kernel.mine.Extents`."""

    def __init__(self, extents: Mapping[OutageKey, Extent], close_m: float, before: "ExtentIndex | None" = None) -> None:
        """`close_m`: what is told as a point or a line reaches so many metres. Shapes that `before` has made are taken over."""
        self._close_km = close_m / 1000
        self._devices: dict[str, list[Extent]] = {}
        for extent in extents.values():
            for device in extent.devices:
                self._devices.setdefault(device_id(device), []).append(extent)
        self._shaped = [extent for extent in extents.values() if extent.geometry is not None]
        self._known: Shapes = (before._shapes or before._known) if before is not None else {}
        self._shapes: Shapes = {}
        self._tree: Any = None

    @property
    def costly(self) -> int:
        """How many shapes have to be made before a place can be looked up."""
        return 0 if self._tree is not None else sum(self._kept(extent) is None for extent in self._shaped)

    def prepare(self) -> None:
        """Make what looking up a place needs. Safe in a thread, one at a time."""
        if self._tree is not None or not self._shaped:
            return
        import shapely  # not in a process that is never asked about a place

        self._shapes = {extent.key: self._kept(extent) or _shape(shapely, extent) for extent in self._shaped}
        self._known = {}
        self._tree = shapely.STRtree([self._shapes[extent.key][1] for extent in self._shaped])

    def on(self, devices: Iterable[str]) -> Sequence[Extent]:
        """Meets `Extents.on`."""
        found = {extent.key: extent for device in devices for extent in self._devices.get(device_id(device), ())}
        return tuple(found.values())

    def covering(self, point: tuple[float, float]) -> Sequence[Extent]:
        """Meets `Extents.covering`."""
        return tuple(extent for extent, shape in self._around(point, 0.0) if _is_ground(extent) and _distance_km(shape, point) == 0)

    def close(self, point: tuple[float, float]) -> Sequence[Extent]:
        """Meets `Extents.close`."""
        near = self._around(point, self._close_km)
        return tuple(extent for extent, shape in near if not _is_ground(extent) and _distance_km(shape, point) <= self._close_km)

    def _around(self, point: tuple[float, float], km: float) -> Iterable[tuple[Extent, Shape]]:
        """The outages whose bounding box is within `km` of `point`, and perhaps a little further."""
        self.prepare()
        if self._tree is None:
            return ()
        import shapely

        lon, lat = point
        up, across = km / KM_PER_DEGREE, km / KM_PER_DEGREE / _narrowing(lat)
        box = shapely.box(lon - across, lat - up, lon + across, lat + up)
        return [(self._shaped[at], self._shapes[self._shaped[at].key][1]) for at in sorted(self._tree.query(box))]

    def _kept(self, extent: Extent) -> tuple[AnyGeometry, Shape] | None:
        """The shape made before, where the geometry is still the same."""
        kept = self._known.get(extent.key) or self._shapes.get(extent.key)
        return kept if kept is not None and kept[0] == extent.geometry else None


def _is_ground(extent: Extent) -> bool:
    """Whether its shape is where power is out, and not merely where the fault is."""
    return isinstance(extent.geometry, (Polygon, MultiPolygon))


def _shape(shapely: Any, extent: Extent) -> tuple[AnyGeometry, Shape]:
    assert extent.geometry is not None  # noqa: S101 - only shaped ones come here
    return extent.geometry, shapely.geometry.shape(msgspec.to_builtins(extent.geometry))


def _distance_km(shape: Shape, point: tuple[float, float]) -> float:
    """From `point` to `shape`; a plane is good enough for as near as this is asked for."""
    import shapely

    scale = (KM_PER_DEGREE * _narrowing(point[1]), KM_PER_DEGREE)
    plane = shapely.transform(shape, lambda positions: (positions[:, :2] - point) * scale)
    return float(shapely.distance(plane, shapely.Point(0, 0)))


def _narrowing(lat: float) -> float:
    """How much shorter a degree of longitude is than at the equator."""
    return max(0.01, math.cos(math.radians(lat)))
