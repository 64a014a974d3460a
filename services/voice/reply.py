"""What to answer: the intent and the place are known, the words are in the mirror already. Look-ups only; nothing here waits."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from services.kernel.answers import ANSWERS, STALE_SOURCES, STATUS, spoken_at
from services.kernel.areas import AreaName
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.outputs import ViewMirror
from services.kernel.views import Position, Shown, Spoken
from services.voice.understanding.fold import fold
from services.voice.understanding.places import Gazetteer, Place
from services.voice.understanding.question import Intent, Scope, Understanding, Understood

ECHO_MAX = 60
"""Letters of a place name that are said back to the asker."""
_NOTHING = (Spoken(""),)
_BARE_PLACE = Understood(Intent.OUTAGE_STATUS, 0.8)
"""A place and nothing else: 'Barrhaven?'."""
_FIXED = {
    Intent.REPORT_HAZARD: "voice-hazard",
    Intent.REPORT_OUTAGE: "voice-report",
    Intent.AGENT: "voice-agent",
    Intent.HELP: "voice-help",
    Intent.REPEAT: "voice-repeat",
    Intent.STOP: "voice-stop",
}
"""Answers that need no outage data, and are there from the first moment."""


class Reply(Struct, frozen=True):
    """An answer, and what it was an answer to."""

    answer: str
    intent: Intent
    confidence: float
    choices: tuple[Intent, ...]
    position: Position
    as_of: datetime | None
    asks_back: bool = False
    """It ends in a question: the area is missing, or the intent is."""


class Asked(Struct, frozen=True):
    """Where a question is about: what was found, and what was said where nothing was."""

    place: Place
    said: str = ""


class Replies:
    """Meets every question with an answer, from one moment of the mirror."""

    def __init__(self, mirror: ViewMirror, understanding: Understanding, wordings: Mapping[Lang, Wording], clock: Clock, stale_after_s: float) -> None:
        self._mirror, self._understanding, self._wordings, self._clock = mirror, understanding, wordings, clock
        self._stale_after_s = stale_after_s
        self._names: Mapping[AreaId, AreaName] = {}
        self._gazetteer = Gazetteer({}, understanding.words)

    def line(self, message: str, lang: Lang) -> str:
        """A line of the conversation that is no answer: a welcome, a reprompt."""
        return self._wordings[lang].say(message)

    def ask(self, text: str, lang: Lang, place: str = "") -> Reply:
        """Answer a question in free words; `place` is where the asker lives, for questions that name no place."""
        shown = self._mirror.shown
        gazetteer = self._places(shown)
        folded = fold(text)
        named = gazetteer.find(folded)
        understood = self._understanding.understand(named.rest, lang)
        if named.found:
            if understood.intent is Intent.UNKNOWN and self._understanding.words.common.issuperset(named.rest.split()):
                understood = _BARE_PLACE
            elif understood.scope is Scope.EVERYWHERE:
                understood = Understood(understood.intent, understood.confidence, understood.choices, Scope.GENERAL)
            asked = Asked(named, named.postal)
        elif place.strip():
            asked = Asked(gazetteer.find_name(fold(place)), place)
        else:
            asked = Asked(named, gazetteer.unknown_name(folded).title())
        return self._reply(shown, understood, lang, asked)

    def about(self, intent: Intent, lang: Lang, place: str = "") -> Reply:
        """Answer an intent that a platform has understood itself."""
        shown = self._mirror.shown
        place_found = self._places(shown).find_name(fold(place))
        return self._reply(shown, Understood(intent, 1.0), lang, Asked(place_found, place))

    def _reply(self, shown: Shown, understood: Understood, lang: Lang, asked: Asked) -> Reply:
        answer, asks_back = self._answer(shown, understood, lang, asked)
        return Reply(answer, understood.intent, understood.confidence, understood.choices, shown.stamp.position, shown.stamp.as_of, asks_back)

    def _answer(self, shown: Shown, understood: Understood, lang: Lang, asked: Asked) -> tuple[str, bool]:
        wording, intent = self._wordings[lang], understood.intent
        if intent in _FIXED:
            return wording.say(_FIXED[intent]), intent in (Intent.HELP, Intent.REPEAT)
        if intent not in ANSWERS:
            return self._unknown(wording, understood), True
        if shown.stamp.as_of is None:
            return wording.say("voice-no-data"), False
        now = self._clock.now()
        told, asks_back = self._outages(shown, understood, wording, asked, now)
        if not asks_back and (silence := spoken_at(shown.overall[wording.lang].get(STALE_SOURCES, _NOTHING), now)):
            told = f"{told} {silence}"
        if not asks_back and (now - shown.stamp.as_of).total_seconds() > self._stale_after_s:
            told = wording.say("voice-as-of", when=wording.when(shown.stamp.as_of, now), answer=told)
        return told, asks_back

    def _outages(self, shown: Shown, understood: Understood, wording: Wording, asked: Asked, now: datetime) -> tuple[str, bool]:
        intent, gazetteer = understood.intent, self._gazetteer
        overall = shown.overall[wording.lang]
        postal = "yes" if gazetteer.has_postal else "no"
        if understood.scope is Scope.EVERYWHERE:
            return spoken_at(overall[intent], now), False
        if asked.place.area is not None:
            return spoken_at(shown.views[asked.place.area].answers[wording.lang][intent], now), False
        if not gazetteer or _none_is_placed(shown):  # all there is to say is the whole
            return spoken_at(overall[STATUS], now), False
        if asked.place.postal and not gazetteer.has_postal:
            return wording.say("voice-no-postal"), True
        if said := _echo(asked.said):
            return wording.say("voice-place-unknown", place=said, postal=postal), True
        if understood.scope is Scope.GENERAL or intent is Intent.OUTAGE_COUNTS:
            return spoken_at(overall[intent], now), False
        return wording.say("voice-which-area", postal=postal), True

    def _unknown(self, wording: Wording, understood: Understood) -> str:
        if not understood.choices:
            return wording.say("voice-unknown")
        return wording.say("voice-did-you-mean", choices=wording.choice([wording.say("voice-choice", intent=choice) for choice in understood.choices]))

    def _places(self, shown: Shown) -> Gazetteer:
        if shown.names is not self._names:
            self._gazetteer, self._names = Gazetteer(shown.names, self._understanding.words), shown.names
        return self._gazetteer


def _none_is_placed(shown: Shown) -> bool:
    """Whether there are outages and the source says of none where it is: which area somebody asks about then makes no difference."""
    unplaced = shown.views.get(UNPLACED)
    if unplaced is None or not unplaced.brief.outages:
        return False
    return not any(view.brief.outages for area, view in shown.views.items() if area != UNPLACED)


def _echo(said: str) -> str:
    """A place as it may be said back: no control or format characters (categories Cc and Cf: those that turn the direction of text, too), and short."""
    plain = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in said if unicodedata.category(letter) != "Cf")
    return " ".join(plain.split())[:ECHO_MAX].rstrip()
