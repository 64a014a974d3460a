"""Where formats' tables come from: `<format>.toml` beside each module, an operator's file laid over them, and what is wrong with it."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.ingest.formats.fields import shown
from services.ingest.formats.mapping import AreaName, Conventions, Table
from services.kernel.events import Cause, Crew, Status
from services.kernel.ids import AREA_ID

_FOLDER = Path(__file__).parent
_ANY_DAY = datetime(2018, 9, 21, 17, 4)  # noqa: DTZ001  # only to try a pattern with


class MappingError(ValueError):
    """A table that can't be used. The text names its file, table and key, and says what is wrong."""


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


def _word(words: type[StrEnum], *derived: StrEnum) -> Callable[[Any], StrEnum]:
    """What reads one of `words`, but for those that are `derived` and never published."""
    known = [word for word in words if word not in derived]

    def read(value: Any) -> StrEnum:
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}, not {shown(value)}")
        return words(value)

    return read


def _area(value: Any) -> AreaName:
    area = AreaName(name=value) if isinstance(value, str) else msgspec.convert(value, AreaName)
    if area.id and not AREA_ID.fullmatch(area.id):
        raise ValueError("an id has letters, digits, spaces and . ' ( ) & - only, at most 64, beginning with a letter or digit")
    return area


_SECTIONS: Mapping[str, Callable[[Any], Any]] = {
    "fields": _fields,
    "causes": _word(Cause),
    "cause_words": _word(Cause),
    "crews": _word(Crew),
    "crew_words": _word(Crew),
    "statuses": _word(Status, Status.CLEARING),
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
    if section == "fields" and key == "outage_id" and not value:
        raise ValueError("needs at least one name: outages are told apart by it")
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
