"""BC Hydro's outage map: a list of outages with a stable `id`, times in epoch milliseconds, and a polygon as one flat list."""

import msgspec

from services.ingest.formats import fields
from services.ingest.formats.body import opened
from services.ingest.formats.format import JSON, Limits, Sightings
from services.ingest.formats.mapped import Mapped, mapped_outcome
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, Sound, each, sightings
from services.ingest.formats.recent import Recent
from services.ingest.geometry import Mender, polygon_of_flat
from services.kernel.ids import OutageId


class BcHydro:
    """One record an outage, out until it is gone from the picture, whatever its estimate says."""

    media_types = JSON

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records, envelope = opened(body, limits.records_max)
        mender = limits.mender()
        return sightings(
            each(records, lambda raw: self._outcome(raw, mender), recent), self._table.fields["outage_id"][0], cut_short=False, observed_at=envelope.observed_at
        )

    def _outcome(self, raw: bytes, mender: Mender) -> Outcome:
        return mapped_outcome(raw, self._table, lambda outage_id, mapped: _read(outage_id, mapped, mender))


def _read(outage_id: OutageId, mapped: Mapped, mender: Mender) -> Outcome:
    found = mapped.outcome(outage_id, polygon_of_flat(mapped.record.get("polygon"), mender))
    if isinstance(found, Sound) and not fields.flag(mapped.record, "showEtr", default=True):
        return msgspec.structs.replace(found, condition=msgspec.structs.replace(found.condition, estimated_restoration=None))
    return found
