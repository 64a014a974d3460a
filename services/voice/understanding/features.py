"""What a classifier sees of a question: its words, pairs of neighbours, pieces of words, and above all what the words stand for."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from services.voice.understanding.fold import Slips, fold

CONCEPT, TURN, PAIR, PIECE = 2.5, 1.0, 0.75, 1.0
"""How much what words stand for, one such thing after another, two of them anywhere, and three letters in a row count beside a word (1).

Chosen by cross-validation.
"""
WORDS_MAX = 30
"""Words of a question that are looked at."""
WORDS_REMEMBERED = 4096
"""Words whose meaning is remembered: people say the same ones."""
SLIP_WORDS_MAX = 25
"""In a longer question no slips in words are looked for."""


class Concepts:
    """Words and phrases that say much the same: `_concepts.yaml`. `word*` is any word that begins so."""

    def __init__(self, listed: Mapping[str, Sequence[str]]) -> None:
        self._words: dict[str, set[str]] = {}
        self._begins: dict[str, set[str]] = {}
        self._phrases: dict[str, dict[str, set[str]]] = {}
        for concept, terms in listed.items():
            for term in terms:
                self._add(fold(term), concept, begins=term.endswith("*"))
        self._lengths = sorted({len(begin) for begin in self._begins})
        self._slips = Slips(self._words)
        self._word = lru_cache(WORDS_REMEMBERED)(self._looked_up)

    def of(self, words: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
        """What these words stand for, in alphabetical order; and what comes after what, word by word."""
        found: set[str] = set()
        turns: set[tuple[str, str]] = set()
        before: frozenset[str] = frozenset()
        for at, word in enumerate(words):
            meant = self._word(word)
            turns.update((one, other) for one in before for other in meant)
            before = meant or before
            found |= meant or (self._word(self._slips.meant(word) or "") if len(words) <= SLIP_WORDS_MAX else frozenset())
            for phrase, concepts in self._phrases.get(word, {}).items():
                length = phrase.count(" ") + 1
                if " ".join(words[at : at + length]) == phrase:
                    found |= concepts
        return sorted(found), sorted(turns)

    @property
    def words(self) -> frozenset[str]:
        """The single words that are listed."""
        return frozenset(self._words)

    def _looked_up(self, word: str) -> frozenset[str]:
        begun = (self._begins.get(word[:length], ()) for length in self._lengths if length <= len(word))
        return frozenset(self._words.get(word, ())).union(*begun)

    def _add(self, term: str, concept: str, *, begins: bool) -> None:
        if begins:
            self._begins.setdefault(term, set()).add(concept)
        elif " " in term:
            self._phrases.setdefault(term.split()[0], {}).setdefault(term, set()).add(concept)
        else:
            self._words.setdefault(term, set()).add(concept)


def features(words: Sequence[str], concepts: Concepts) -> dict[str, float]:
    """How often each feature is in `words`, by its weight."""
    counted: dict[str, float] = {}
    for name, weight in _features(words[:WORDS_MAX], concepts):
        counted[name] = counted.get(name, 0.0) + weight
    return counted


def _features(words: Sequence[str], concepts: Concepts) -> Iterator[tuple[str, float]]:
    for word in words:
        yield f"w:{word}", 1.0
    for one, two in pairwise(("^", *words, "$")):
        yield f"n:{one} {two}", 1.0
    if words:
        yield f"f:{words[0]}", 1.0
    padded = f" {' '.join(words)} "
    for at in range(len(padded) - 2):
        yield f"c:{padded[at : at + 3]}", PIECE
    meant, turns = concepts.of(words)
    for concept in meant:
        yield f"k:{concept}", CONCEPT
    for one, other in turns:
        yield f"t:{one} {other}", TURN
    for one, two in combinations(meant, 2):
        yield f"p:{one} {two}", PAIR
