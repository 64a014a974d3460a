"""Pairs places that are near each other, the nearest first, without comparing each with each.

Looks for pairs within a small distance first and then, of what is left, within twice that, up to the most allowed. So what is
close finds its pair while few others are in sight, and the result is that of sorting all pairs by distance. Only where more
than CANDIDATES_MAX are in sight does the order of places (west to east) choose which of them a place is compared with: that
keeps time and memory linear, and a crowd that moved as a whole is recognised by it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

Place = tuple[float, float]
"""Longitude and latitude, degrees."""
Cell = tuple[int, int]

KM_PER_DEGREE = 111.2
"""Of latitude, and of longitude at the equator."""
CANDIDATES_MAX = 32
"""Most places that one place is compared with at a time."""
CROWDED_CELL = 4
"""Places in one cell from which on a smaller distance is tried first: with its eight neighbours it would hold CANDIDATES_MAX."""
HALVINGS_MAX = 18
"""Of the distance: 5 km become 2 cm, below what a feed can tell apart."""
WORTH_ANOTHER = 8
"""Where a round of a crowded distance pairs less than one place in so many, the next distance is tried."""


def kilometres(one: Place, other: Place) -> float:
    """How far apart two places are; good to a percent over the few kilometres that matter here."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * KM_PER_DEGREE


def nearest_first(now: Mapping[Place, int], known: Mapping[Place, int], km: float) -> Iterator[tuple[Place, Place, int]]:
    """Pairs of one place of `now` and one `known` no farther apart than `km`, and how many of those that are there they pair.

    `now` and `known` say how many are at each place. Each is in at most one pair.
    """
    left, free = Counter(now), Counter(known)
    if not left or not free:
        return
    narrowest = max(math.cos(math.radians(max(abs(latitude) for places in (now, known) for _, latitude in places))), 1e-6)
    within = _first_distance(free, km, narrowest)
    while left and free:
        pairs, crowded = _in_sight(left, free, within, narrowest)
        before, paired = len(left), 0
        for _, here, there in sorted(pairs):
            count = min(left[here], free[there])
            if count:
                paired += 1
                yield here, there, count
                for places, place in ((left, here), (free, there)):
                    places[place] -= count
        left, free = +left, +free  # without those that are all paired
        if crowded and paired * WORTH_ANOTHER >= before:
            continue
        if within >= km:
            return
        within = min(2 * within, km)


def _first_distance(places: Mapping[Place, int], km: float, narrowest: float) -> float:
    """The longest distance, halved from `km`, at which no cell is crowded."""
    for _ in range(HALVINGS_MAX):
        if max(Counter(_cell(place, *_size(km, narrowest)) for place in places).values()) < CROWDED_CELL:
            break
        km /= 2
    return km


def _in_sight(left: Iterable[Place], free: Iterable[Place], km: float, narrowest: float) -> tuple[list[tuple[float, Place, Place]], bool]:
    """All pairs no farther apart than `km`, and whether some were left out because too many were in sight."""
    pairs: list[tuple[float, Place, Place]] = []
    crowded = False
    size = _size(km, narrowest)
    cells = _by_cell(free, size)
    for (column, row), several in _by_cell(left, size).items():
        around = [place for x in (-1, 0, 1) for y in (-1, 0, 1) for place in cells.get((column + x, row + y), ())]
        if len(around) > CANDIDATES_MAX:
            crowded = True
            around.sort()
            several.sort()
        for rank, here in enumerate(several):
            first = max(0, min(rank * len(around) // len(several) - CANDIDATES_MAX // 2, len(around) - CANDIDATES_MAX))
            pairs += [(apart, here, there) for there in around[first : first + CANDIDATES_MAX] if (apart := kilometres(here, there)) <= km]
    return pairs, crowded


def _by_cell(places: Iterable[Place], size: tuple[float, float]) -> dict[Cell, list[Place]]:
    cells: defaultdict[Cell, list[Place]] = defaultdict(list)
    for place in places:
        cells[_cell(place, *size)].append(place)
    return cells


def _size(km: float, narrowest: float) -> tuple[float, float]:
    """Width and height, in degrees, of cells so large that what is within `km` of a place is in its cell or next to it."""
    height = 1.01 * km / KM_PER_DEGREE
    return height / narrowest, height


def _cell(place: Place, width: float, height: float) -> Cell:
    return math.floor(place[0] / width), math.floor(place[1] / height)
