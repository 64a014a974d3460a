"""Pacific Gas and Electric's outage map of 2019 to 2022: everything is text, optional keys are absent, cause and crew are sentences."""

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.fields import Record
from services.ingest.formats.format import Limits, Sightings
from services.ingest.formats.reading import Outcome, Sound, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.kernel.events import Cause, Condition, Crew, Point
from services.kernel.ids import OutageId

CAUSES = {
    "": Cause.UNKNOWN,
    "Unknown - PG&E will be assessing the cause.": Cause.UNKNOWN,
    "PG&E is investigating the cause of your outage.": Cause.UNKNOWN,
    "Our preliminary determination is that your outage was caused by the weather.": Cause.WEATHER,
    "Our preliminary determination is that your outage was caused by an equipment issue.": Cause.EQUIPMENT,
    "Our preliminary determination is that your outage was caused by scheduled maintenance work.": Cause.PLANNED,
    "Our preliminary determination is that your outage was caused by an emergency issue.": Cause.OTHER,
    "Our preliminary determination is that your outage was caused by a car that hit a pole.": Cause.VEHICLE,
    "We are clearing vegetation to address potential safety risks in your area.": Cause.VEGETATION,
    "To protect public safety, power in your area has been turned off due to extreme weather conditions with high fire danger. "
    "Power will be restored as soon as it is safe to do so.": Cause.SAFETY,
}
CAUSE_WORDS = (
    ("public safety", Cause.SAFETY),
    ("scheduled", Cause.PLANNED),
    ("planned", Cause.PLANNED),
    ("weather", Cause.WEATHER),
    ("vegetation", Cause.VEGETATION),
    ("tree", Cause.VEGETATION),
    ("car ", Cause.VEHICLE),
    ("vehicle", Cause.VEHICLE),
    ("animal", Cause.ANIMAL),
    ("bird", Cause.ANIMAL),
    ("fire", Cause.FIRE),
    ("equipment", Cause.EQUIPMENT),
    ("investigating", Cause.UNKNOWN),
    ("unknown", Cause.UNKNOWN),
)
"""For sentences not met yet: the first word found decides."""

CREWS = {
    "PG&E has assigned a crew to assess the outage.": Crew.ASSIGNED,
    "PG&E is sending a repair crew to the outage location.": Crew.ASSIGNED,
    "PG&E assessment crew is en route to the outage.": Crew.EN_ROUTE,
    "PG&E repair crew is en route to the outage location.": Crew.EN_ROUTE,
    "PG&E is assessing the cause at the outage location.": Crew.ON_SITE,
    "PG&E repair crew is on-site working to restore power.": Crew.ON_SITE,
    "PG&E is unable to access the affected equipment.": Crew.PENDING,
}


class Pge:
    """One record an outage; `outageNumber` is stable. Each picture is whole, however round its number of records."""

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records, envelope = opened(body)
        return sightings(each(records, _outcome, recent), "outageNumber", cut_short=False, observed_at=envelope.observed_at)


def _outcome(raw: bytes) -> Outcome:
    return outcome(raw, lambda record: fields.outage_id(record, "outageNumber"), _sound)


def _sound(outage_id: OutageId, record: Record) -> Sound:
    cause = cause_of(fields.text(record, "cause"))
    at = fields.position(record, "longitude", "latitude")
    areas = fields.places(fields.text(record, "regionName"))
    condition = Condition(
        outage_id=outage_id,
        planned=cause is Cause.PLANNED,
        cause=cause,
        crew=CREWS.get(fields.text(record, "crewCurrentStatus")),
        customers_affected=fields.customers(record, "estCustAffected"),
        started_at=fields.epoch(record, "outageStartTime"),
        estimated_restoration=fields.epoch(record, "currentEtor") or fields.epoch(record, "autoEtor"),
        areas=tuple(area for area, _ in areas),
        geometry=Point(at) if at else None,
    )
    return Sound(condition, areas)


def cause_of(sentence: str) -> Cause:
    """The cause that `sentence` tells; `other` for words that none of ours are in."""
    known = CAUSES.get(sentence)
    if known is not None:
        return known
    plain = sentence.lower()
    return next((cause for word, cause in CAUSE_WORDS if word in plain), Cause.OTHER)
