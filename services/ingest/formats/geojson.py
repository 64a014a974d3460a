"""A GeoJSON FeatureCollection (RFC 7946) with the properties of our own `outages.geojson`, which reads back."""

from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import Limits, Sightings
from services.ingest.formats.reading import Outcome, Over, Sound, as_object, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.ingest.geometry import Mender, problem_with, repaired
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
        return sightings(
            each(records, lambda raw: _outcome(raw, mender), recent), "properties.outage_id", envelope.exceeded_transfer_limit, envelope.observed_at
        )


def _outcome(raw: bytes, mender: Mender) -> Outcome:
    return outcome(raw, as_object, _outage_id, lambda outage_id, feature: _read(outage_id, feature, mender))


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


def _read(outage_id: OutageId, feature: Record, mender: Mender) -> Outcome:
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
    geometry = _geometry(feature.get("geometry"), mender)
    return Sound(msgspec.structs.replace(condition, geometry=geometry) if geometry else condition, names)


def _geometry(published: Any, mender: Mender) -> AnyGeometry | None:
    """What can be saved of a feature's geometry; one beyond repair is a flaw."""
    if published is None:
        return None
    try:
        geometry: AnyGeometry = msgspec.convert(published, AnyGeometry)
    except msgspec.ValidationError as error:
        raise Flawed("geometry", f"{error}. Accepted are Point, MultiPoint, LineString, Polygon and MultiPolygon (RFC 7946)") from error
    sound = repaired(geometry, mender)
    if sound is None:
        raise Flawed("geometry", problem_with(geometry, mender.positions_max) or "no area is left of it")
    return sound


def _areas(properties: Record) -> tuple[tuple[AreaId, ...], fields.Named]:
    """Area ids as they are; anything else is an area's name, and gets the id of that name."""
    areas: dict[AreaId, None] = {}
    names: list[tuple[AreaId, str]] = []
    for given in _texts(properties, "areas", AREAS_MAX):
        if AREA_ID.fullmatch(given):
            areas[AreaId(given)] = None
        else:
            areas[area_from_name(given)] = None
            names.extend(fields.places(given))
    return tuple(areas), tuple(names)


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
