"""'Tell me when it's back': whoever can be reached is put on the list of their area, and told once when its outages are over."""

import re
from datetime import timedelta

from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import WaitingList
from services.kernel.waiting import Waiter
from services.voice.conversation.answerer import Asked
from services.voice.conversation.outages import echo
from services.voice.conversation.turn import Outcome, Platform, Said, Turn
from services.voice.understanding.question import Intent

_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
"""A telephone number (E.164)."""
_TEXTED = {Platform.SMS: "same", Platform.PHONE: "calling"}
"""How somebody hears which number will be texted."""
_ADDED = {Acceptance.ACCEPTED: "subscribe-will", Acceptance.DUPLICATE: "subscribe-already"}


class SubscribeAnswers:
    """Meets `Answerer`. Waits no longer than the list does."""

    intents = (Intent.SUBSCRIBE,)

    def __init__(self, waiting: WaitingList | None, hours: float) -> None:
        """Without `waiting`, nobody can be reached. They wait for `hours` at most."""
        self._waiting, self._wait = waiting, timedelta(hours=hours)

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        wording, area, number = asked.wording, asked.place.area, reached_at(asked.turn)
        if self._waiting is None or not number:
            return Said(wording.say("subscribe-follow"))
        if asked.shown.stamp.as_of is None:
            return Said(wording.say("voice-no-data"), Outcome.UNABLE)
        guessed = not asked.named and not asked.turn.home and not asked.turn.memory.place
        if area is None or guessed:
            postal = "yes" if asked.gazetteer.has_postal else "no"
            unknown = echo(asked.said) if asked.named else ""
            text = wording.say("voice-place-unknown", place=unknown, postal=postal) if unknown else wording.say("voice-which-area", postal=postal)
            return Said(text, Outcome.ASKED_BACK, waits_for_place=True, open=True)
        brief = asked.shown.views[area].brief
        called = brief.named.called(asked.lang)
        if not brief.outages:
            return Said(wording.say("subscribe-none", area=called), dated=True)
        try:
            added = await self._waiting.add(Waiter(Platform.SMS, number, asked.lang, area, asked.now, asked.now + self._wait))
        except Unavailable:
            return Said(wording.say("subscribe-away"), Outcome.UNABLE)
        if added not in _ADDED:
            return Said(wording.say("subscribe-away"), Outcome.SHED)
        return Said(wording.say(_ADDED[added], area=called, number=_TEXTED[asked.turn.platform]))


def reached_at(turn: Turn) -> str:
    """The telephone number that the asker writes or calls from; '' where there is none, or it is withheld."""
    return turn.asker if turn.platform in _TEXTED and _NUMBER.fullmatch(turn.asker) else ""
