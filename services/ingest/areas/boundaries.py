"""Boundary files: GeoJSON in (RFC 7946), areas out. Whatever is wrong with a file is told feature by feature, and nothing of it is used."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct

from services.ingest.areas.shapes import ShapeError, polygons, simplified, united, wkb
from services.kernel.areas import KIND, Area, AreaName
from services.kernel.ids import AREA_ID, UNPLACED, AreaId, area_from_name

TOLD_MAX = 10
"""Faults that are told of one file."""
NAME_MAX = 120
_DEGREES = frozenset({"CRS84", "OGC:CRS84", "4326", "EPSG:4326", "4269", "EPSG:4269", "4617", "EPSG:4617"})
"""Coordinate systems of longitude and latitude on WGS 84, or NAD 83, which is within two metres of it."""
_ID, _EN, _FR, _ALIASES = ("id", "ID"), ("name_en", "NAME_EN", "name", "NAME"), ("name_fr", "NAME_FR", "nom", "NOM"), ("aliases", "ALIASES")


class BoundaryError(ValueError):
    """A boundary file can't be used. The text says which features, why, and what to do; nothing of the file was used."""


class Columns(Struct, frozen=True):
    """Which properties of a feature say what. None: the usual ones, where there are any."""

    id: str | None = None
    name_en: str | None = None
    name_fr: str | None = None
    aliases: str | None = None


class Limits(Struct, frozen=True):
    """How much one layer may have."""

    areas: int
    positions: int
    simplify_m: float = 0.0


class _Collection(Struct):
    type: str = ""
    features: list[Raw] | None = None
    crs: Any = None


class _Feature(Struct):
    type: str = ""
    id: str | int | float | None = None
    geometry: Raw = Raw(b"null")
    properties: dict[str, Any] | None = None


class _Draft(Struct):
    """One area as far as it was read."""

    name: AreaName
    feature: int
    shapes: list[Any]


_decode_collection = msgspec.json.Decoder(_Collection).decode
_decode_feature = msgspec.json.Decoder(_Feature).decode


def read_boundaries(bodies: list[bytes], kind: str, columns: Columns, limits: Limits, merge: bool, told: Callable[[int, int], None]) -> list[Area]:
    """The areas of one layer, of one file or several.

    `merge` joins features with one id into one area; without it a repeated id is refused. `told` hears how many features of how many are read.
    Raises BoundaryError.
    """
    if not KIND.fullmatch(kind):
        raise BoundaryError(f"kind: {kind!r}: use a-z, 0-9 and -, beginning with a letter, at most 32")
    features = [feature for body in bodies for feature in _features(body)]
    if len(features) > limits.areas and not merge:
        raise BoundaryError(f"{len(features)} features; at most {limits.areas} areas are taken (SURGECAST_AREAS_MAX)")
    drafts: dict[AreaId, _Draft] = {}
    faults, positions = [], 0
    for number, raw in enumerate(features):
        told(number, len(features))
        try:
            positions += _take(raw, number, columns, merge, drafts)
        except ShapeError as error:
            faults.append(f"feature {number}{_of(raw)}: {error}")
            if len(faults) >= TOLD_MAX:
                break
        if positions > limits.positions:
            raise BoundaryError(f"more than {limits.positions} positions (SURGECAST_AREA_POSITIONS_MAX): simplify the boundaries first")
    if faults:
        raise BoundaryError("; ".join(faults) + ". Nothing was loaded.")
    if len(drafts) > limits.areas:
        raise BoundaryError(f"{len(drafts)} areas; at most {limits.areas} are taken (SURGECAST_AREAS_MAX)")
    shapes = simplified([united(draft.shapes) for draft in drafts.values()], limits.simplify_m)
    told(len(features), len(features))
    return [Area(area, kind, draft.name, wkb(shape)) for (area, draft), shape in zip(drafts.items(), shapes, strict=True)]


def _features(body: bytes) -> list[Raw]:
    try:
        found = _decode_collection(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BoundaryError(f"not GeoJSON: {error}") from error
    if found.type != "FeatureCollection" or found.features is None:
        raise BoundaryError(f"a {found.type or 'document without a type'}; boundaries are a GeoJSON FeatureCollection (RFC 7946, section 3.3)")
    if not found.features:
        raise BoundaryError("features: there are none")
    if (system := _system(found.crs)) is not None and system not in _DEGREES:
        raise BoundaryError(f"crs: {system}: boundaries are in WGS 84 (RFC 7946, section 4). Convert them first: ogr2ogr -t_srs EPSG:4326 OUT.geojson IN")
    return found.features


def _system(crs: Any) -> str | None:
    """The coordinate system that a `crs` member names (GeoJSON before RFC 7946), shortened: `EPSG:3347`; None where there is none."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name", properties.get("code")) if isinstance(properties, dict) else None
    if not isinstance(name, str | int):
        return "one that can't be read"
    parts = [part for part in str(name).upper().removeprefix("URN:OGC:DEF:CRS:").split(":") if part]
    return parts[0] if len(parts) == 1 else f"{parts[0]}:{parts[-1]}"


def _take(raw: Raw, number: int, columns: Columns, merge: bool, drafts: dict[AreaId, _Draft]) -> int:
    """Add one feature to `drafts`; gives how many positions it has. Raises ShapeError."""
    try:
        feature = _decode_feature(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ShapeError(f"can't be read: {error}") from error
    properties = feature.properties or {}
    name = _name(properties, columns)
    area = _id(feature, properties, columns, name)
    shape, positions = polygons(bytes(feature.geometry))
    known = drafts.get(area)
    if known is None:
        drafts[area] = _Draft(name or AreaName(area), number, [shape])
    elif not merge:
        raise ShapeError(f"id: feature {known.feature} has the same one. Give each its own, or join features of one id with --merge")
    elif name is not None and name != known.name:
        raise ShapeError(f"name: feature {known.feature} has the same id and another name")
    else:
        known.shapes.append(shape)
    return positions


def _name(properties: dict[str, Any], columns: Columns) -> AreaName | None:
    english, french = _named(properties, columns.name_en, _EN, "name-en"), _named(properties, columns.name_fr, _FR, "name-fr")
    aliases = tuple(_aliases(properties, columns.aliases))
    if not (english or french):
        return None
    return AreaName(english or french, french if english and french != english else "", aliases)


def _named(properties: dict[str, Any], column: str | None, usual: tuple[str, ...], option: str) -> str:
    if column is not None and column not in properties:
        raise ShapeError(f"{column}: there is no such property. Name another with --{option}; there are: {', '.join(sorted(properties)[:20]) or 'none'}")
    value = next((properties[name] for name in ((column,) if column else usual) if properties.get(name) not in (None, "")), "")
    return _text(value, column or usual[0])


def _aliases(properties: dict[str, Any], column: str | None) -> Iterator[str]:
    if column is not None and column not in properties:
        raise ShapeError(f"{column}: there is no such property. Name another with --aliases")
    value = next((properties[name] for name in ((column,) if column else _ALIASES) if properties.get(name)), ())
    each = value.split(";") if isinstance(value, str) else value
    if not isinstance(each, list | tuple):
        raise ShapeError("aliases: use a list of names, or a text that parts them by semicolons")
    yield from dict.fromkeys(text for alias in each if (text := _text(alias, "aliases")))


def _text(value: object, field: str) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).split()) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    if text is None or not text.isprintable() or len(text) > NAME_MAX or (isinstance(value, float) and not math.isfinite(value)):
        raise ShapeError(f"{field}: use a text of at most {NAME_MAX} printable letters")
    return text


def _id(feature: _Feature, properties: dict[str, Any], columns: Columns, name: AreaName | None) -> AreaId:
    if columns.id is not None:
        if properties.get(columns.id) in (None, ""):
            raise ShapeError(f"{columns.id}: missing. Name the property that has the id with --id-field; there are: {', '.join(sorted(properties)[:20])}")
        text = _text(properties[columns.id], columns.id)
    else:
        given = next((value for value in (feature.id, *map(properties.get, _ID)) if value not in (None, "")), None)
        if given is None and name is None:
            raise ShapeError("id: missing, and there is no name to make one of. Name the properties that have them with --id-field and --name-en")
        text = _text(given, "id") if given is not None else area_from_name(name.en if name else "")
    if not AREA_ID.fullmatch(text) or text == UNPLACED:
        raise ShapeError(f"id: {text!r}: letters, digits, spaces and . ' ( ) & - only, at most 64, beginning with a letter or digit; not {UNPLACED!r}")
    return AreaId(text)


def _of(raw: Raw) -> str:
    """Whatever names a feature for the person who must find it in the file."""
    try:
        feature = _decode_feature(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    properties = feature.properties or {}
    called = next((value for value in (feature.id, *map(properties.get, (*_ID, *_EN, *_FR))) if value not in (None, "")), None)
    return "" if called is None else f" ({str(called)[:NAME_MAX]})"
