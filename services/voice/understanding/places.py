"""Which area a question is about: by its name, its id, or a postal code."""

import re
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct
from rapidfuzz import fuzz, process

from services.kernel.areas import AreaName
from services.kernel.ids import UNPLACED, AreaId
from services.voice.understanding.fold import fold, one_slip
from services.voice.understanding.question import PLACE, Words

SLIP_WORDS_MAX = 25
"""In a longer question no slips in names are looked for: it has too many phrases to try."""
SLIP_LETTERS_MIN = 5
"""Shorter names are too much alike to guess at."""
LIKE_ENOUGH = 85
"""How much alike, of 100, a name and what was said for it must be (rapidfuzz's ratio: a letter too many, too few or other in seven)."""
LIKE_MARGIN = 3
"""How much more alike than the next other area's name."""
LIKES_KEPT = 4_096
"""Words whose likeness to names is remembered: what is asked in a storm is asked by many."""
BARE_WORDS = 6
"""In a longer question a name with a slip in it must follow an 'in', 'à' or the like: else 'the curling club' is Carling."""
_POSTAL = re.compile(r"\b([abceghjklmnprstvxy]) ?(\d) ?([abceghjklmnprstvwxyz])(?: ?(\d) ?([abceghjklmnprstvwxyz]) ?(\d))?\b")
"""A Canadian postal code or its first half, the FSA, letters and digits together or spelled out."""
_FSA = re.compile(r"[a-z]\d[a-z]")


class Place(Struct, frozen=True):
    """What was found of a place in some words."""

    area: AreaId | None
    rest: str
    """The words without the place."""
    marked: str = ""
    """The words with `PLACE` where the place is."""
    postal: str = ""
    """The FSA of the postal code that was given, known or not."""

    @property
    def found(self) -> bool:
        """Whether the words name a place at all."""
        return self.area is not None or bool(self.postal)


class Gazetteer:
    """The areas that a mirror knows, by everything that people may call them. Made again when a name changes."""

    def __init__(self, names: Mapping[AreaId, AreaName], words: Words) -> None:
        """A place called like one of the words that questions are made of must follow an 'in', 'à' or the like."""
        self._common, self._before_a_place = words.common, words.before_a_place
        self._areas = _spellings(names)
        self._longest = max((name.count(" ") + 1 for name in self._areas), default=0)
        self._begins = frozenset(name.partition(" ")[0] for name in self._areas)
        self._names: dict[str, list[str]] = {}
        """By their first letters."""
        for name in sorted(self._areas):
            if len(name) >= SLIP_LETTERS_MIN:
                self._names.setdefault(name[0], []).append(name)
        self._like = lru_cache(maxsize=LIKES_KEPT)(self._alike)
        self.named = lru_cache(maxsize=LIKES_KEPT)(self._named)
        """The place that words, as they were said and said to be one, are or hold. Remembered, as `_like` is."""
        self.has_postal = any(_FSA.fullmatch(name) for name in self._areas)
        """Whether areas are, at least in part, postal areas."""

    def __bool__(self) -> bool:
        return bool(self._areas)

    def find(self, folded: str) -> Place:
        """The place named in `folded` words: a postal code, else the longest name, else one with a slip in it."""
        if (code := _POSTAL.search(folded)) and (code.group(4) or self.has_postal):
            fsa = "".join(code.group(1, 2, 3))
            before, after = folded[: code.start()].split(), folded[code.end() :].split()
            return Place(self._areas.get(fsa), " ".join(before + after), " ".join([*before, PLACE, *after]), fsa.upper())
        words = folded.split()
        for exact in (True, False) if len(words) <= SLIP_WORDS_MAX else (True,):
            for length in range(min(self._longest, len(words)), 0, -1):
                for start in range(len(words) - length + 1):
                    if exact and words[start] not in self._begins:
                        continue
                    area = self._called(words, start, length, exact)
                    if area is not None:
                        before, after = words[:start], words[start + length :]
                        return Place(area, " ".join(before + after), " ".join([*before, PLACE, *after]))
        return Place(None, folded, folded)

    def _named(self, said: str) -> Place:
        folded = fold(said)
        area = self._areas.get(folded)
        return self.find(folded) if area is None else Place(area, "", PLACE)

    def unknown_name(self, folded: str) -> str:
        """What stands where a place would ('in narnia'), but is none that is known; '' where nothing does."""
        words = folded.split()
        at = next((at for at in range(len(words) - 1, 0, -1) if words[at - 1] in self._before_a_place), len(words))
        name = words[at:]
        return " ".join(name) if any(word not in self._common for word in name) else ""

    def _called(self, words: list[str], start: int, length: int, exact: bool) -> AreaId | None:
        said = " ".join(words[start : start + length])
        if length == 1 and said in self._common and not (exact and start and words[start - 1] in self._before_a_place and len(words) > 1):
            return None
        if exact:
            return self._areas.get(said)
        placed = len(words) <= BARE_WORDS or (start and words[start - 1] in self._before_a_place)
        return self._like(said) if placed and not self._common.issuperset(words[start : start + length]) else None

    def _alike(self, said: str) -> AreaId | None:
        """The one area whose name is much like what was said. Slips are seldom in the first letter: Arlington is not Carlington."""
        if len(said) < SLIP_LETTERS_MIN:
            return None
        likest = process.extract(said, self._names.get(said[0], ()), scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH - LIKE_MARGIN, limit=5)
        if not likest or likest[0][1] < LIKE_ENOUGH:
            swapped = {self._areas[name] for name, _, _ in likest if sorted(name) == sorted(said) and one_slip(said, name)}
            return swapped.pop() if len(swapped) == 1 else None
        area = self._areas[likest[0][0]]
        rivals = {self._areas[name] for name, like, _ in likest if like > likest[0][1] - LIKE_MARGIN}
        return area if rivals == {area} else None


def _spellings(names: Mapping[AreaId, AreaName]) -> dict[str, AreaId]:
    """Each area by all that it may be called, folded: its names in both languages before any other's alias, and of two areas with one name the first id.

    An alias that two areas have means neither. An id that is only a number (a ward's) is no name: numbers are what questions are full of.
    """
    aliases: dict[str, set[AreaId]] = {}
    called: dict[str, AreaId] = {}
    for area in sorted(names, reverse=True):
        if area != UNPLACED:
            for alias in names[area].aliases:
                aliases.setdefault(fold(alias), set()).add(area)
            called.update({fold(name): area for name in (area, names[area].fr, names[area].en)})
    known = {alias: areas.pop() for alias, areas in aliases.items() if len(areas) == 1} | called
    return {name: area for name, area in known.items() if name and not name.isdecimal()}
