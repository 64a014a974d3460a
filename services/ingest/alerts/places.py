"""Where a message says that the power is out: areas by their names, and the shapes drawn around them."""

from collections.abc import Iterable, Sequence

from services.ingest.alerts import forms
from services.ingest.alerts.message import Area, Info
from services.ingest.formats.fields import Named
from services.ingest.geometry import Mender, repaired
from services.kernel.events import AnyGeometry, MultiPoint, MultiPolygon, Point, Polygon
from services.kernel.ids import AREA_ID, UNPLACED, AreaId, area_from_name


def told_once(infos: Sequence[Info]) -> list[Info]:
    """The blocks of one language, English where there is any: each language tells of the same areas under names of its own."""
    first = next((info.language for info in infos if is_in(info, "en")), infos[0].language if infos else "")
    return [info for info in infos if info.language == first]


def is_in(info: Info, language: str) -> bool:
    """Whether the block is in `language`, of whatever country."""
    return info.language.lower().partition("-")[0] == language


def areas_of(infos: Sequence[Info], geocode: str) -> Named:
    """Each area with its name: ids are the values of the geocode named `geocode`, and made of the area's name where it has none."""
    named: dict[AreaId, str] = {}
    for area in _areas(infos):
        name = " ".join(area.name.split())
        codes = [value for kind, value in area.geocodes if geocode and kind == geocode and AREA_ID.fullmatch(value)]
        for area_id in map(AreaId, codes):
            named.setdefault(area_id, name if len(codes) == 1 and name else area_id)
        if not codes and (made := area_from_name(name)) != UNPLACED:
            named.setdefault(made, name)
    return tuple(named.items())


def geometry_of(infos: Sequence[Info], mender: Mender) -> AnyGeometry | None:
    """The areas' polygons together; where there are none, the centres of their circles. What crosses itself is mended, or else left out."""
    areas = list(_areas(infos))
    rings = [[forms.position(pair) for pair in text.split()] for area in areas for text in area.polygons]
    if rings:
        different = list({str(ring): ring for ring in rings}.values())
        return repaired(Polygon([different[0]]) if len(different) == 1 else MultiPolygon([[ring] for ring in different]), mender)
    centres = [forms.position(text.split()[0]) for area in areas for text in area.circles]
    if len(centres) > 1:
        return MultiPoint(centres)
    return Point(centres[0]) if centres else None


def _areas(infos: Sequence[Info]) -> Iterable[Area]:
    return (area for info in told_once(infos) for area in info.areas)
