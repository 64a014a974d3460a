"""A GeoJSON FeatureCollection (RFC 7946) with the properties of our own `outages.geojson`, which reads back."""

from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import Limits, Sightings
from services.ingest.formats.reading import Outcome, Over, Sound, Unsound, as_object, check_bytes, outcome, sightings, together
from services.ingest.formats.recent import Recent
from services.ingest.geometry import Mender, all_repaired, problem_with
from services.kernel.events import AnyGeometry, Cause, Condition, Crew, Note, Status
from services.kernel.ids import AREA_ID, AreaId, OutageId, area_from_name

AREAS_MAX = 200
DEVICES_MAX = 500
Word = TypeVar("Word", bound=StrEnum)


class GeoJson:
    """One feature an outage, named by `properties.outage_id`, else by the feature's own `id`."""

    media_types = ("application/geo+json", "application/json")

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records, envelope = opened(body, limits.records_max, "features")
        mender = limits.mender()
        outcomes = together(records, lambda new: _outcomes(new, mender), recent)
        return sightings(outcomes, "properties.outage_id", envelope.exceeded_transfer_limit, envelope.observed_at)


def _outcomes(records: list[bytes], mender: Mender) -> list[Outcome]:
    """What each record comes to. Their shapes are looked at last, all together: to ask of each by itself whether it is sound took half of the time."""
    outcomes = [outcome(raw, _feature, _outage_id, _read) for raw in records]
    drawn = [(at, found, shape) for at, found in enumerate(outcomes) if isinstance(found, Sound) and (shape := found.condition.geometry) is not None]
    for (at, found, shape), sound in zip(drawn, all_repaired([shape for _, _, shape in drawn], mender), strict=True):
        if sound is None:
            wrong = problem_with(shape, mender.positions_max) or "no area is left of it"
            outcomes[at] = Unsound(found.condition.outage_id, "geometry", wrong)
        elif sound is not shape:
            outcomes[at] = Sound(msgspec.structs.replace(found.condition, geometry=sound), found.areas)
    return outcomes


class _Feature(Struct):
    """What is looked at of a sound feature."""

    id: Any = None
    properties: Any = None
    geometry: AnyGeometry | None = None


_sound = msgspec.json.Decoder(_Feature).decode


def _feature(raw: bytes) -> Record:
    """The record, its geometry read with the rest of it: half of the time of a plain one that is then converted. What stops at a fault is read plainly,
    so that the fault is told of the field that has it. Raises Flawed.
    """
    check_bytes(raw)
    try:
        feature = _sound(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return as_object(raw)
    return {"id": feature.id, "properties": feature.properties, "geometry": feature.geometry}


def _properties(feature: Record) -> dict[str, Any]:
    properties = feature.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise Flawed("properties", f"must be an object, not {fields.shown(properties)}")
    return properties


def _outage_id(feature: Record) -> OutageId:
    properties = _properties(feature)
    if properties.get("outage_id") is not None or feature.get("id") is None:
        try:
            return fields.outage_id(properties, "outage_id")
        except Flawed as flaw:
            raise Flawed("properties.outage_id", flaw.message) from flaw
    return fields.outage_id(feature, "id")


def _read(outage_id: OutageId, feature: Record) -> Outcome:
    """The record with its shape as it was drawn, sound or not."""
    properties = _properties(feature)
    try:
        status = _word(properties, "status", Status) or Status.ACTIVE
        if status.is_over:
            return Over()
        areas, names = _areas(properties)
        condition = Condition(
            outage_id=outage_id,
            planned=fields.flag(properties, "planned", default=False),
            cause=_word(properties, "cause", Cause) or Cause.UNKNOWN,
            crew=_word(properties, "crew", Crew),
            customers_affected=fields.customers(properties, "customers_affected"),
            customers_masked=fields.flag(properties, "customers_masked", default=False),
            started_at=fields.moment(properties, "started_at"),
            estimated_restoration=fields.moment(properties, "estimated_restoration"),
            areas=areas,
            devices=tuple(_texts(properties, "devices", DEVICES_MAX)),
            note=_note(properties),
        )
    except Flawed as flaw:
        raise Flawed(f"properties.{flaw.field}", flaw.message) from flaw
    geometry = _geometry(feature.get("geometry"))
    return Sound(msgspec.structs.replace(condition, geometry=geometry) if geometry else condition, names)


def _geometry(published: Any) -> AnyGeometry | None:
    if published is None or isinstance(published, AnyGeometry):
        return published
    try:
        geometry: AnyGeometry = msgspec.convert(published, AnyGeometry)
    except msgspec.ValidationError as error:
        raise Flawed("geometry", f"{error}. Accepted are Point, MultiPoint, LineString, Polygon and MultiPolygon (RFC 7946)") from error
    return geometry


def _areas(properties: Record) -> tuple[tuple[AreaId, ...], fields.Named]:
    """Area ids as they are; anything else is an area's name, and gets the id of that name."""
    areas: dict[AreaId, None] = {}
    names: list[tuple[AreaId, str]] = []
    for given in _texts(properties, "areas", AREAS_MAX):
        if _is_area_id(given):
            areas[AreaId(given)] = None
        else:
            areas[area_from_name(given)] = None
            names.extend(fields.places(given))
    return tuple(areas), tuple(names)


@lru_cache(maxsize=4096)
def _is_area_id(given: str) -> bool:
    return AREA_ID.fullmatch(given) is not None


def _texts(properties: Record, field: str, most: int) -> list[str]:
    values = properties.get(field)
    if values is None:
        return []
    if not isinstance(values, list) or len(values) > most:
        raise Flawed(field, f"must be a list of at most {most} texts, not {fields.shown(values)}")
    for value in values:
        if not isinstance(value, str) or not 0 < len(value) <= fields.ID_MAX:
            raise Flawed(field, f"must hold texts of 1 to {fields.ID_MAX} characters, not {fields.shown(value)}")
    return values


def _word(properties: Record, field: str, words: type[Word]) -> Word | None:
    value = properties.get(field)
    if value is None:
        return None
    try:
        return words(value)
    except ValueError as error:
        raise Flawed(field, f"must be one of {', '.join(words)}, not {fields.shown(value)}") from error


def _note(properties: Record) -> Note | None:
    """The operator's words by language. Plain text, as in our own documents of one language, doesn't say in which: it is left out."""
    value = properties.get("note")
    if isinstance(value, str):
        return None
    try:
        return msgspec.convert(value, Note | None)
    except msgspec.ValidationError as error:
        raise Flawed("note", str(error)) from error
