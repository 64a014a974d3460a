"""Which of many polygons are sound? Nearly all are, and those are told together: one by one takes the library's call four times for each.

Only ever says yes where every rule holds. Whatever it doesn't say yes to is looked at by itself (geometry), which finds the words and what can be saved.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import shapely

from services.kernel.events import Polygon

RING_MIN = 4
"""A triangle, and its first position again (RFC 7946, section 3.1.6)."""
LIGHT_MAX = 1_000
"""Positions of a shape that is checked in no time, however its border runs: a large one may have been made to be slow (tangle)."""
_TOGETHER = 256
"""Polygons looked at together: what is held meanwhile stays at a few megabytes."""
_FURTHEST = (180, 90)


def plainly_sound(polygons: Sequence[Polygon], positions_max: int = LIGHT_MAX) -> list[bool]:
    """Of each polygon whether it is sound beyond doubt: light, with no more than `positions_max` positions, on Earth, without heights, and valid."""
    most = min(positions_max, LIGHT_MAX)
    sound = [_well_formed(polygon, most) for polygon in polygons]
    formed = [at for at, is_formed in enumerate(sound) if is_formed]
    for start in range(0, len(formed), _TOGETHER):
        some = formed[start : start + _TOGETHER]
        for at, is_valid in zip(some, _valid([polygons[at].coordinates for at in some]), strict=True):
            sound[at] = is_valid
    return sound


def _well_formed(polygon: Polygon, most: int) -> bool:
    """Whether it has rings, all closed and long enough, of positions in two dimensions, `most` in all."""
    rings = polygon.coordinates
    if not rings or sum(map(len, rings)) > most:
        return False
    return all(len(ring) >= RING_MIN and ring[0] == ring[-1] and set(map(len, ring)) == {2} for ring in rings)


def _valid(polygons: list[list[list[list[float]]]]) -> list[bool]:
    """Of each well-formed polygon's rings whether they are on Earth and make a valid polygon (OGC's simple features)."""
    rings = [ring for polygon in polygons for ring in polygon]
    polygon_of_ring = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    ring_of_place = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    places = np.fromiter(chain.from_iterable(chain.from_iterable(rings)), float).reshape(-1, 2)
    astray = ~(np.abs(places) <= _FURTHEST).all(axis=1)  # so too what is no finite number
    places[astray] = 0  # the library stops at a ring that has no number at its end, and says nothing of the others
    shapes = shapely.polygons(shapely.linearrings(places, indices=ring_of_place), indices=polygon_of_ring)  # of a polygon's rings the first is the outer one
    valid = shapely.is_valid(shapes)
    valid[polygon_of_ring[ring_of_place[astray]]] = False
    told: list[bool] = valid.tolist()
    return told
