"""What a post tells, read from its text as a follower reads it: which areas, which language, what kind. Knows the names of places, not the planner."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.kernel.areas import AreaName
from services.kernel.ids import UNPLACED, AreaId

LANGS = ("en", "fr")
_WORDS = {
    "en": {"the", "of", "in", "for", "without", "as", "and", "is", "we", "by", "no", "to", "power"},
    "fr": {"le", "la", "les", "de", "du", "des", "à", "en", "et", "sans", "pour", "est", "nous", "sur", "une", "un", "secteur"},
}
_SAFETY = re.compile(r"safety|sécurité", re.IGNORECASE)
_PLANNED = re.compile(r"\bplanned work|\btravaux", re.IGNORECASE)
_COUNTED = re.compile(r"\bcustomers?\b|\bclients?\b", re.IGNORECASE)
_OVERVIEW = re.compile(r"\b(?:one|\d+) outages?\b|\b(?:une(?: seule)?|\d+) pannes?\b", re.IGNORECASE)
_UNPLACED = re.compile(r"service area|territoire", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """One post, read."""

    lang: str
    area: AreaId | None
    """The one that it is about; None for an overview."""
    listed: frozenset[AreaId]
    """Those that an overview names."""
    safety: bool
    planned: bool
    back: bool
    """It tells that the power is back: of what is out, it names no number."""


class Reader:
    """Knows the names of a storm's areas, whatever each was called when."""

    def __init__(self, names: Iterable[tuple[AreaId, AreaName]]) -> None:
        self._called = {called: area for area, name in names for called in (name.called("en"), name.called("fr"))}
        longest_first = sorted(self._called, key=len, reverse=True)
        self._names = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)") if longest_first else re.compile(r"(?!)")

    def read(self, text: str) -> Reading:
        """What `text` tells."""
        found = [self._called[match[0]] for match in self._names.finditer(text)]
        overview = _OVERVIEW.search(text) is not None
        area = None if overview else found[0] if found else UNPLACED if _UNPLACED.search(text) else None
        words = re.findall(r"\w+", text.lower())
        lang = max(LANGS, key=lambda lang: sum(word in _WORDS[lang] for word in words))
        return Reading(
            lang,
            area,
            frozenset(found if overview else ()),
            bool(_SAFETY.search(text)),
            bool(_PLANNED.search(text)),
            area is not None and not _COUNTED.search(text),
        )
