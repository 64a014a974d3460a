"""The area catalogue: which places there are, what people call them in each language, and which of them outages are counted by."""

import re
from collections.abc import Mapping

from msgspec import Struct

from services.kernel.ids import AreaId

KIND = re.compile(r"[a-z][a-z0-9-]{0,31}")
"""What a kind of area may be called: ward, fsa, county."""


class AreaName(Struct, frozen=True, omit_defaults=True):
    """What people call one area."""

    en: str
    fr: str = ""
    """Empty where French has no name of its own for it."""
    aliases: tuple[str, ...] = ()
    """What else it answers to, in any language: former names, postal FSAs, smaller places within it."""

    def called(self, lang: str) -> str:
        """The name in `lang`."""
        return self.fr or self.en if lang == "fr" else self.en


def name_of(names: Mapping[AreaId, AreaName], area: AreaId) -> AreaName:
    """What `area` is called: its id where nobody has named it."""
    return names.get(area) or AreaName(area)


class Area(Struct, frozen=True):
    """One area of the catalogue. Ids are unique over all kinds."""

    id: AreaId
    kind: str
    """Which layer it belongs to. Areas of one layer tile the territory; those of two layers lie over each other."""
    name: AreaName
    shape: bytes
    """Its polygons: WKB (OGC 06-103r4, section 8), WGS 84, longitude before latitude."""


class Catalogue(Struct, frozen=True):
    """All areas that were loaded, at one revision."""

    revision: str = ""
    """Another one after each load, also after one into an emptied store. Empty: nothing was ever loaded."""
    layers: tuple[str, ...] = ()
    """The kinds by which outages are counted; areas of other kinds only help to find one of these."""
    areas: tuple[Area, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds there are, in the order of the areas."""
        return tuple(dict.fromkeys(area.kind for area in self.areas))

    @property
    def counted(self) -> tuple[Area, ...]:
        """The areas that outages are counted by."""
        return tuple(area for area in self.areas if area.kind in self.layers)
