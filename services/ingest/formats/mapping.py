"""A feed's own words and ours: one table a format, `<format>.toml` beside its module, and an operator's tables laid over them.

A table has sections: `fields` (our name, then the feed's names for it: the first that has a value is used), `causes` and `crews` (the
feed's words, in full), `cause_words` and `crew_words` (parts of words, in small letters: the first that is found decides, for words not
met yet), `statuses`, `areas` (the feed's name or code of an area, and what people call it) and `conventions`.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from services.kernel.events import Cause, Crew, Status
from services.kernel.ids import AREA_ID, UNPLACED, AreaId, area_from_name

_FOLDER = Path(__file__).parent
_ANY_DAY = datetime(2018, 9, 21, 17, 4)  # noqa: DTZ001  # only to try a pattern with


class MappingError(ValueError):
    """A table that can't be used. The text names its file, table and key, and says what is wrong."""


class Conventions(Struct, frozen=True, forbid_unknown_fields=True):
    """How a feed writes what is written in many ways."""

    time_unit: Literal["seconds", "milliseconds"] = "milliseconds"
    """Of a time that is a number: counted from 1970."""
    time_zone: str = ""
    """IANA zone of a time that has no offset; empty: SURGECAST_TIMEZONE."""
    time_patterns: tuple[str, ...] = ()
    """Of a time that is text but not ISO 8601, as Python's strptime has them."""
    area_separator: str = ""
    """Between the areas of one outage; empty: it has one."""
    any_case: bool = False
    """Whether names of fields are the same in small and capital letters."""
    delimiter: str = ""
    """Between the columns of CSV; empty: whichever of , ; | and tab the header has most."""
    wkid: int = 4326
    """Spatial reference of a geometry that names none."""


class AreaName(Struct, frozen=True, forbid_unknown_fields=True):
    """An area of ours: by its id, its name, or both."""

    id: str = ""
    name: str = ""


class Table(Struct, frozen=True, kw_only=True):
    """All that a format is told about its feed's words."""

    fields: Mapping[str, tuple[str, ...]]
    causes: Mapping[str, Cause] = {}
    cause_words: Mapping[str, Cause] = {}
    crews: Mapping[str, Crew] = {}
    crew_words: Mapping[str, Crew] = {}
    statuses: Mapping[str, Status] = {}
    """By the feed's word in small letters."""
    areas: Mapping[str, AreaName] = {}
    conventions: Conventions = Conventions()
    zone: tzinfo

    def cause_of(self, words: str) -> Cause:
        """The cause that `words` tell; `unknown` for no words, `other` for some that are in no table."""
        known = self.causes.get(words)
        if known is not None:
            return known
        plain = words.lower()
        return next((cause for word, cause in self.cause_words.items() if word in plain), Cause.OTHER) if words else Cause.UNKNOWN

    def crew_of(self, words: str) -> Crew | None:
        """How far the crew has come by `words`, where a table has them."""
        known = self.crews.get(words)
        if known is not None:
            return known
        plain = words.lower()
        return next((crew for word, crew in self.crew_words.items() if word in plain), None)

    def area_of(self, name: str) -> tuple[AreaId, str] | None:
        """The area that the feed calls `name`, and what people call it (empty where only its id is known); None where no id can be made of it."""
        known = self.areas.get(name)
        told = known.name if known else name
        area = AreaId(known.id) if known and known.id else area_from_name(told)
        return None if area == UNPLACED else (area, told)


def table_of(name: str, theirs: Mapping[str, Any], where: str, default_zone: str) -> Table:
    """The table of the format `name` with an operator's sections `theirs`, which came from `where` (file and table), laid over ours. Raises MappingError."""
    ours = _ours(name)
    sections = _laid_over(ours, _checked(theirs, where, ours.get("fields", {})))
    conventions = msgspec.convert(sections.pop("conventions", {}), Conventions)
    return Table(**sections, conventions=conventions, zone=_zone(conventions.time_zone or default_zone, where))


def operators(path: Path | None) -> Mapping[str, dict[str, Any]]:
    """The tables in an operator's file, by format; none without a file. Raises MappingError where it can't be read."""
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{path}: can't be read: {error}. SURGECAST_INGEST_MAPPINGS must name a TOML file.") from error
    for name, tables in found.items():
        if not isinstance(tables, dict):
            raise MappingError(f"{path}: {name}: must be a table, such as [{name}.fields]")
    return found


def _ours(name: str) -> dict[str, dict[str, Any]]:
    """The sections that come with the format `name`; its file may say `like` which other format's they are laid over."""
    read = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    base = _ours(read.pop("like")) if "like" in read else {}
    return _laid_over(base, _checked(read, name, None))


def _laid_over(below: Mapping[str, dict[str, Any]], above: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Section by section, key by key. What is above also comes first, for where the first word found decides."""
    return {
        name: {**above.get(name, {}), **{key: value for key, value in below.get(name, {}).items() if key not in above.get(name, {})}}
        for name in {**below, **above}
    }


def _fields(value: Any) -> tuple[str, ...]:
    read: tuple[str, ...] = (value,) if isinstance(value, str) else msgspec.convert(value, tuple[str, ...])
    if not all(read):
        raise ValueError("a field's name must not be empty")
    return read


def _status(value: Any) -> Status:
    status = msgspec.convert(value, Status)
    if status is Status.CLEARING:
        raise ValueError("clearing is derived, never published: use active, restored or cancelled")
    return status


def _area(value: Any) -> AreaName:
    area = AreaName(name=value) if isinstance(value, str) else msgspec.convert(value, AreaName)
    if area.id and not AREA_ID.fullmatch(area.id):
        raise ValueError("an id has letters, digits, spaces and . ' ( ) & - only, at most 64, beginning with a letter or digit")
    return area


_SECTIONS: Mapping[str, Any] = {
    "fields": _fields,
    "causes": lambda value: msgspec.convert(value, Cause),
    "cause_words": lambda value: msgspec.convert(value, Cause),
    "crews": lambda value: msgspec.convert(value, Crew),
    "crew_words": lambda value: msgspec.convert(value, Crew),
    "statuses": _status,
    "areas": _area,
}
_FOLDED = frozenset({"cause_words", "crew_words", "statuses"})


def _checked(sections: Mapping[str, Any], where: str, known_fields: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Each section with its values read. `known_fields` are those that the format has a use for; None: all."""
    read: dict[str, dict[str, Any]] = {}
    for section, entries in sections.items():
        if section not in _SECTIONS and section != "conventions":
            raise MappingError(f"{where}.{section}: there is no such table; there are {', '.join([*_SECTIONS, 'conventions'])}")
        if not isinstance(entries, dict):
            raise MappingError(f"{where}.{section}: must be a table of keys and values")
        read[section] = {}
        for key, value in entries.items():
            if section == "fields" and known_fields is not None and key not in known_fields:
                raise MappingError(f"{where}.{section}.{key}: there is no such field; there are {', '.join(known_fields)}")
            try:
                read[section][key.lower() if section in _FOLDED else key] = _value(section, key, value)
            except ValueError as error:
                raise MappingError(f"{where}.{section}.{key}: {error}") from error
    return read


def _value(section: str, key: str, value: Any) -> Any:
    if section != "conventions":
        return _SECTIONS[section](value)
    read = msgspec.convert({key: value}, Conventions)
    if len(read.delimiter) > 1:
        raise ValueError("must be one character")
    for pattern in read.time_patterns:
        datetime.strptime(_ANY_DAY.strftime(pattern), pattern)  # noqa: DTZ007
    return value


def _zone(name: str, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise MappingError(f"{where}.conventions.time_zone: there is no time zone {name}; use an IANA name such as America/Toronto") from error
