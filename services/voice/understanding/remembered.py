"""What was understood of phrases that many say: in a storm thousands ask the same (docs/decisions/0038)."""

import re

from services.kernel.messages import LANGS, Lang
from services.kit.bounded import Bounded
from services.voice.understanding.question import PLACE, Understanding, Understood, Words
from services.voice.understanding.spelled import DIGITS

_SPELLED = "|".join({word for digits in DIGITS.values() for word in digits})
_NUMBERED = re.compile(rf"\d|(?:\b(?:{_SPELLED})\b ?){{3}}")
"""A digit, or three of them in words, one after another: of a telephone, a house, an account."""


class Remembered:
    """Meets `Understanding`: another, asked once for a phrase that is remembered.

    Kept are only phrases that can name nobody: of words that every question may be made of, without numbers, and short. The place in one is marked already, and
    so none is in it; what else a catalogue changes is not what words mean, and nothing here grows old with it.
    """

    def __init__(self, understanding: Understanding, most: int, chars_max: int) -> None:
        """`most` phrases are kept, those unused for longest make room; none longer than `chars_max`."""
        self._understanding, self._chars_max = understanding, chars_max
        self._kept: dict[Lang, Bounded[Understood]] = {lang: Bounded(most) for lang in LANGS}
        self._plain = understanding.words.common | {PLACE}

    @property
    def words(self) -> Words:
        """Meets `Understanding.words`."""
        return self._understanding.words

    def understand(self, words: str, lang: Lang) -> Understood:
        """Meets `Understanding.understand`."""
        kept = self._kept[lang]
        if (known := kept.get(words)) is not None:
            return known
        understood = self._understanding.understand(words, lang)
        return kept.put(words, understood) if self._is_plain(words) else understood

    def tells_danger(self, words: str, lang: Lang) -> bool:
        """Meets `Understanding.tells_danger`."""
        return self._understanding.tells_danger(words, lang)

    def _is_plain(self, words: str) -> bool:
        return len(words) <= self._chars_max and not _NUMBERED.search(words) and self._plain.issuperset(words.split())
