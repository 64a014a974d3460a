"""Pacific Gas and Electric's outage map of 2019 to 2022: everything is text, optional keys are absent, cause and crew are sentences."""

from services.ingest.formats.body import opened
from services.ingest.formats.format import JSON, Limits, Sightings
from services.ingest.formats.mapped import mapped_outcome
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, each, sightings
from services.ingest.formats.recent import Recent


class Pge:
    """One record an outage; `outageNumber` is stable. Each picture is whole, however round its number of records."""

    media_types = JSON

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records, envelope = opened(body, limits.records_max)
        return sightings(each(records, self._outcome, recent), self._table.fields["outage_id"][0], cut_short=False, observed_at=envelope.observed_at)

    def _outcome(self, raw: bytes) -> Outcome:
        return mapped_outcome(raw, self._table)
