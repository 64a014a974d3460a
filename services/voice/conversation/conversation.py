"""What to answer: words to an intent and a place, these to whoever answers them, from one moment of the mirror."""

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from msgspec.structs import replace
from prometheus_client import Counter, Histogram

from services.kernel.answers import ANSWERS, STALE_SOURCES, spoken_at
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.outputs import ViewMirror
from services.kernel.views import Shown, Spoken
from services.kit import metrics
from services.kit.within import at_once
from services.voice.conversation.answerer import Answerer, Asked
from services.voice.conversation.counts import Counts
from services.voice.conversation.dialogue import meant, picked, remembered, says_where
from services.voice.conversation.guide import At, Guide
from services.voice.conversation.limited import AskerShares, Limited
from services.voice.conversation.turn import Button, Outcome, Platform, Reply, Said, Turn
from services.voice.flows.flow import Flow
from services.voice.understanding.fold import fold
from services.voice.understanding.places import Gazetteer, Place
from services.voice.understanding.question import PLACE, Intent, Scope, Understanding, Understood

_NOTHING = (Spoken(""),)
_LOOKED_UP = frozenset(map(Intent, ANSWERS))
"""Intents whose answers are in the mirror, but for what is known of the asker's own home."""
_PLACED = frozenset({*map(Intent, ANSWERS), Intent.SUBSCRIBE, Intent.PLANNED_WORK, Intent.NEAREST_CENTRE})
"""Intents whose answer hangs on a place."""
PLACE_MAX = 60
"""Letters kept of a place that nobody knows."""
_DATED = frozenset({*map(Intent, ANSWERS), Intent.PLANNED_WORK})
"""Intents whose answer is as old as the mirror."""
_REPORTS = frozenset({Intent.REPORT_OUTAGE, Intent.REPORT_HAZARD})
_LISTED = frozenset({Intent.SUBSCRIBE, Intent.STOP})
"""Intents whose answers wait for what was said to be kept: reports, and of whoever can be reached, whether they are to be. All others wait for nothing but
what is known of a linked account, or of where a device is.
"""
_BARE_PLACE = Understood(Intent.OUTAGE_STATUS, 0.8)
"""A place and nothing else: 'Barrhaven?'."""
BARE_WORDS = 4
"""With fewer ordinary words around it, which mean nothing by themselves, a place is a bare one: 'and over in Barrhaven'."""


class Conversation:
    """Meets every turn with an answer. One a process; it holds nothing of any conversation: that is the turn's memory."""

    def __init__(
        self,
        mirror: ViewMirror,
        understanding: Understanding,
        answerers: Sequence[Answerer],
        wordings: Mapping[Lang, Wording],
        clock: Clock,
        stale_after_s: float,
        counts: Counts | None = None,
        flows: Mapping[str, Flow] = MappingProxyType({}),
        shares: AskerShares | None = None,
    ) -> None:
        """`counts` is told of every turn. `shares` are how much each asker may ask; beyond that they hear so."""
        self._limited = None if shares is None else Limited(shares, understanding, wordings)
        self._mirror, self._understanding, self._wordings, self._clock = mirror, understanding, wordings, clock
        self._answerers = {intent: answerer for answerer in answerers for intent in answerer.intents}
        self._stale_after_s, self._counts = stale_after_s, counts
        self._guide = Guide(flows, wordings)
        self._names: Mapping[AreaId, AreaName] = {}
        self._gazetteer = Gazetteer({}, understanding.words)

    def line(self, message: str, lang: Lang, **args: str | int) -> str:
        """A line of the conversation that is no answer: a welcome, a reprompt."""
        return self._wordings[lang].say(message, **args)

    def knows(self, place: str) -> bool:
        """Whether `place`, as somebody said it, is one that we serve, as far as we know."""
        return self._places(self._mirror.shown).named(place).area is not None

    def lacks_place(self, turn: Turn) -> bool:
        """Whether the answer to `turn` hangs on where the asker is, and neither it nor what its conversation remembers tells that."""
        understood, asked = self._asked(self._mirror.shown, turn)
        return understood.intent in _PLACED and asked.scope is not Scope.EVERYWHERE and not asked.said and not asked.place.found

    def answers_at_once(self, turn: Turn) -> bool:
        """Whether the answer to `turn`, as far as can be told without understanding words, is looked up in the mirror: it waits for nothing outside."""
        if turn.intent not in _LOOKED_UP or turn.account or turn.point is not None or turn.choice:
            return False
        return turn.memory.waits is None or turn.memory.waits in _LOOKED_UP

    def menu(self, lang: Lang) -> tuple[Button, ...]:
        """What can be asked, as buttons."""
        return self._guide.menu(lang)

    async def answer(self, turn: Turn) -> Reply:
        """Answer `turn`. What was not understood is answered too: with what it may have meant, or with help."""
        began = time.perf_counter()
        turn, at = self._guide.taken(turn)
        return await self._replied(turn, at, None, began)

    def at_once(self, turn: Turn) -> Reply | None:
        """What `answer` replies, where that waits for nothing; None where it may: then nothing has changed, and `answer` is to be asked."""
        if turn.account or turn.point is not None:
            return None
        began = time.perf_counter()
        turn, at = self._guide.taken(turn)
        understood = self._asked(self._mirror.shown, turn) if at is None else None
        if understood is not None and (understood[1].intent in _REPORTS or (turn.asker and understood[1].intent in _LISTED)):
            return None
        return at_once(self._replied(turn, at, understood, began))

    async def _replied(self, turn: Turn, at: At | None, understood: tuple[Understood, Asked] | None, began: float) -> Reply:
        """The reply to `turn`, which was `understood` already or is to be, or leads to a step of a flow; counted."""
        missed = ""
        if self._limited is not None and (apology := self._limited.apology(turn)):
            reply = apology
        elif at is not None:
            stamp, reply = self._mirror.shown.stamp, self._guide.reply(at, turn)
            reply = replace(reply, position=stamp.position, as_of=stamp.as_of)
        else:
            reply, missed = await self._answered(turn, *(understood or self._asked(self._mirror.shown, turn)))
            reply = self._guide.resumed(reply, turn)
        _turns(turn.platform, turn.lang, reply.intent, reply.outcome).inc()
        _duration(turn.platform).observe(time.perf_counter() - began)
        if self._counts is not None:
            self._counts.turn(turn, reply, missed)
        return reply

    def ended(self, platform: Platform, lang: Lang, session: str, *, silent: bool = False) -> None:
        """The asker ended a conversation, or (`silent`) said nothing more when asked: for the counts."""
        if self._counts is not None:
            self._counts.ended(platform, lang, session, silent=silent)

    async def _answered(self, turn: Turn, understood: Understood, asked: Asked) -> tuple[Reply, str]:
        """The reply, and the words that were not understood."""
        shown, answerer = asked.shown, self._answerers.get(understood.intent)
        said = self._unknown(asked.wording, understood) if answerer is None else await answerer.answer(asked)
        text = self._aged(said, asked) if said.dated or understood.intent in _DATED else said.text
        choices = understood.choices or said.choices
        reply = Reply(
            text,
            understood.intent,
            understood.confidence,
            choices,
            shown.stamp.position,
            shown.stamp.as_of,
            said.outcome,
            said.open,
            said.needs_link,
            said.needs_leave,
            said.hands_over,
            memory=remembered(understood.intent, choices, said, asked.said, turn.memory),
        )
        return reply, asked.gazetteer.find(fold(turn.words)).marked if said.outcome in (Outcome.UNMATCHED, Outcome.UNSURE) else ""

    def _asked(self, shown: Shown, turn: Turn) -> tuple[Understood, Asked]:
        gazetteer = self._places(shown)
        if turn.intent is not None:
            found = gazetteer.named(turn.place) if turn.place else Place(None, "")
            understood, said = Understood(turn.intent, 1.0, scope=turn.scope), turn.place
        else:
            understood, found, said = self._understood(gazetteer, turn)
        if not said and not found.found and turn.words and says_where(understood, turn.memory):
            said = turn.words[:PLACE_MAX]
        names_place = bool(said) or found.found
        if understood.slots:
            turn = replace(turn, slots={**understood.slots, **turn.slots})
        told = meant(understood, turn, names_place=names_place)
        understood = told.understood
        if not said and (known := told.place or turn.home):
            found, said = gazetteer.named(known), known
        elif not said and turn.region and (likely := gazetteer.named(turn.region)).area is not None:
            found, said = likely, turn.region
        now, wording, named = self._clock.now(), self._wordings[turn.lang], names_place or bool(told.place)
        asked = Asked(understood.intent, turn, shown, now, wording, gazetteer, understood.scope, found, said, named)
        return understood, asked

    def _understood(self, gazetteer: Gazetteer, turn: Turn) -> tuple[Understood, Place, str]:
        """The intent of free words, the place that they name, and how they name it."""
        folded = fold(turn.words)
        if (choice := picked(folded, turn.memory)) is not None:
            return Understood(choice, 1.0), Place(None, ""), ""
        named = gazetteer.find(folded)
        understood = self._understanding.understand(named.marked, turn.lang)
        if not named.found:
            name = gazetteer.unknown_name(folded)
            if name and understood.intent is Intent.UNKNOWN:  # what is asked may be plain but for a name that nobody knows
                understood = self._understanding.understand(f"{folded.removesuffix(name)}{PLACE}", turn.lang)
            return understood, named, "" if turn.home else name.title()
        around = named.rest.split()
        if understood.intent is Intent.UNKNOWN and len(around) < BARE_WORDS and self._understanding.words.common.issuperset(around):
            understood = _BARE_PLACE
        elif understood.scope is Scope.EVERYWHERE:
            understood = replace(understood, scope=Scope.GENERAL)
        return understood, named, named.postal or str(named.area)

    def _aged(self, said: Said, asked: Asked) -> str:
        """An outage answer, with what its age or a silent source adds to it."""
        as_of, told = asked.shown.stamp.as_of, said.text
        if as_of is None or said.outcome is not Outcome.ANSWERED:
            return told
        if silence := spoken_at(asked.shown.overall[asked.lang].get(STALE_SOURCES, _NOTHING), asked.now):
            told = f"{told} {silence}"
        if (asked.now - as_of).total_seconds() > self._stale_after_s:
            told = asked.wording.say("voice-as-of", when=asked.wording.when(as_of, asked.now), answer=told)
        return told

    def _unknown(self, wording: Wording, understood: Understood) -> Said:
        if not understood.choices:
            return Said(wording.say("voice-unknown"), Outcome.UNMATCHED, open=True)
        choices = wording.choice([wording.say("voice-choice", intent=choice) for choice in understood.choices])
        return Said(wording.say("voice-did-you-mean", choices=choices), Outcome.UNSURE, open=True)

    def _places(self, shown: Shown) -> Gazetteer:
        if shown.names is not self._names:
            self._gazetteer, self._names = Gazetteer(shown.names, self._understanding.words), shown.names
        return self._gazetteer


@lru_cache(maxsize=4_096)
def _turns(platform: Platform, lang: Lang, intent: Intent, outcome: Outcome) -> Counter:
    """Finding a counter by its labels takes longer than counting."""
    return metrics.TURNS.labels(platform, lang, intent, outcome)


@lru_cache(maxsize=64)
def _duration(platform: Platform) -> Histogram:
    return metrics.TURN_DURATION.labels(platform)
