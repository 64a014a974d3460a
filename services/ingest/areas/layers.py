"""Several layers in one catalogue: outages are counted by some of them, and the others' names lead to those."""

from collections.abc import Sequence
from typing import Any

import msgspec
import shapely

from services.ingest.areas.boundaries import BoundaryError
from services.kernel.areas import Area, AreaName, Catalogue
from services.kernel.ids import AreaId


def with_layer(before: Catalogue, loaded: Sequence[Area], layers: Sequence[str], areas_max: int) -> Catalogue:
    """`before` with the areas `loaded`, all of one kind, in place of those of that kind.

    Outages are counted by `layers`; where none are named by those of before, or the first there is. Raises BoundaryError.
    """
    kind = loaded[0].kind
    kept = [area for area in before.areas if area.kind != kind]
    taken = {area.id: area.kind for area in kept}
    if clash := next((area.id for area in loaded if area.id in taken), None):
        raise BoundaryError(f"id: {clash}: there is a {taken[clash]} with this id. Ids are unique over all kinds: load it with another --id-field")
    if len(kept) + len(loaded) > areas_max:
        raise BoundaryError(f"{len(kept) + len(loaded)} areas of all kinds; at most {areas_max} are taken (SURGECAST_AREAS_MAX)")
    after = msgspec.structs.replace(before, areas=(*kept, *loaded))
    return counted_by(after, layers or before.layers or (kind,))


def counted_by(catalogue: Catalogue, layers: Sequence[str]) -> Catalogue:
    """`catalogue` with outages counted by `layers`. Raises BoundaryError for a kind that was not loaded."""
    if unknown := next((layer for layer in layers if layer not in catalogue.kinds), None):
        raise BoundaryError(f"There are no areas of the kind {unknown}; loaded are: {', '.join(catalogue.kinds) or 'none'}")
    return msgspec.structs.replace(catalogue, layers=tuple(dict.fromkeys(layers)))


def names_of(catalogue: Catalogue, alias_share: float) -> dict[AreaId, AreaName]:
    """What the counted areas are called. One of another layer is an alias of the counted area that has at least `alias_share` of it.

    One that lies across several is nobody's alias: to answer for one of them would be to answer for somewhere else.
    """
    counted = catalogue.counted
    names = {area.id: area.name for area in counted}
    others = [area for area in catalogue.areas if area.kind not in catalogue.layers]
    if not counted or not others:
        return names
    first = [area for area in counted if area.kind == catalogue.layers[0]]
    shapes: Any = shapely.from_wkb([area.shape for area in first])
    tree = shapely.STRtree(shapes)
    more: dict[AreaId, list[str]] = {}
    for other in others:
        shape = shapely.from_wkb(other.shape)
        near = tree.query(shape, predicate="intersects")
        shares = shapely.area(shapely.intersection(shapes[near], shape)) / shape.area
        if len(shares) and shares.max() >= alias_share:
            more.setdefault(first[near[int(shares.argmax())]].id, []).extend((other.id, other.name.en, other.name.fr, *other.name.aliases))
    return {area: _also(name, area, more.get(area, ())) for area, name in names.items()}


def _also(name: AreaName, area: AreaId, more: Sequence[str]) -> AreaName:
    known = {area, name.en, name.fr, ""}
    return msgspec.structs.replace(name, aliases=tuple(alias for alias in dict.fromkeys((*name.aliases, *more)) if alias not in known))
