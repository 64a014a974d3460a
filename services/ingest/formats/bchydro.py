"""BC Hydro's outage map: a list of outages with a stable `id`, times in epoch milliseconds, and a polygon as one flat list."""

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Record
from services.ingest.formats.format import Limits, Sightings
from services.ingest.formats.reading import Outcome, Sound, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.ingest.geometry import polygon_of_flat
from services.kernel.events import AnyGeometry, Cause, Condition, Crew, Point
from services.kernel.ids import OutageId

CAUSES = {
    "": Cause.UNKNOWN,
    "Under investigation": Cause.UNKNOWN,
    "No Known Message": Cause.UNKNOWN,
    "Wind storm": Cause.WEATHER,
    "Tree down across our wires": Cause.VEGETATION,
    "Wire down": Cause.EQUIPMENT,
    "Pole down": Cause.EQUIPMENT,
    "Pole replacement": Cause.EQUIPMENT,
    "Equipment failure": Cause.EQUIPMENT,
    "Transmission circuit failure": Cause.EQUIPMENT,
    "Substation fault": Cause.EQUIPMENT,
    "Transformer burn out": Cause.EQUIPMENT,
    "Transformer replacement": Cause.EQUIPMENT,
    "Work being done on our equipment": Cause.EQUIPMENT,
    "Planned work being done on our equipment": Cause.PLANNED,
    "Motor vehicle accident": Cause.VEHICLE,
    "Bird contacting our wires": Cause.ANIMAL,
    "Fire": Cause.FIRE,
    "Object on our wires": Cause.OTHER,
    "Customer's equipment": Cause.OTHER,
}
CAUSE_WORDS = (
    ("planned", Cause.PLANNED),
    ("storm", Cause.WEATHER),
    ("wind", Cause.WEATHER),
    ("snow", Cause.WEATHER),
    ("lightning", Cause.WEATHER),
    ("flood", Cause.WEATHER),
    ("tree", Cause.VEGETATION),
    ("bird", Cause.ANIMAL),
    ("animal", Cause.ANIMAL),
    ("vehicle", Cause.VEHICLE),
    ("fire", Cause.FIRE),
    ("safety", Cause.SAFETY),
    ("equipment", Cause.EQUIPMENT),
    ("failure", Cause.EQUIPMENT),
    ("fault", Cause.EQUIPMENT),
)
"""For words not met yet: the first one found decides."""

CREWS = {"NEW": Crew.PENDING, "ASSIGNED": Crew.ASSIGNED, "ENROUTE": Crew.EN_ROUTE, "ONSITE": Crew.ON_SITE, "SUSPENDED": Crew.PENDING}
CREW_SENTENCES = {
    "No crew assigned": Crew.PENDING,
    "No crew assigned yet": Crew.PENDING,
    "Crew assigned": Crew.ASSIGNED,
    "Crew on their way": Crew.EN_ROUTE,
    "Crew on-site": Crew.ON_SITE,
    "Suspended": Crew.PENDING,
}
"""What pictures before 2024 have instead of `crewStatus`."""


class BcHydro:
    """One record an outage, out until it is gone from the picture, whatever its estimate says."""

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records, envelope = opened(body)
        return sightings(each(records, _outcome, recent), "id", cut_short=False, observed_at=envelope.observed_at)


def _outcome(raw: bytes) -> Outcome:
    return outcome(raw, lambda record: fields.outage_id(record, "id"), _sound)


def _sound(outage_id: OutageId, record: Record) -> Sound:
    cause = cause_of(fields.text(record, "cause"))
    areas = fields.places(fields.text(record, "municipality"), ",")
    estimate = fields.epoch(record, "dateOn", 1000) or fields.epoch(record, "crewEtr", 1000)
    condition = Condition(
        outage_id=outage_id,
        planned=cause is Cause.PLANNED,
        cause=cause,
        crew=CREWS.get(fields.text(record, "crewStatus")) or CREW_SENTENCES.get(fields.text(record, "crewStatusDescription")),
        customers_affected=fields.customers(record, "numCustomersOut"),
        started_at=fields.epoch(record, "dateOff", 1000),
        estimated_restoration=estimate if fields.flag(record, "showEtr", default=True) else None,
        areas=tuple(area for area, _ in areas),
        geometry=_geometry(record),
    )
    return Sound(condition, areas)


def _geometry(record: Record) -> AnyGeometry | None:
    at = fields.position(record, "longitude", "latitude")
    return polygon_of_flat(record.get("polygon")) or (Point(at) if at else None)


def cause_of(words: str) -> Cause:
    """The cause that `words` tell; `other` for words that none of ours are in."""
    known = CAUSES.get(words)
    if known is not None:
        return known
    plain = words.lower()
    return next((cause for word, cause in CAUSE_WORDS if word in plain), Cause.OTHER)
