"""One record, read by its format's table: what an adapter whose records are flat objects needs, and most of what any other does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.ingest.formats import fields
from services.ingest.formats.fields import Flawed, Named, Record
from services.ingest.formats.mapping import Table
from services.ingest.formats.moments import estimate, moment
from services.ingest.formats.reading import Outcome, Over, Sound, as_object, outcome
from services.kernel.events import AnyGeometry, Cause, Condition, Crew, Point
from services.kernel.ids import OutageId

DEVICES = ("device", "circuit", "feeder", "substation", "transformer")
"""Fields that name a part of the network; `feeder` in a table's fields makes `feeder:7F12`."""
NO_ID = OutageId("unnamed")
_YES = frozenset({"true", "yes", "y", "1", "oui", "planned"})
_NO = frozenset({"false", "no", "n", "0", "non", "unplanned"})


class Mapped:
    """A record and its table. Only what the table's `fields` name is ever looked at, so nothing else can get into an event."""

    def __init__(self, record: Record, table: Table) -> None:
        self.table = table
        self.record = record
        if table.conventions.any_case:
            folded = {key.casefold(): value for key, value in record.items()}
            self._get: Callable[[str], Any] = lambda name: folded.get(name.casefold())
        else:
            self._get = record.get

    def each(self, field: str) -> list[tuple[Record, str]]:
        """For each name of `field` that has a value: that value alone as a record, and the name. So an error names what was published."""
        found: list[tuple[Record, str]] = []
        get = self._get
        for name in self.table.fields.get(field, ()):
            value = get(name)
            if value is None and "." in name:
                value = self._within(name)
            if value is not None and value != "":
                found.append(({name: value}, name))
        return found

    def first(self, field: str) -> tuple[Record, str]:
        """The first of these; without any, an empty record."""
        found = self.each(field)
        return found[0] if found else ({}, next(iter(self.table.fields.get(field, ())), field))

    def outage_id(self) -> OutageId:
        """The feed's own id; raises Flawed."""
        return fields.outage_id(*self.first("outage_id"))

    def words(self, field: str) -> str:
        """The first text or whole number; empty where there is none."""
        for record, name in self.each(field):
            words = _words(record, name)
            if words:
                return words
        return ""

    def areas(self) -> Named:
        """Where, by the first name that an area's id can be made of."""
        separator = self.table.conventions.area_separator
        for record, name in self.each("areas"):
            words = _words(record, name)[: fields.ID_MAX]
            given = [part.strip() for part in words.split(separator)] if separator else [words]
            found = [area for part in given if part and (area := self.table.area_of(part)) is not None]
            if found:
                return tuple(dict(found).items())
        return ()

    def cause(self) -> Cause:
        """Why, by the first field that says more than that nobody knows."""
        for record, name in self.each("cause"):
            cause = self.table.cause_of(_words(record, name))
            if cause is not Cause.UNKNOWN:
                return cause
        return Cause.UNKNOWN

    def crew(self) -> Crew | None:
        """How far the crew has come, by the first field whose words are known."""
        for record, name in self.each("crew"):
            crew = self.table.crew_of(_words(record, name))
            if crew is not None:
                return crew
        return None

    def time(self, field: str, read: Callable[[Record, str, Table], datetime | None] = moment) -> datetime | None:
        """The first time that `read` finds."""
        for record, name in self.each(field):
            found = read(record, name, self.table)
            if found is not None:
                return found
        return None

    def place(self) -> Point | None:
        """The record's own degrees."""
        east, longitude = self.first("longitude")
        north, latitude = self.first("latitude")
        at = fields.position({**east, **north}, longitude, latitude)
        return Point(at) if at else None

    def devices(self) -> tuple[str, ...]:
        """Parts of the network that are out."""
        named = ((kind, self.words(kind)) for kind in DEVICES if self.table.fields.get(kind))
        return tuple(f"{kind}:{words}"[: fields.ID_MAX] for kind, words in named if words)

    def flag(self, field: str) -> bool:
        """Yes or no, in words too; no where the record doesn't say."""
        record, name = self.first(field)
        value = record.get(name)
        plain = str(value).strip().lower() if isinstance(value, str | int) else ""
        if value is None or plain in _NO:
            return False
        if plain in _YES:
            return True
        raise Flawed(name, f"must be true or false, not {fields.shown(value)}")

    def is_over(self) -> bool:
        """Whether the record says that its outage has ended: by its status, or where that says nothing, by the time it ended."""
        status = self.table.statuses.get(self.words("status").lower())
        return self.time("restored_at") is not None if status is None else status.is_over

    def outcome(self, outage_id: OutageId | None, geometry: AnyGeometry | None = None) -> Outcome:
        """The whole record. Without an id it is one that must be told from others by its start and place (kernel.identity)."""
        if self.is_over():
            return Over()
        cause = self.cause()
        planned = cause is Cause.PLANNED or self.flag("planned")
        areas = self.areas()
        condition = Condition(
            outage_id=outage_id or NO_ID,
            planned=planned,
            cause=Cause.PLANNED if planned and cause is Cause.UNKNOWN else cause,
            crew=self.crew(),
            customers_affected=fields.customers(*self.first("customers_affected")),
            started_at=self.time("started_at"),
            estimated_restoration=self.time("estimated_restoration", estimate),
            areas=tuple(area for area, _ in areas),
            geometry=geometry or self.place(),
            devices=self.devices(),
        )
        return Sound(condition, tuple((area, name) for area, name in areas if name), named=outage_id is not None)

    def _within(self, name: str) -> Any:
        """The value of `a.b`, which is the field b of the object a, where no field is called `a.b`."""
        holder, _, inner = name.partition(".")
        around = _first_of(self._get(holder))
        if not isinstance(around, dict):
            return None
        mapped = Mapped(around, self.table)
        return _first_of(mapped._get(inner) if "." not in inner else mapped._within(inner))


def mapped_outcome(raw: bytes, table: Table, read: Callable[[OutageId, Mapped], Outcome] = lambda outage_id, mapped: mapped.outcome(outage_id)) -> Outcome:
    """What one JSON object comes to that has its outage's id."""
    return outcome(raw, lambda raw: Mapped(as_object(raw), table), Mapped.outage_id, read)


def _first_of(value: Any) -> Any:
    """XML repeats elements, which makes lists of them: the first stands for all."""
    return value[0] if isinstance(value, list) and value else value


def _words(record: Record, name: str) -> str:
    value = record[name]
    words = str(value) if isinstance(value, int) and not isinstance(value, bool) else fields.text(record, name)
    return words if words.isprintable() else "".join(filter(str.isprintable, words))
