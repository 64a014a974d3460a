"""Which area a reader means: by name, id or postal code, whatever the accents and capitals."""

import re
import unicodedata
from collections.abc import Iterable

from msgspec import Struct

POSTAL_CODE = re.compile(r"([a-z]\d[a-z])(\d[a-z]\d)?")
"""A Canadian postal code, folded: its first three characters name a delivery area (FSA)."""


class Named(Struct, frozen=True):
    """An area and what people call it."""

    id: str
    name: str


class Found(Struct, frozen=True):
    """What a search comes to: `exact` when the text is an area's whole name."""

    exact: Named | None
    others: list[Named]


def folded(text: str) -> str:
    """`text` without accents, capitals, spaces and marks: `Trois-Rivières` and `trois rivieres` are alike."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def find(areas: Iterable[Named], text: str, limit: int) -> Found:
    """The areas that `text` may mean: a whole name first, then beginnings of names, then what holds the text somewhere."""
    wanted = folded(text)
    if not wanted:
        return Found(None, [])
    postal = POSTAL_CODE.fullmatch(wanted)
    names = {wanted, postal[1]} if postal else {wanted}
    begins, holds = [], []
    for area in areas:
        spelled = (folded(area.name), folded(area.id))
        if not names.isdisjoint(spelled):
            return Found(area, [])
        if any(name.startswith(wanted) for name in spelled):
            begins.append(area)
        elif any(wanted in name for name in spelled):
            holds.append(area)
    return Found(None, (begins + holds)[:limit])
