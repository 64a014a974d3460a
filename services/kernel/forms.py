"""The form that each social service gives a post: how long it may be, and how sentences are fitted into it. Cut by meaning, never in mid-word."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from services.kernel.lengths import LINK_LENGTH, boundaries, linked_length, record_length, unlinked, utf16_length, weighted_length
from services.kernel.messages import Lang

_GAP = re.compile(r"(?<![\d\s])[ \t\r\n]+(?!\s)")
"""Where a text may be cut: at a space that may break, and that doesn't part a number from what it counts."""
_ANY_GAP = re.compile(r"(?<!\s)[ \t\r\n]+")
_CLAUSE_ENDS = (",", ";", ":", ".", "!", "?", ")", "–", "—")
_CLAUSE_SHARE = 0.75
"""A cut at the end of a clause is the better one if it keeps this share of what a cut at a word would."""
_ELLIPSIS = "…"


def _as_it_is(text: str) -> str:
    return text


class Form(Struct, frozen=True):
    """The length rule of one service."""

    maximum: int
    length: Callable[[str], int]
    """How long a text is, in the unit of `maximum`; never less than what the service counts."""
    plain: Callable[[str], str] = _as_it_is
    """A text as it may be said there: what would be taken for a link is none afterwards."""
    words: str = ""
    """Messages whose names end so are written for this service (kernel/messages/*/social-services.ftl)."""

    def fits(self, text: str) -> bool:
        """Whether the service takes `text`, as far as its length goes."""
        return self.length(text) <= self.maximum

    def fitted(self, sentences: Iterable[str]) -> str:
        """As many of the sentences as fit, whole. The most important come first; each must be true without the others. Of at least one sentence.

        The first is cut if even it doesn't fit.
        """
        first, *others = map(self.plain, sentences)
        text = self.shortened(first)
        for sentence in others:
            longer = f"{text} {sentence}"
            if self.fits(longer):
                text = longer
        return text

    def alike(self, told: Mapping[Lang, Sequence[str]]) -> dict[str, str]:
        """As `fitted`, of the same sentences in several languages: one goes in only where it fits in all, so that each tells the same facts (I6)."""
        texts: dict[str, str] = {lang: self.shortened(self.plain(sentences[0])) for lang, sentences in told.items()}
        for place in range(1, max(map(len, told.values()), default=0)):
            longer: dict[str, str] = {lang: f"{texts[lang]} {self.plain(sentences[place])}".rstrip() for lang, sentences in told.items()}
            if all(map(self.fits, longer.values())):
                texts = longer
        return texts

    def shortened(self, text: str, maximum: int | None = None) -> str:
        """`text`, cut where it is longer than `maximum` (the form's own unless given): at the end of a clause, or else of a word.

        A number stays with the word after it wherever that can be. Only a word that alone is too long is cut itself, between two letters.
        """
        most = self.maximum if maximum is None else maximum
        if self.length(text) <= most:
            return text
        ends = boundaries(text)
        whole = set(ends)
        for gaps in (_GAP, _ANY_GAP):
            words = [gap.start() for gap in gaps.finditer(text) if gap.start() in whole]
            last = self._last_that_fits(text, words, most)
            if last:
                return _ended(text[: self._clause(text, words, last)])
        return _ended(text[: self._last_that_fits(text, ends, most)])

    def _last_that_fits(self, text: str, ends: list[int], most: int) -> int:
        """The last of `ends` up to which `text` fits with an ellipsis after it; 0 where none does. More of a text can be shorter (a link grown whole)."""
        place = bisect_right(ends, most, key=lambda end: self.length(_ended(text[:end])))
        while place and self.length(_ended(text[: ends[place - 1]])) > most:
            place -= 1
        return ends[place - 1] if place else 0

    def _clause(self, text: str, words: list[int], last: int) -> int:
        """Where the last clause before `last` ends, if most is kept up to there; else `last`."""
        ends = [word for word in words if word <= last and text[:word].endswith(_CLAUSE_ENDS)]
        return ends[-1] if ends and self.length(text[: ends[-1]]) >= _CLAUSE_SHARE * self.length(text[:last]) else last


def _ended(text: str) -> str:
    return text.rstrip(" \t\r\n\u00a0\u202f,;:.-–—") + _ELLIPSIS


def mastodon(maximum: int = 500, link: int = LINK_LENGTH) -> Form:
    """Mastodon's, as an instance is configured (docs.joinmastodon.org, "Instance", `configuration.statuses`)."""
    return Form(maximum, lambda text: linked_length(text, link), words="mastodon")


def characters(maximum: int, words: str = "") -> Form:
    """So many characters, however they are counted: for webhooks, and for what Apprise reaches."""
    return Form(maximum, utf16_length, words=words)


X = Form(280, weighted_length, unlinked, words="x")
"""docs.x.com, "Counting characters"."""
MASTODON = mastodon()
BLUESKY = Form(300, record_length, words="bluesky")
"""app.bsky.feed.post: 300 graphemes, 3,000 bytes."""
FACEBOOK = characters(63_206, "facebook")
