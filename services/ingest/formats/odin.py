"""ODIN, the Outage Data Initiative Nationwide: IEC 61968-3 terms, from a utility's own XML or JSON or from the national table.

Source: odin.ornl.gov (PubOutages, the CIM profile of 2014), and the table's API (OpenDataSoft Explore 2.1: `total_count`, `results`).
"""

from typing import Any

import msgspec

from services.ingest.formats import fields
from services.ingest.formats.body import Envelope, opened
from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import JSON, XML, BodyError, Limits, Sightings
from services.ingest.formats.mapped import Mapped
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, as_object, each, outcome, sightings
from services.ingest.formats.recent import Recent
from services.ingest.formats.xml_records import is_xml, xml_records
from services.kernel.ids import OutageId

_LISTS = ("results", "Outage", "Outages", "outages")


class Odin:
    """One record an outage, named by its `mRID`. The national table has left that out: its rows are told apart by start and place."""

    media_types = (*JSON, *XML)

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format. The picture was cut short where the table has more rows (`total_count`) than were sent."""
        most = limits.records_max
        records, around = (xml_records(body, ("outage",), most).records, Envelope()) if is_xml(body) else opened(body, most, *_LISTS)
        cut_short = _total(around) > len(records)
        return sightings(each(records, self._outcome, recent), self._table.fields["outage_id"][0], cut_short, around.observed_at)

    def _outcome(self, raw: bytes) -> Outcome:
        return outcome(raw, lambda raw: Mapped(as_object(raw), self._table), _id, _read)


def _total(around: Envelope) -> int:
    raw = around.members.get("total_count")
    try:
        return 0 if raw is None else msgspec.json.decode(raw, type=int)
    except msgspec.DecodeError as error:
        raise BodyError(f"total_count: must be the table's number of rows: {error}.") from error


def _plain(record: Record) -> Record:
    """The record with its estimate taken out of the text that it is JSON in, and its county with the state: many states have a Washington."""
    plain = dict(record)
    for name, value in record.items():
        if name.casefold() == "estimatedrestorationtime":
            plain[name] = _estimate(name, value)
    county, state = record.get("county"), record.get("state")
    if isinstance(county, str) and isinstance(state, str) and county.strip() and state.strip():
        plain["county"] = f"{county.strip()}, {state.strip()}"
    return plain


def _estimate(name: str, value: Any) -> Any:
    """The time in `{"ert": time}`, which may be an object or text that holds one; anything else as it is."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = as_object(value.encode())
        except (Flawed, UnicodeEncodeError) as error:
            raise Flawed(name, f'must be a time, or text such as {{"ert": "2018-09-21T21:04:00Z"}}, not {fields.shown(value)}') from error
    return value.get("ert") if isinstance(value, dict) else value


def _id(mapped: Mapped) -> OutageId | None:
    return fields.outage_id(*mapped.first("outage_id")) if any(mapped.each("outage_id")) else None


def _read(outage_id: OutageId | None, mapped: Mapped) -> Outcome:
    return Mapped(_plain(mapped.record), mapped.table).outcome(outage_id)
