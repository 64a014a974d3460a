"""How the map lies on the picture: an equirectangular projection about its middle, north up."""

import math

import numpy as np
from msgspec import Struct

from services.fanout.pictures.atlas import Box, Positions
from services.fanout.pictures.style import FINER, HEIGHT, MAP_WIDTH
from services.fanout.pictures.undrawable import Undrawable

KM_A_DEGREE = 111.2
_SPAN_KM_MIN = 2.0
_FAR = 9_000
"""Pixels; what lies further away is drawn there."""


class Frame(Struct, frozen=True):
    """From degrees to the pixels of the finer drawing."""

    west: float
    north: float
    pixels: float
    """To a degree of latitude."""
    stretch: float
    """How much shorter a degree of longitude is there."""
    box: Box
    """What is on the map, in degrees."""

    def ring(self, positions: Positions) -> list[tuple[float, float]]:
        """Projected positions, as Pillow takes them."""
        xy = np.column_stack(((positions[:, 0] - self.west) * self.pixels, (self.north - positions[:, 1]) * self.pixels))
        return list(map(tuple, np.clip(xy, -_FAR, _FAR).tolist()))

    def spot(self, longitude: float, latitude: float) -> tuple[float, float]:
        """A place, in pixels of the finer drawing."""
        return self.at(longitude * self.stretch, latitude)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The same of a projected place."""
        return (x - self.west) * self.pixels, (self.north - y) * self.pixels

    @property
    def km_a_pixel(self) -> float:
        """Of the picture."""
        return KM_A_DEGREE * FINER / self.pixels


def framed(bounds: Box, share: float) -> Frame:
    """The map on which `bounds` takes `share` of the room. Raises `Undrawable`."""
    west, south, east, north = bounds
    if not -85 < south <= north < 85 or east - west > 180:
        raise Undrawable("what lies at a pole, or on both sides of the date line, is not drawn")
    stretch = math.cos(math.radians((south + north) / 2))
    least = _SPAN_KM_MIN / KM_A_DEGREE
    width, height = max((east - west) * stretch, least) / share, max(north - south, least) / share
    pixels = min(MAP_WIDTH / width, HEIGHT / height)
    width, height = MAP_WIDTH / pixels, HEIGHT / pixels
    x, y = (west + east) / 2 * stretch, (south + north) / 2
    box = ((x - width / 2) / stretch, y - height / 2, (x + width / 2) / stretch, y + height / 2)
    return Frame(x - width / 2, y + height / 2, pixels * FINER, stretch, box)
