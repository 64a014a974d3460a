"""What a person should look at before outages are counted by these areas."""

from collections.abc import Iterator, Sequence
from typing import Any

import shapely

from services.kernel.areas import Area

OVERLAP_SHARE = 0.001
"""Of the smaller area: less comes from borders drawn by different hands."""
TOLD_MAX = 20
"""Findings of one sort that are told one by one."""


def review(areas: Sequence[Area]) -> list[str]:
    """Findings in words: areas of one layer that lie over each other, names that two have, and areas without a French name."""
    found: list[str] = []
    for kind in dict.fromkeys(area.kind for area in areas):
        layer = [area for area in areas if area.kind == kind]
        found += _first(list(_overlaps(layer)))
        found += _first(list(_namesakes(layer)))
        if one_name := sum(not area.name.fr for area in layer):
            found.append(f"{kind}: {one_name} of {len(layer)} areas have no French name of their own; French texts say the English one.")
    return found


def _first(findings: list[str]) -> list[str]:
    more = len(findings) - TOLD_MAX
    return findings if more <= 0 else [*findings[:TOLD_MAX], f"... and {more} more of this sort."]


def _overlaps(layer: Sequence[Area]) -> Iterator[str]:
    shapes: Any = shapely.from_wkb([area.shape for area in layer])
    sizes = shapely.area(shapes)
    for one, other in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
        if one < other:
            share = shapely.area(shapely.intersection(shapes[one], shapes[other])) / min(sizes[one], sizes[other])
            if share > OVERLAP_SHARE:
                yield f"{layer[one].kind}: {layer[one].id} and {layer[other].id} overlap by {share:.1%} of the smaller: outages there count in both."


def _namesakes(layer: Sequence[Area]) -> Iterator[str]:
    called: dict[str, set[str]] = {}
    for area in layer:
        for name in {area.name.en, area.name.called("fr"), *area.name.aliases}:
            called.setdefault(name.casefold(), set()).add(area.id)
    for name, ids in called.items():
        if len(ids) > 1:
            yield f"{layer[0].kind}: {', '.join(sorted(ids))} are all called {name}: asked for by that name, only one of them is found, or none."
