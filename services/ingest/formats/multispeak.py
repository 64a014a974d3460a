"""MultiSpeak 3.0 and 4.1 outage events (the answer to OA_Server's GetAllActiveOutageEvents), and Milsoft's web maps.

Source: multispeak.org, versions 3.0ac and 4.1, `outageEvent`; the names are in the table.
"""

from typing import Any

import msgspec
from msgspec import Struct

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.format import JSON, XML, Limits, Sightings
from services.ingest.formats.mapped import Mapped, mapped_outcome
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, Sound, each, sightings
from services.ingest.formats.recent import Recent
from services.ingest.formats.xml_records import Document, is_xml, xml_records
from services.kernel.events import Condition, Crew
from services.kernel.ids import OutageId

_ELEMENTS = ("outageevent", "mobileoutage")
_LISTS = ("outageEvent", "outageEvents", "outages")


class _Boundaries(Struct):
    boundaries: list[dict[str, Any]] | None = None


class MultiSpeak:
    """One `outageEvent` an outage, named by its `objectID`. SOAP envelopes and whatever else is around the events are looked through."""

    media_types = (*XML, *JSON)

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format. An OutageEventChangedNotification tells of a few outages only: it closes nothing."""
        if is_xml(body):
            document, observed_at = xml_records(body, _ELEMENTS, limits.records_max), None
        else:
            records, around = opened(body, limits.records_max, *_LISTS)
            document, observed_at = Document(_boundaries(records)), around.observed_at
        found = each(document.records, self._outcome, recent)
        return sightings(found, self._table.fields["outage_id"][0], document.is_notification, observed_at)

    def _outcome(self, raw: bytes) -> Outcome:
        return mapped_outcome(raw, self._table, _read)


def _boundaries(records: list[bytes]) -> list[bytes]:
    """Milsoft's map also counts customers by county, and again by other boundaries: then each one of the first kind stands for one outage."""
    try:
        group = msgspec.json.decode(records[0], type=_Boundaries) if records else None
    except msgspec.DecodeError:
        return records
    if group is None or group.boundaries is None:
        return records
    out = [boundary for boundary in group.boundaries if boundary.get("customersOutNow") != 0]
    return [msgspec.json.encode({**boundary, "objectID": boundary.get("name"), "area": boundary.get("name")}) for boundary in out]


def _read(outage_id: OutageId, event: Mapped) -> Outcome:
    found = event.outcome(outage_id)
    if not isinstance(found, Sound):
        return found
    crew = found.condition.crew if found.condition.crew in (Crew.ON_SITE, Crew.EN_ROUTE) else _crew_by_times(event) or found.condition.crew
    condition = msgspec.structs.replace(found.condition, crew=crew, customers_affected=_still_out(event, found.condition))
    return msgspec.structs.replace(found, condition=condition)


def _crew_by_times(event: Mapped) -> Crew | None:
    """MultiSpeak says when the first crew was sent and came, rather than how far it is."""
    for field, crew in (("crew_arrived_at", Crew.ON_SITE), ("crew_sent_at", Crew.ASSIGNED)):
        if event.time(field) is not None:
            return crew
    return None


def _still_out(event: Mapped, condition: Condition) -> int | None:
    """`customersAffected` counts all that the outage took; those with power again are in `customersRestored`. Milsoft counts those out now."""
    _, name = event.first("customers_affected")
    if condition.customers_affected is None or name.casefold() == "customersoutnow":
        return condition.customers_affected
    restored = fields.customers(*event.first("customers_restored"))
    return max(condition.customers_affected - (restored or 0), 0)
