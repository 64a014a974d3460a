"""'Tell me when it's back': whoever can be reached is put on the list of their area, and told once when its outages are over."""

from datetime import timedelta

from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import WaitingList
from services.kernel.waiting import Waiter
from services.voice.conversation.answerer import Asked
from services.voice.conversation.outages import echo
from services.voice.conversation.reaching import Reached, Reaching
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent

_ADDED = {Acceptance.ACCEPTED: "subscribe-will", Acceptance.DUPLICATE: "subscribe-already"}


class SubscribeAnswers:
    """Meets `Answerer`. Waits no longer than the list, and who lets us, do."""

    intents = (Intent.SUBSCRIBE,)

    def __init__(self, waiting: WaitingList | None, reaching: Reaching) -> None:
        """Without `waiting`, nobody can be reached."""
        self._waiting, self._reaching = waiting, reaching

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        wording, area, reached = asked.wording, asked.place.area, self._reaching.reached(asked.turn)
        if self._waiting is None or reached is None:
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
        waiter = Waiter(reached.platform, reached.address, asked.lang, area, asked.now, asked.now + timedelta(hours=reached.hours))
        return await self._put(asked, self._waiting, reached, waiter, wording.say("subscribe-what", area=called))

    async def _put(self, asked: Asked, waiting: WaitingList, reached: Reached, waiter: Waiter, what: str) -> Said:
        wording = asked.wording
        try:
            if not await self._reaching.allows(reached):
                return Said(wording.say("subscribe-allow-alexa"), Outcome.ASKED_BACK, needs_leave=True)
            added = await waiting.add(waiter)
        except Unavailable:
            return Said(wording.say("subscribe-away"), Outcome.UNABLE)
        if added not in _ADDED:
            return Said(wording.say("subscribe-away"), Outcome.SHED)
        return Said(wording.say(_ADDED[added], what=what, way=reached.way, hours=wording.number(int(reached.hours))))
