"""The areas of the made-up utility that the demo storm hits: forty neighbourhoods, in both languages. Pure but for the store that it is given.

Each is the land that is nearer to its place than to any other (Voronoi), so that an outage lies in the area that the storm says.
"""

import json
from typing import Any

import shapely

from services.cli.storm import PLACES
from services.ingest.areas.boundaries import Columns, Limits, read_boundaries
from services.ingest.areas.layers import names_of, with_layer
from services.kernel.ports.areas import AreaStore
from services.kit.settings import Settings

KIND = "neighbourhood"
MARGIN = 0.08
"""Degrees of land around the outermost places."""
_DECIMALS = 6

OTHER_NAMES: dict[str, str] = {
    "Alder Flats": "Plaine-aux-Aulnes", "Anse-aux-Bouleaux": "Birch Cove", "Barrow Hill": "Butte-Barrow", "Birchmere": "Étang-aux-Bouleaux",
    "Bois-Clair": "Clearwood", "Canal East": "Canal-Est", "Canal West": "Canal-Ouest", "Cedar Reach": "Bief-des-Cèdres", "Coteau-Vert": "Green Slope",
    "Eastfield": "Champ-de-l’Est", "Écluse-Neuve": "New Lock", "Fallowfield Road": "Chemin-des-Jachères", "Greywater": "Eau-Grise",
    "Harbour Point": "Pointe-du-Havre", "Île-aux-Hérons": "Heron Island", "Iron Bridge": "Pont-de-Fer", "Juniper Heights": "Hauteurs-des-Genévriers",
    "Kettle Creek": "Ruisseau-Kettle", "La Pinière": "Pine Grove", "Lac-Doré": "Golden Lake", "Lowtown": "Basse-Ville",
    "Maple Crossing": "Croisée-des-Érables", "Mill Quarter": "Quartier-du-Moulin", "Mont-Rond": "Round Hill", "Northgate": "Porte-du-Nord",
    "Old Quarry": "Vieille-Carrière", "Pointe-Sèche": "Dry Point", "Prairie View": "Vue-des-Prés", "Quatre-Vents": "Four Winds",
    "Redstone": "Pierre-Rouge", "Rivermouth": "L’Embouchure", "Sault-Blanc": "White Falls", "South Commons": "Communaux-du-Sud",
    "Trois-Ormes": "Three Elms", "Vieux-Moulin": "Old Mill",
}  # fmt: skip
"""What speakers of the other language call a place. The rest have one name in both."""
_FRENCH = frozenset({
    "Anse-aux-Bouleaux", "Bois-Clair", "Coteau-Vert", "Écluse-Neuve", "Île-aux-Hérons", "La Pinière", "Lac-Doré", "Mont-Rond", "Pointe-Sèche",
    "Quatre-Vents", "Sault-Blanc", "Trois-Ormes", "Vieux-Moulin",
})  # fmt: skip
"""The places whose id is the French name."""


def collection() -> dict[str, Any]:
    """The areas as a boundary file (GeoJSON), as `surgecast areas load` reads it."""
    centres = {place: shapely.Point(longitude, latitude) for place, (latitude, longitude) in PLACES.items()}
    points = shapely.MultiPoint(list(centres.values()))
    west, south, east, north = points.bounds
    land = shapely.box(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
    cells = shapely.STRtree(shapely.get_parts(shapely.voronoi_polygons(points, extend_to=land)))
    return {"type": "FeatureCollection", "features": [_feature(place, centre, cells, land) for place, centre in centres.items()]}


def _feature(place: str, centre: Any, cells: Any, land: Any) -> dict[str, Any]:
    cell = shapely.intersection(cells.geometries[cells.query(centre, predicate="intersects")[0]], land).normalize()
    ring = [[round(x, _DECIMALS), round(y, _DECIMALS)] for x, y in reversed(cell.exterior.coords)]  # RFC 7946 wants them counter-clockwise
    other = OTHER_NAMES.get(place, place)
    english, french = (other, place) if place in _FRENCH else (place, other)
    properties = {"name_en": english, "name_fr": french}
    return {"type": "Feature", "id": place, "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def boundary_file() -> bytes:
    """The same as bytes: one feature a line."""
    made = collection()
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in made["features"])
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'.encode()


def ensure_demo_areas(store: AreaStore, settings: Settings) -> bool:
    """Load the demo's areas where nothing was ever loaded; whether that was so. Raises `Unavailable`."""
    if not settings.demo_areas or store.revision():
        return False
    areas = read_boundaries([boundary_file()], KIND, Columns(), Limits(settings.areas_max, settings.area_positions_max), False, lambda _done, _all: None)
    catalogue = with_layer(store.read(), areas, (), settings.areas_max)
    store.replace(catalogue, names_of(catalogue, settings.area_alias_share))
    return True
