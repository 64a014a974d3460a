"""Where the areas lie: the shapes of the catalogue, no finer than a picture can show."""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from msgspec import Struct

from services.fanout.pictures.undrawable import Undrawable
from services.kernel.areas import Catalogue
from services.kernel.ids import AreaId

FINENESS = 1_500
"""How many steps of detail a usual area has across: about twice as many as it has pixels on a picture of its own."""
Positions = npt.NDArray[np.float64]
"""A row a position: x, y."""
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; or west, north, east, south in pixels."""


class Outline(Struct, frozen=True):
    """One area on the map."""

    area: AreaId
    rings: tuple[tuple[Positions, bool], ...]
    """Projected positions, and whether it is a hole; each hole after the ring that it is in."""
    label: tuple[float, float]
    """A place well inside it."""


class Atlas:
    """The shapes of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Shapes that can't be read are left out."""
        counted = catalogue.counted
        shapes = shapely.from_wkb([area.shape for area in counted], on_invalid="ignore")
        bounds = shapely.bounds(shapes) if len(counted) else np.zeros((0, 4))
        sizes = np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
        step = float(np.nanmedian(sizes)) / FINENESS if np.isfinite(sizes).any() else 0.0
        known = [place for place, shape in enumerate(shapes) if shape is not None and not shapely.is_empty(shape)]
        self._shapes = shapely.simplify(shapes[known], step, preserve_topology=True) if known else shapes[:0]
        self._areas = [counted[place].id for place in known]
        self._kinds = [counted[place].kind for place in known]
        self._bounds = bounds[known]
        self._places = {area: place for place, area in enumerate(self._areas)}
        self.revision = catalogue.revision

    def knows(self, area: AreaId) -> bool:
        """Whether it is known where `area` lies."""
        return area in self._places

    def bounds(self, areas: Collection[AreaId]) -> Box:
        """What encloses those of `areas` that are known. Raises `Undrawable` where none is."""
        places = [self._places[area] for area in areas if area in self._places]
        if not places:
            raise Undrawable("it isn't known where the area lies")
        west, south = self._bounds[places, :2].min(axis=0)
        east, north = self._bounds[places, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    def contains(self, area: AreaId, longitude: float, latitude: float) -> bool:
        """Whether a place lies in `area`, which is known."""
        return bool(shapely.contains_xy(self._shapes[self._places[area]], longitude, latitude))

    def view(self, areas: Iterable[AreaId], box: Box, stretch: float, step: float) -> list[Outline]:
        """The areas of the same layer as `areas` that reach into `box`, in no more detail than `step` degrees.

        Projected: longitudes are multiplied by `stretch`.
        """
        west, south, east, north = box
        kinds = {self._kinds[self._places[area]] for area in areas if area in self._places}
        inside = (self._bounds[:, 0] <= east) & (self._bounds[:, 2] >= west) & (self._bounds[:, 1] <= north) & (self._bounds[:, 3] >= south)
        places = [int(place) for place in np.flatnonzero(inside) if self._kinds[place] in kinds]
        plain = shapely.simplify(self._shapes[places], step, preserve_topology=False)
        shapes = np.where(shapely.is_empty(plain), self._shapes[places], plain)
        return [self._outline(place, shape, stretch) for place, shape in zip(places, shapes, strict=True)]

    def _outline(self, place: int, shape: Any, stretch: float) -> Outline:
        rings = []
        for polygon in shapely.get_parts(shape):
            for number, ring in enumerate(shapely.get_rings(polygon)):
                rings.append((shapely.get_coordinates(ring) * (stretch, 1.0), number > 0))
        middle = shapely.point_on_surface(self._shapes[place])
        return Outline(self._areas[place], tuple(rings), (shapely.get_x(middle) * stretch, shapely.get_y(middle)))
