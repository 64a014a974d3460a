"""Answers about outages: rendered when they changed, looked up here."""

import unicodedata

from services.kernel.answers import ANSWERS, STATUS, spoken_at
from services.kernel.ids import UNPLACED
from services.kernel.views import Shown
from services.voice.conversation.answerer import Asked
from services.voice.conversation.mine import MyOutages
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent, Scope

ECHO_MAX = 60
"""Letters of a place name that are said back to the asker."""


class OutageAnswers:
    """Is it out, until when, why, how many: of an area, or of all together. Meets `Answerer`; look-ups only, but for `mine`."""

    intents = tuple(Intent(name) for name in ANSWERS)

    def __init__(self, mine: MyOutages | None = None) -> None:
        """`mine` tells what is out for somebody whose place is known better than by an area's name."""
        self._mine = mine

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        wording, gazetteer, place = asked.wording, asked.gazetteer, asked.place
        if asked.shown.stamp.as_of is None:
            return Said(wording.say("voice-no-data"), Outcome.UNABLE)
        if self._mine is not None and _about_home(asked) and (mine := await self._mine.answer(asked)):
            return mine
        overall = asked.shown.overall[asked.lang]
        postal = "yes" if gazetteer.has_postal else "no"
        if asked.scope is Scope.EVERYWHERE:
            return Said(spoken_at(overall[asked.intent], asked.now))
        if place.area is not None:
            return Said(spoken_at(asked.shown.views[place.area].answers[asked.lang][asked.intent], asked.now))
        if not gazetteer or _none_is_placed(asked.shown):  # all there is to say is the whole
            return Said(spoken_at(overall[STATUS], asked.now))
        if place.postal and not gazetteer.has_postal:
            return _which(wording.say("voice-no-postal"))
        if said := echo(asked.said):
            return _which(wording.say("voice-place-unknown", place=said, postal=postal))
        if asked.scope is Scope.GENERAL or asked.intent is Intent.OUTAGE_COUNTS:
            return Said(spoken_at(overall[asked.intent], asked.now))
        return _which(wording.say("voice-which-area", postal=postal))


def _about_home(asked: Asked) -> bool:
    return asked.scope is Scope.NEAR and not asked.named and asked.intent is not Intent.OUTAGE_COUNTS


def _which(text: str) -> Said:
    return Said(text, Outcome.ASKED_BACK, waits_for_place=True, open=True)


def _none_is_placed(shown: Shown) -> bool:
    """Whether there are outages and the source says of none where it is: which area somebody asks about then makes no difference."""
    unplaced = shown.views.get(UNPLACED)
    if unplaced is None or not unplaced.brief.outages:
        return False
    return not any(view.brief.outages for area, view in shown.views.items() if area != UNPLACED)


def echo(said: str) -> str:
    """A place as it may be said back: no control or format characters (categories Cc and Cf: those that turn the direction of text, too), and short."""
    plain = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in said if unicodedata.category(letter) != "Cf")
    return " ".join(plain.split())[:ECHO_MAX].rstrip()
