"""What a classifier sees of a question: its words, pairs of neighbours, pieces of words, and above all what the words stand for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from services.voice.understanding.fold import Slips, fold

CONCEPT, WORD, PAIR, PIECE, LONG_PIECE = 2.2, 1.5, 1.0, 1.0, 1.5
"""How much what words stand for, a word, a pair of neighbours, three letters in a row, and four or five of one word count beside each other.

Chosen by cross-validation.
"""
LONG_PIECES = (4, 5)
WORDS_MAX = 30
"""Words of a question that are looked at."""
WORDS_REMEMBERED = 4096
"""Words whose meaning is remembered: people say the same ones."""
SLIP_WORDS_MAX = 25
"""In a longer question no slips in words are looked for."""


class Concepts:
    """Words and phrases that say much the same: `_concepts.yaml`. `word*` is any word that begins so."""

    def __init__(self, listed: Mapping[str, Sequence[str]]) -> None:
        whole, begins = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for concept, terms in listed.items():
            for term in terms:
                (begins if term.endswith("*") else whole)[fold(term)].append(concept)
        self._whole = {term: frozenset(concepts) for term, concepts in whole.items()}
        self._begins = {term: frozenset(concepts) for term, concepts in begins.items()}
        self._begun = sorted({len(begin) for begin in begins})
        lengths = defaultdict[str, set[int]](set)
        for phrase in whole:
            first, *more = phrase.split()
            if more:
                lengths[first].add(1 + len(more))
        self._lengths = {first: tuple(found) for first, found in lengths.items()}
        """Of each word that begins a phrase, how many words such phrases have."""
        self.words = frozenset(term for term in whole if " " not in term)
        """The single words that are listed."""
        self._slips = Slips(self.words)
        self._word = lru_cache(WORDS_REMEMBERED)(self._looked_up)

    def of(self, words: Sequence[str]) -> list[str]:
        """What these words stand for, in alphabetical order."""
        found: set[str] = set()
        for at, word in enumerate(words):
            found |= self._word(word) or (self._word(self._slips.meant(word) or "") if len(words) <= SLIP_WORDS_MAX else frozenset())
            for length in self._lengths.get(word, ()):
                found |= self._whole.get(" ".join(words[at : at + length]), frozenset())
        return sorted(found)

    def _looked_up(self, word: str) -> frozenset[str]:
        begun = (self._begins.get(word[:length], ()) for length in self._begun if length <= len(word))
        return self._whole.get(word, frozenset()).union(*begun)


def features(words: Sequence[str], concepts: Concepts) -> dict[str, float]:
    """How often each feature is in `words`, by its weight."""
    counted: dict[str, float] = {}
    for name, weight in _features(words[:WORDS_MAX], concepts):
        counted[name] = counted.get(name, 0.0) + weight
    return counted


def _features(words: Sequence[str], concepts: Concepts) -> Iterator[tuple[str, float]]:
    for one, two in pairwise(("^", *words, "$")):
        yield f"n:{one} {two}", PAIR
    if words:
        yield f"f:{words[0]}", PAIR
    for piece in _pieces(f" {' '.join(words)} ", 3):
        yield f"c:{piece}", PIECE
    for word in words:
        yield f"w:{word}", WORD
        for length in LONG_PIECES:
            for piece in _pieces(f" {word} ", length):
                yield f"c:{piece}", LONG_PIECE
    for concept in concepts.of(words):
        yield f"k:{concept}", CONCEPT


def _pieces(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))
