"""Words as they are compared: lower case, no accents, no punctuation; and which word was meant by one with a slip in it."""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from zlib import crc32

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_NOT_A_WORD = re.compile(r"[\W_]+")
SLIP_MIN_LETTERS = 5
"""Shorter words are too much alike to guess at."""
WORDS_REMEMBERED = 2048
"""Words whose slips are remembered as mended: people make the same ones."""


def fold(text: str) -> str:
    """`text` in lower case, without accents, words parted by one space: "L'Île-d'Orléans!" is `l ile d orleans`."""
    if text.isascii():  # most of what is folded: nothing in it has another form
        return _NOT_A_WORD.sub(" ", text.lower()).strip()
    words = _NOT_A_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES))
    return " ".join(unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().split())


class Slips:
    """Finds the one known phrase that differs from what was said by one letter too many, too few, other, or two swapped.

    Every phrase is kept under itself with each letter left out, so a look-up costs the length of what was said, however
    many phrases there are. Kept are checksums, sorted: as texts they would take thirty times the memory. Whether two with one checksum are
    alike is looked at.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = sorted({phrase for phrase in phrases if len(phrase) >= SLIP_MIN_LETTERS})
        self._rests = array("Q", sorted({crc32(rest.encode()) << 32 | at for at, phrase in enumerate(self._phrases) for rest in _rests(phrase)}))
        """Checksum and number of the phrase, one above the other."""
        self.meant = lru_cache(WORDS_REMEMBERED)(self._meant)
        """The phrase that what was said is, or is one slip away from; None where there is none, or more than one."""

    def _meant(self, said: str) -> str | None:
        if len(said) < SLIP_MIN_LETTERS:
            return None
        found = {phrase for rest in _rests(said) for phrase in self._kept(rest) if one_slip(said, phrase)}
        return said if said in found else found.pop() if len(found) == 1 else None

    def _kept(self, rest: str) -> Iterator[str]:
        checksum = crc32(rest.encode())
        at = bisect_left(self._rests, checksum << 32)
        while at < len(self._rests) and self._rests[at] >> 32 == checksum:
            yield self._phrases[self._rests[at] & 0xFFFFFFFF]
            at += 1


def _rests(phrase: str) -> Iterator[str]:
    yield phrase
    for at in range(len(phrase)):
        yield phrase[:at] + phrase[at + 1 :]


def one_slip(said: str, meant: str) -> bool:
    """Whether the two are equal but for one letter added, left out or other, or two neighbours swapped."""
    start = next((at for at, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b), min(len(said), len(meant)))
    a, b = said[start:], meant[start:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[:2] == b[1::-1] and len(b) > 1 and a[2:] == b[2:])
