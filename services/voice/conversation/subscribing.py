"""'Tell me when it's back': whoever can be reached is put on a list, and told once when their own outage is over, or, where their premise isn't known,
those of their area."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from services.kernel.customers import Premise
from services.kernel.ids import AreaId
from services.kernel.mine import Mine, Sureness
from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import WaitingList
from services.kernel.waiting import Home, Notice, Waiter
from services.voice.conversation.answerer import Asked
from services.voice.conversation.mine import MyOutages
from services.voice.conversation.outages import echo
from services.voice.conversation.reaching import Reached, Reaching
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent

_ADDED = {Acceptance.ACCEPTED: "subscribe-will", Acceptance.DUPLICATE: "subscribe-already"}


class SubscribeAnswers:
    """Meets `Answerer`. Waits no longer than the list, and who lets us, do."""

    intents = (Intent.SUBSCRIBE,)

    def __init__(
        self,
        waiting: WaitingList | None,
        reaching: Reaching,
        mine: MyOutages | None = None,
        devices_max: int = 20,
        answer_hours: float = 12,
        asks_numbers: Sequence[str] = ("+1",),
    ) -> None:
        """Without `waiting`, nobody can be reached. `mine` knows the outage of who has linked an account; `devices_max` of their premise are kept.

        Who asked by telephone has `answer_hours` to answer the text that asks whether they did; only numbers that begin as one of `asks_numbers` get it:
        texts to far countries are dear, and some are sold for what they earn.
        """
        self._asks_numbers = tuple(asks_numbers)
        self._answer_within = timedelta(hours=answer_hours)
        self._waiting, self._reaching, self._mine, self._devices_max = waiting, reaching, mine, devices_max

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        wording, area, reached = asked.wording, asked.place.area, self._reaching.reached(asked.turn)
        if self._waiting is None or reached is None:
            return Said(wording.say("subscribe-follow"))
        if asked.shown.stamp.as_of is None:
            return Said(wording.say("voice-no-data"), Outcome.UNABLE)
        if not asked.named and self._mine is not None and (mine := await self._mine.at_home(asked)) and mine.premise is not None:
            return await self._home(asked, self._waiting, reached, mine.premise, mine)
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
        return await self._put(asked, self._waiting, reached, _waiter(asked, reached, area))

    async def _home(self, asked: Asked, waiting: WaitingList, reached: Reached, premise: Premise, mine: Mine) -> Said:
        """For an outage of their own, and else for those of its area, which may not reach them."""
        if mine.sureness is Sureness.NONE:
            return Said(asked.wording.say("subscribe-none-home"), dated=True)
        waiter = _waiter(asked, reached, premise.area)
        if mine.outages:
            home = Home(premise.id, mine.outages[0].key, mine.sureness, premise.devices[-self._devices_max :], premise.point)
            waiter = replace(waiter, home=home)
        return await self._put(asked, waiting, reached, waiter, mine.sureness)

    async def _put(self, asked: Asked, waiting: WaitingList, reached: Reached, waiter: Waiter, sureness: Sureness | None = None) -> Said:
        """`sureness` of their own outage, where their premise is known."""
        wording, view = asked.wording, asked.shown.views.get(waiter.area)
        called = view.brief.named.called(asked.lang) if view is not None else waiter.area
        where = waiter.home.where if waiter.home is not None else "home"
        what = wording.say("subscribe-what", sureness=(sureness or Sureness.AREA).name.lower(), where=where, area=called)
        try:
            if not await self._reaching.allows(reached):
                return Said(wording.say("subscribe-allow-alexa"), Outcome.ASKED_BACK, needs_leave=True)
            if not reached.proven and not reached.address.startswith(self._asks_numbers):
                return Said(wording.say("subscribe-text-us"), Outcome.UNABLE)
            added = await (waiting.add(waiter) if reached.proven else waiting.ask(self._question(asked, waiter, what)))
        except Unavailable:
            return Said(wording.say("subscribe-away"), Outcome.UNABLE)
        if added not in _ADDED:
            return Said(wording.say("subscribe-away" if reached.proven else "subscribe-text-us"), Outcome.SHED)
        text = wording.say(_ADDED[added], what=what, way=reached.way, hours=wording.number(int(reached.hours)))
        return Said(f"{text} {wording.say('subscribe-unsure')}" if sureness is Sureness.AREA else text)

    def _question(self, asked: Asked, waiter: Waiter, what: str) -> Notice:
        """What asks them whether they asked: a caller's number is whatever the caller's line says that it is."""
        text = asked.wording.say("notice-confirm", what=what)
        return Notice(replace(waiter, confirmed=False), text, worth_until=asked.now + self._answer_within)


def _waiter(asked: Asked, reached: Reached, area: AreaId) -> Waiter:
    return Waiter(reached.platform, reached.address, asked.lang, area, asked.now, asked.now + timedelta(hours=reached.hours))
