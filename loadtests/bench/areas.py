"""Finding the areas of outages that only say where they are: how many a second, against 600 areas?

`python -m loadtests.bench.areas [RUNS]`. The territory is 25 by 24 areas whose common borders wind as rivers and streets do, about 1,600 positions
each. Points as events bring them (batches of 500, and one at a time), polygons new and seen before, and the whole boundary file read and loaded.
"""

import itertools
import json
import math
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from loadtests.bench.figures import row
from services.adapters.areas_memory import MemoryAreas
from services.ingest.areas.boundaries import Columns, Limits, read_boundaries
from services.ingest.areas.layers import names_of, with_layer
from services.ingest.areas.places import Places
from services.kernel.events import AnyGeometry, OutageEvent, Point, Polygon, Status
from services.kernel.ids import OutageId
from services.kit.clock import SystemClock
from services.kit.settings import Settings

ASKED = 10_000
COLUMNS, ROWS, STEPS = 25, 24, 400
WEST, SOUTH, CELL = -76.0, 45.0, 0.04
POINTS, POLYGONS, BATCH = 20_000, 2_000, 500


def corner(column: int, row_number: int) -> tuple[float, float]:
    """A corner of the grid."""
    return WEST + CELL * column, SOUTH + CELL * row_number


def border(one: tuple[float, float], other: tuple[float, float]) -> list[list[float]]:
    """The winding line between two corners, without the second; the same positions in either direction."""
    first, last = sorted((one, other))
    across = (-(last[1] - first[1]), last[0] - first[0])
    made = []
    for step in range(STEPS + 1):
        share = step / STEPS
        bend = 0.08 * math.sin(math.pi * share) * (math.sin(9 * share + 40 * first[0]) + 0.3 * math.sin(71 * share + 90 * first[1]))
        made.append([round(first[axis] + (last[axis] - first[axis]) * share + across[axis] * bend, 7) for axis in (0, 1)])
    return (made if one == first else made[::-1])[:-1]


def boundary_file() -> bytes:
    """The territory as GeoJSON."""
    features = []
    for column in range(COLUMNS):
        for row_number in range(ROWS):
            turns = [corner(column + x, row_number + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
            ring = [at for one, other in itertools.pairwise(turns) for at in border(one, other)]
            geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
            features.append({"type": "Feature", "id": f"A{column:02}-{row_number:02}", "properties": {}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def outages(shapes: list[AnyGeometry]) -> list[OutageEvent]:
    """One outage a shape, without areas."""
    now = SystemClock().now()
    return [OutageEvent(event_id=str(n), outage_id=OutageId(str(n)), occurred_at=now, status=Status.ACTIVE, geometry=shape) for n, shape in enumerate(shapes)]


def points(draw: random.Random) -> list[AnyGeometry]:
    """Somewhere in the territory."""
    return [Point([draw.uniform(WEST, WEST + CELL * COLUMNS), draw.uniform(SOUTH, SOUTH + CELL * ROWS)]) for _ in range(POINTS)]


def polygons(draw: random.Random) -> list[AnyGeometry]:
    """Twelve-cornered outages, most of them within one area, some across two or more."""
    made: list[AnyGeometry] = []
    for _ in range(POLYGONS):
        x, y, reach = draw.uniform(WEST, WEST + CELL * COLUMNS), draw.uniform(SOUTH, SOUTH + CELL * ROWS), draw.uniform(0.001, 0.015)
        ring = [[x + reach * math.cos(turn * math.tau / 12), y + reach * math.sin(turn * math.tau / 12)] for turn in range(12)]
        made.append(Polygon([[*ring, ring[0]]]))
    return made


def rate(work: Callable[[], Any], items: int) -> float:
    """Items a second."""
    started = time.perf_counter()
    work()
    return items / (time.perf_counter() - started)


def main(runs: int) -> None:
    """Print what was measured."""
    settings, store, body = Settings(), MemoryAreas(), boundary_file()
    places, seconds = Places(store, settings), list[float]()
    limits = Limits(settings.areas_max, settings.area_positions_max, settings.area_simplify_m)
    figures: dict[str, list[float]] = {"batch": [], "one": [], "new": [], "again": []}
    outside = 0
    for run in range(runs):
        started = time.perf_counter()
        areas = read_boundaries([body], "ward", Columns(), limits, False, lambda _done, _total: None)
        catalogue = with_layer(store.read(), areas, (), settings.areas_max)
        store.replace(catalogue, names_of(catalogue, settings.area_alias_share))
        places.refresh()
        seconds.append(time.perf_counter() - started)
        draw = random.Random(run)
        at, shaped = outages(points(draw)), outages(polygons(draw))
        batches = [at[start : start + BATCH] for start in range(0, POINTS, BATCH)]
        figures["batch"].append(rate(lambda batches=batches: [places.placed(batch) for batch in batches], POINTS))  # type: ignore[misc]
        singles = [[one] for one in at[: POINTS // 4]]
        figures["one"].append(rate(lambda singles=singles: [places.placed(one) for one in singles], len(singles)))  # type: ignore[misc]
        figures["new"].append(rate(lambda shaped=shaped: places.placed(shaped), POLYGONS))  # type: ignore[misc]
        figures["again"].append(rate(lambda shaped=shaped: places.placed(shaped), POLYGONS))  # type: ignore[misc]
        outside += sum(not event.areas for event in places.placed(at))
    print(row(f"points in batches of {BATCH}", figures["batch"], "points/s", f"at least {ASKED:,}"))
    print(row("points one at a time", figures["one"], "points/s", f"at least {ASKED:,}"))
    print(row("polygons not seen before", figures["new"], "polygons/s"))
    print(row("polygons seen in the picture before", figures["again"], "polygons/s"))
    print(row(f"{COLUMNS * ROWS} areas, {len(body) / 1e6:.0f} MB of GeoJSON, read, simplified and taken over", seconds, "s"))
    print(f"points in no area: {outside / POINTS / runs:.1%} (the territory's own border winds)")
    if min(sorted(figures[name])[runs // 2] for name in ("batch", "one")) < ASKED:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
