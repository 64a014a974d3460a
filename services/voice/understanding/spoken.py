"""Words as people write them, made those of the templates: shorthand written out, politeness left out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.voice.understanding.fold import fold
from services.voice.understanding.phrases import written_out
from services.voice.understanding.templates import folded_template


class Spoken:
    """One language's shorthand and skip words: `_common.yaml`."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._meant = {tuple(fold(said).split()): fold(meant).split() for said, meant in shared.get("shorthand", {}).items()}
        skipped = (words for template in shared.get("skip_words", ()) for words in written_out(folded_template(template)))
        self._skipped: dict[tuple[str, ...], list[str]] = {tuple(words.split()): [] for words in skipped}
        self._reach: dict[str, int] = {}
        """Of each word that begins any of these, how many words the longest has."""
        for first, *more in (*self._meant, *self._skipped):
            self._reach[first] = max(self._reach.get(first, 0), 1 + len(more))

    def plain(self, words: Sequence[str]) -> list[str]:
        """`words` with shorthand written out."""
        return self._put(words, self._meant)

    def meaningful(self, words: Sequence[str]) -> list[str]:
        """`words` without those that say nothing, as long as any are left."""
        return self._put(words, self._skipped) or list(words)

    @staticmethod
    def phrases(listed: Iterable[str]) -> tuple[str, ...]:
        """Phrases as they are looked for in words that have a space before and after each."""
        return tuple(f" {fold(phrase)} " for phrase in listed)

    def _put(self, words: Sequence[str], table: Mapping[tuple[str, ...], list[str]]) -> list[str]:
        """`words` with what is in `table` put in the place of its keys, the longest first."""
        put: list[str] = []
        at = 0
        while at < len(words):
            reach = min(self._reach.get(words[at], 0), len(words) - at)
            length = next((n for n in range(reach, 0, -1) if tuple(words[at : at + n]) in table), 0) if reach else 0
            put += table[tuple(words[at : at + length])] if length else words[at : at + 1]
            at += length or 1
        return put
