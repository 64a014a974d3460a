"""A feed's own words and ours: one table a format, `<format>.toml` beside its module, and an operator's tables laid over them.

A table has sections: `fields` (our name, then the feed's names for it: the first that has a value is used), `causes` and `crews` (the
feed's words, in full), `cause_words` and `crew_words` (parts of words, in small letters: the first that is found decides, for words not
met yet), `statuses`, `areas` (the feed's name or code of an area, and what people call it) and `conventions`.
"""

from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from services.kernel.events import Cause, Crew, Status
from services.kernel.ids import UNPLACED, AreaId, area_from_name

_area_from_name = lru_cache(maxsize=4096)(area_from_name)


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
        area = AreaId(known.id) if known and known.id else _area_from_name(told)
        return None if area == UNPLACED else (area, told)
