"""Open outages as GeoJSON features (RFC 7946), each encoded when it changes and kept: a new document is a join of bytes."""

from datetime import datetime
from itertools import chain, repeat

import msgspec
from msgspec import Struct

from services.fanout.site.estimates import has_passed
from services.fanout.site.sheet import Sheet, json_head
from services.fanout.site.words import plain
from services.kernel.board import Open
from services.kernel.events import Cause, Crew, Note
from services.kernel.ids import AreaId, OutageId, OutageKey, SourceName, key_parts
from services.kernel.messages import LANGS, Lang

_encode = msgspec.json.Encoder().encode


class Properties(Struct, frozen=True):
    """One open outage as data: what `outages.geojson` and the areas' documents say of it."""

    outage_id: OutageId
    source: SourceName
    customers_affected: int | None
    """None where the source gives no count, and where the count is masked."""
    customers_masked: bool
    planned: bool
    cause: Cause
    crew: Crew | None
    started_at: datetime | None
    estimated_restoration: datetime | None
    estimate_passed: bool
    """The estimate is over and power is not back: a new one is awaited."""
    areas: tuple[AreaId, ...]
    updated_at: datetime
    note: str | None
    """What the operator adds, in the document's language."""


class _Feature(Struct, frozen=True, tag_field="type", tag="Feature"):
    id: OutageKey
    geometry: msgspec.Raw
    properties: msgspec.Raw


class Features:
    """The features of all open outages, in each language."""

    def __init__(self) -> None:
        self._properties: dict[Lang, dict[OutageKey, msgspec.Raw]] = {lang: {} for lang in LANGS}
        self._features: dict[Lang, dict[OutageKey, bytes]] = {lang: {} for lang in LANGS}

    def refresh(self, key: OutageKey, row: Open | None, now: datetime) -> None:
        """Encode what the board says of `key` now; None: it is not open."""
        if row is None:
            for lang in LANGS:
                self._properties[lang].pop(key, None)
                self._features[lang].pop(key, None)
            return
        geometry = msgspec.Raw(_encode(row.event.geometry))
        for lang in LANGS:
            if lang != LANGS[0] and row.event.note is None:  # the same bytes say it in every language
                self._properties[lang][key], self._features[lang][key] = self._properties[LANGS[0]][key], self._features[LANGS[0]][key]
                continue
            properties = msgspec.Raw(_encode(_properties(key, row, now, lang)))
            self._properties[lang][key] = properties
            self._features[lang][key] = _encode(_Feature(key, geometry, properties))

    def properties(self, lang: Lang, key: OutageKey, row: Open, now: datetime) -> msgspec.Raw:
        """One open outage as JSON; encoded here where its area is rendered before it was itself among the changed."""
        if key not in self._properties[lang]:
            self.refresh(key, row, now)
        return self._properties[lang][key]

    def sheet(self, lang: Lang) -> Sheet:
        """`outages.geojson`: a FeatureCollection with `position` and `as_of` as foreign members (RFC 7946, section 6.1)."""
        commas = chain((b"\n",), repeat(b",\n"))
        pieces = chain.from_iterable(zip(commas, self._features[lang].values(), strict=False))
        return Sheet(json_head() + b'"type":"FeatureCollection","features":[', (*pieces, b"\n]}\n"))


def note_in(note: Note | None, lang: Lang) -> str | None:
    """What the operator says in `lang`. What they said only in the other language is no text of this one."""
    text = getattr(note, lang) if note is not None else None
    return plain(text) if text else None


def _properties(key: OutageKey, row: Open, now: datetime, lang: Lang) -> Properties:
    event, (source, outage_id) = row.event, key_parts(key)
    return Properties(
        outage_id=outage_id,
        source=source,
        customers_affected=None if event.customers_affected is None or row.customers.masked else row.customers.customers,
        customers_masked=row.customers.masked or event.customers_masked,
        planned=event.planned,
        cause=event.cause,
        crew=event.crew,
        started_at=event.started_at,
        estimated_restoration=event.estimated_restoration,
        estimate_passed=has_passed(event.estimated_restoration, now),
        areas=row.areas,
        updated_at=event.occurred_at,
        note=note_in(event.note, lang),
    )
