"""The area catalogue: which places there are, what people call them in each language, and which of them outages are counted by."""

from collections.abc import Mapping

from msgspec import Struct

from services.kernel.ids import AreaId


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
