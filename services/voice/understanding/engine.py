"""Understanding free text: sentences that are known, dangers, and a guess at all else, as sure as it is."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from services.kernel.messages import LANGS, Lang
from services.voice.understanding.classifier import Guesser
from services.voice.understanding.danger import Dangers
from services.voice.understanding.features import SLIP_WORDS_MAX, Concepts, features
from services.voice.understanding.fold import Slips
from services.voice.understanding.learnt import Learnt, learnt
from services.voice.understanding.phrases import Known, Phrases
from services.voice.understanding.question import Intent, Scope, Understood, Words
from services.voice.understanding.spoken import Spoken
from services.voice.understanding.templates import FOLDER, common, read

CHOICES_MAX = 3
NONE_OF_OURS = 0.5
"""How sure a guess must be that a question is none of ours for nothing to be offered."""
WORDS_MAX = 100
"""Words of a question that are looked at: 500 letters hold no more, and whoever says more says it in the first of them."""
_DANGER = Understood(Intent.REPORT_HAZARD, 1.0)
_MENDED = 0.9
"""How sure a known sentence is that was found only after its slips were mended."""
_OVER_ALL = (Intent.OUTAGE_STATUS, Intent.OUTAGE_COUNTS)


class SentenceUnderstanding:
    """Meets `Understanding`."""

    def __init__(self, confident: float, unsure: float, danger: float, cache: Path | None = None) -> None:
        """A guess as sure as `confident` is an answer, one as sure as `unsure` makes a choice; one at a danger is an answer from `danger` on.

        What was learnt is kept in the folder `cache`, and learnt anew when what it was learnt from changes.
        """
        self._confident, self._unsure, self._danger = confident, unsure, danger
        self._languages = {lang: _Language(lang, learnt(lang, cache)) for lang in LANGS}

    @cached_property
    def words(self) -> Words:
        """Meets `Understanding.words`."""
        every = self._languages.values()
        before = frozenset().union(*(language.before_a_place for language in every))
        return Words(frozenset().union(*(language.words for language in every)) | before, before)

    def understand(self, words: str, lang: Lang) -> Understood:
        """Meets `Understanding.understand`: known sentences first, then dangers in any words, then known sentences with slips mended, then a guess."""
        language = self._languages[lang]
        said = language.spoken.plain(words.split()[:WORDS_MAX])
        if found := language.known(said):
            return found
        if language.dangers.told(said):
            return _DANGER
        return language.mended(said) or self._guessed(language, said)

    def tells_danger(self, words: str, lang: Lang) -> bool:
        """Meets `Understanding.tells_danger`: known sentences, and what is listed as dangers. Takes 0.2 ms; 1 ms for the longest question."""
        language = self._languages[lang]
        said = language.spoken.plain(words.split()[:WORDS_MAX])
        found = language.known(said)
        return found.intent is Intent.REPORT_HAZARD if found else language.dangers.told(said)

    def _guessed(self, language: "_Language", said: Sequence[str]) -> Understood:
        guesses = language.guesser.guess(features(said, language.concepts)) if said else []
        likely = dict(guesses)
        if likely.get(Intent.REPORT_HAZARD, 0.0) >= self._danger:
            return Understood(Intent.REPORT_HAZARD, round(likely[Intent.REPORT_HAZARD], 2))
        intent, sure = guesses[0] if guesses else (Intent.UNKNOWN, 0.0)
        if sure >= self._confident and intent is not Intent.UNKNOWN:
            return Understood(intent, round(sure, 2), scope=language.scope(intent, said), slots=language.slots(said))
        if intent is Intent.UNKNOWN and sure >= NONE_OF_OURS:
            return Understood(Intent.UNKNOWN, 0.0)
        choices = tuple(one for one, share in guesses if share >= self._unsure and one is not Intent.UNKNOWN)[:CHOICES_MAX]
        return Understood(Intent.UNKNOWN, round(likely[choices[0]], 2) if choices else 0.0, choices)


class _Language:
    """One language, ready to understand."""

    def __init__(self, lang: Lang, learnt: Learnt) -> None:
        shared = common(lang)
        self.spoken = Spoken(shared)
        self.before_a_place = frozenset(shared["before_a_place"])
        self.dangers = Dangers(read(FOLDER / lang / "_danger.yaml"))
        self.concepts = Concepts(read(FOLDER / lang / "_concepts.yaml"))
        self.guesser = Guesser(learnt.model)
        self.words = frozenset(learnt.words)
        self._everywhere = self.spoken.phrases(shared.get("everywhere", ()))
        self._phrases = Phrases(learnt.automaton)
        self._lists = [(name, [(f" {value} ", values[value]) for value in sorted(values, key=len, reverse=True)]) for name, values in learnt.lists.items()]
        """Of each list what is said and what it means, the longest first."""
        self._slips = Slips(self._phrases.words)

    def known(self, said: Sequence[str]) -> Understood | None:
        """What `said` is known to mean, as it is or without words that say nothing."""
        found = self._phrases.match(said) or self._phrases.match(self.spoken.meaningful(said))
        return self._understood(found, 1.0, said)

    def mended(self, said: Sequence[str]) -> Understood | None:
        """What `said` is known to mean with its slips mended. No known sentence is longer than those that are tried."""
        if len(said) > SLIP_WORDS_MAX:
            return None
        meant = [word if word in self._phrases.words else self._slips.meant(word) or word for word in said]
        found = self._phrases.match(self.spoken.meaningful(meant)) if meant != said else None
        return self._understood(found, _MENDED, meant)

    def _understood(self, found: Known | None, sure: float, said: Sequence[str]) -> Understood | None:
        if found is None:
            return None
        if found.intent is Intent.UNKNOWN:  # known for none of ours
            return Understood(Intent.UNKNOWN, 0.0)
        return Understood(found.intent, sure, scope=found.scope, slots=self.slots(said))

    def slots(self, said: Iterable[str]) -> dict[str, str]:
        """What the lists of the templates have of `said`: of each list the longest value."""
        words = f" {' '.join(said)} "
        found = ((name, next((meant for value, meant in values if value in words), None)) for name, values in self._lists)
        return {name: meant for name, meant in found if meant is not None}

    def scope(self, intent: Intent, said: Iterable[str]) -> Scope:
        """About how much of the territory a question is that no template foresaw."""
        if intent not in _OVER_ALL:
            return Scope.NEAR
        words = f" {' '.join(said)} "
        if any(phrase in words for phrase in self._everywhere):
            return Scope.EVERYWHERE
        return Scope.GENERAL if intent is Intent.OUTAGE_COUNTS else Scope.NEAR
