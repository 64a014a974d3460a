"""Outages as a layer of an ArcGIS FeatureServer (PG&E since 2024): attributes, epoch milliseconds, pages with a limit."""

from typing import Any

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import Limits, Sightings
from services.ingest.formats.reading import Outcome, Sound, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.kernel.events import Cause, Condition, Crew, Point
from services.kernel.ids import OutageId

CAUSES = {
    "": Cause.UNKNOWN,
    "Awaiting Investigation": Cause.UNKNOWN,
    "PATROLLING": Cause.UNKNOWN,
    "STORM": Cause.WEATHER,
    "TREE CONTACT": Cause.VEGETATION,
    "WM - VEG Removal": Cause.VEGETATION,
    "REPLCE SRVC": Cause.EQUIPMENT,
    "REPAIR WIRE DWN": Cause.EQUIPMENT,
    "EMERG REPAIRS": Cause.EQUIPMENT,
    "BRKN POLE": Cause.EQUIPMENT,
    "BRKN POLE EQUIPMNT": Cause.EQUIPMENT,
    "DAMGE UG CABLE": Cause.EQUIPMENT,
    "REPLCE TXFMR": Cause.EQUIPMENT,
    "NG CONNECTION": Cause.EQUIPMENT,
    "TRNSMISSN OR SUBSTN": Cause.EQUIPMENT,
    "CAR POLE": Cause.VEHICLE,
    "FIRE": Cause.FIRE,
    "THRD PARTY": Cause.OTHER,
    "FOREIGN OBJ": Cause.OTHER,
    "NOT OUTAGE": Cause.OTHER,
}
"""'NOT OUTAGE' is what a crew found on site: until the record is gone, the source still counts it, and so do we."""

CREWS = {
    "Awaiting T-Man": Crew.PENDING,
    "T-Man Enroute": Crew.EN_ROUTE,
    "T-Man On Site": Crew.ON_SITE,
    "Awaiting Crew": Crew.PENDING,
    "Crew Assigned": Crew.ASSIGNED,
    "Crew Enroute": Crew.EN_ROUTE,
    "Crew On Site": Crew.ON_SITE,
    "No Access": Crew.PENDING,
}
"""A T-Man is a troubleman, who comes alone to find the fault before a crew is sent."""


class ArcGis:
    """One feature an outage; `F_OUTAGE_ID` is stable. Accepts flat attributes, or features with their geometry."""

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records, envelope = opened(body, "features")
        cut_short = envelope.exceeded_transfer_limit or (limits.arcgis_page > 0 and len(records) == limits.arcgis_page)
        return sightings(each(records, _outcome, recent), "F_OUTAGE_ID", cut_short, envelope.observed_at)


def _outcome(raw: bytes) -> Outcome:
    return outcome(raw, lambda record: fields.outage_id(_attributes(record), "F_OUTAGE_ID"), _sound)


def _attributes(record: Record) -> Record:
    attributes = record.get("attributes", record)
    if not isinstance(attributes, dict):
        raise Flawed("attributes", f"must be an object, not {fields.shown(attributes)}")
    return attributes


def _sound(outage_id: OutageId, record: Record) -> Sound:
    attributes = _attributes(record)
    cause = CAUSES.get(fields.text(attributes, "OUTAGE_CAUSE"), Cause.OTHER)
    areas = next(filter(None, (fields.places(_name(attributes, field)) for field in ("CITY", "COUNTY", "ZIP"))), ())
    condition = Condition(
        outage_id=outage_id,
        planned=cause is Cause.PLANNED,
        cause=cause,
        crew=CREWS.get(fields.text(attributes, "CREW_CURRENT_STATUS")),
        customers_affected=fields.customers(attributes, "EST_CUSTOMERS"),
        started_at=fields.epoch(attributes, "OUTAGE_START", 1000),
        estimated_restoration=fields.epoch(attributes, "CURRENT_ETOR", 1000) or fields.epoch(attributes, "AUTO_ETOR", 1000),
        areas=tuple(area for area, _ in areas),
        geometry=_place(attributes, record.get("geometry")),
        devices=_devices(attributes),
    )
    return Sound(condition, areas)


def _name(attributes: Record, field: str) -> str:
    value = attributes.get(field)
    return str(value) if isinstance(value, int) else fields.text(attributes, field)


def _place(attributes: Record, geometry: Any) -> Point | None:
    """The attributes' own degrees; else the geometry's, where it is in degrees (a layer may also answer in Web Mercator metres)."""
    at = fields.position(attributes, "OUTAGE_LONGITUDE", "OUTAGE_LATITUDE")
    if at is None and isinstance(geometry, dict):
        try:
            at = fields.position(geometry, "x", "y")
        except Flawed:
            at = None
    return Point(at) if at else None


def _devices(attributes: Record) -> tuple[str, ...]:
    named = (("device", "OUTAGE_DEVICE_ID"), ("circuit", "OUTAGE_CIRCUIT_ID"))
    return tuple(f"{kind}:{_name(attributes, field)}"[: fields.ID_MAX] for kind, field in named if _name(attributes, field))
