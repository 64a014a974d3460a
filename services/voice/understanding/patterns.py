"""Understanding by phrases: what people say for each intent, as data, one file a language.

A phrase is words with `(a|b)` for either, `[a]` for perhaps and `*` for up to five words, looked for
anywhere in a question, or at its start (`^`) or end (`$`). Where no phrase is found, cue words vote; where they don't agree, or are
few, the likeliest intents become choices ('did you mean').
"""

import re
import tomllib
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from services.kernel.messages import LANGS, Lang
from services.voice.understanding.fold import Slips, fold
from services.voice.understanding.question import Intent, Scope, Understood, Words

CHOICES_MAX = 3
CUE_CONFIDENCE_MAX = 0.75
"""Words that only vote are never as sure as a phrase."""
CUES_ENOUGH = 2
"""Cue words that must agree for an answer; one alone only makes a choice."""
_FOLDER = Path(__file__).parent
_PARTS = re.compile(r"[()\[\]|*^$]|[^()\[\]|*^$\s]+")
_BRIDGE = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|", "*": "(?: [a-z0-9]+){0,5}?", "^": "^", "$": "(?= $)"}


class Phrases(Struct, frozen=True, forbid_unknown_fields=True):
    """How one intent is said."""

    phrases: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    """Phrases that need no area, but may have one."""
    everywhere: tuple[str, ...] = ()
    """Phrases that ask about all areas together."""
    cues: tuple[str, ...] = ()
    """Words that hint at it, with or without other words."""


class Lexicon(Struct, frozen=True, forbid_unknown_fields=True):
    """One language's file. Intents stand in the order in which they are tried: the first that fits is it."""

    filler: tuple[str, ...]
    """Words that say nothing of the intent, besides those in phrases: no place is guessed from them."""
    before_a_place: tuple[str, ...]
    """Words that stand before a place name."""
    intents: dict[Intent, Phrases]


class _Compiled:
    """One language, ready to match."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.order = tuple(lexicon.intents)
        self.phrases = [
            (_regex(listed), intent, scope)
            for intent, said in lexicon.intents.items()
            for scope, listed in ((Scope.EVERYWHERE, said.everywhere), (Scope.GENERAL, said.general), (Scope.NEAR, said.phrases))
            if listed
        ]
        self.cues: dict[str, set[Intent]] = {}
        for intent, said in lexicon.intents.items():
            for cue in said.cues:
                self.cues.setdefault(cue, set()).add(intent)
        listed = [phrase for said in lexicon.intents.values() for phrase in (*said.phrases, *said.general, *said.everywhere, *said.cues)]
        spoken = {word for phrase in listed for part in _PARTS.findall(phrase) for word in fold(part).split()}
        self.words = frozenset(spoken | set(lexicon.filler))
        self.before_a_place = frozenset(lexicon.before_a_place)
        self.slips = Slips(self.words)

    def mended(self, words: str) -> str:
        """`words`, those with a slip in them as they were meant."""
        return " ".join(word if word in self.words else self.slips.meant(word) or word for word in words.split())

    def by_phrase(self, words: str) -> Understood | None:
        padded = f" {words} "
        return next((Understood(intent, 1.0, scope=scope) for pattern, intent, scope in self.phrases if pattern.search(padded)), None)

    def by_cues(self, words: str) -> Understood:
        votes = Counter(intent for word in set(words.split()) for intent in self.cues.get(word, ()))
        likeliest = sorted(votes, key=lambda intent: (-votes[intent], self.order.index(intent)))[:CHOICES_MAX]
        if not likeliest:
            return Understood(Intent.UNKNOWN, 0.0)
        share = votes[likeliest[0]] / votes.total()
        strength = min(1.0, votes[likeliest[0]] / CUES_ENOUGH)
        return Understood(likeliest[0], round(CUE_CONFIDENCE_MAX * share * strength, 2), tuple(likeliest))


class PatternUnderstanding:
    """Meets `Understanding`. What is less sure than `confident` is unknown, with choices."""

    def __init__(self, confident: float) -> None:
        self._confident = confident
        self._compiled = {lang: _Compiled(lexicon(lang)) for lang in LANGS}

    @cached_property
    def words(self) -> Words:
        """Meets `Understanding.words`."""
        every = self._compiled.values()
        before = frozenset().union(*(compiled.before_a_place for compiled in every))
        return Words(frozenset().union(*(compiled.words for compiled in every)) | before, before)

    def understand(self, words: str, lang: Lang) -> Understood:
        """Meets `Understanding.understand`: by phrase, by phrase with slips mended, then by cues."""
        compiled = self._compiled[lang]
        mended = compiled.mended(words)
        found = compiled.by_phrase(words) or (compiled.by_phrase(mended) if mended != words else None)
        if found is not None:
            return found if words == mended or found.intent is Intent.REPORT_HAZARD else msgspec.structs.replace(found, confidence=0.9)
        guessed = compiled.by_cues(mended)
        return guessed if guessed.confidence >= self._confident else Understood(Intent.UNKNOWN, guessed.confidence, guessed.choices)


def lexicon(lang: Lang) -> Lexicon:
    """The phrases of `lang`, as its file has them."""
    data: dict[str, Any] = tomllib.loads((_FOLDER / f"{lang}.toml").read_text(encoding="utf-8"))
    return msgspec.convert(data, Lexicon)


def _regex(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern that finds any of `phrases` in folded words, which have a space before and after each."""
    return re.compile("|".join(map(_phrase, phrases)))


def _phrase(phrase: str) -> str:
    """`is [all] (my|the) power out` as a regular expression in which every word brings the space before it."""
    return "".join(_BRIDGE.get(part) or "".join(f" {word}" for word in fold(part).split()) for part in _PARTS.findall(phrase)) + "(?= )"
