"""How often does a border run near itself? That tells what checking and mending it will cost, before anybody pays."""

from typing import Any

import numpy as np
import shapely

_TOGETHER = 64
"""Edges asked for at once: of what is refused, little more than is needed to refuse it is ever looked at."""


def near_edges(shape: Any, most: int) -> int:
    """Pairs of edges of `shape` whose rectangles meet, neighbours aside; counted no further than to pass `most`.

    Nearly none for a border that anybody drew; about a quarter of the square of its edges for one that crosses itself at random.
    """
    places, rings = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    starts = np.flatnonzero(rings[:-1] == rings[1:])
    low, high = np.minimum(places[starts], places[starts + 1]), np.maximum(places[starts], places[starts + 1])
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    tree = shapely.STRtree(boxes)
    neighbours, met = 3, 0  # each edge meets itself and the edges before and after it; each pair is met from both sides
    for at in range(0, len(boxes), _TOGETHER):
        some = boxes[at : at + _TOGETHER]
        met += max(tree.query(some).shape[1] - neighbours * len(some), 0)
        if met > 2 * most:
            break
    return (met + 1) // 2
