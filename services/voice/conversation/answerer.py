"""Who answers an intent, and what they are asked."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.messages import Lang, Wording
from services.kernel.views import Shown
from services.voice.conversation.turn import Said, Turn
from services.voice.understanding.places import Gazetteer, Place
from services.voice.understanding.question import Intent, Scope


class Asked(Struct, frozen=True):
    """One question, understood: everything that an answer may depend on, of one moment."""

    intent: Intent
    turn: Turn
    shown: Shown
    now: datetime
    wording: Wording
    gazetteer: Gazetteer
    scope: Scope = Scope.NEAR
    place: Place = Place(None, "")
    """The place that it is about, as far as it is known."""
    said: str = ""
    """What was said where the place stands, for saying it back: '' where nothing was."""
    named: bool = False
    """The place was named, in this turn or one before: it is not merely where the asker lives."""

    @property
    def lang(self) -> Lang:
        """The language to answer in."""
        return self.wording.lang


class Answerer(Protocol):
    """Answers some intents. Whatever is away, it says so in words: it raises nothing, and waits no longer than its own named limit."""

    @property
    def intents(self) -> Collection[Intent]:
        """The intents that it answers: no other answerer has them."""
        ...

    async def answer(self, asked: Asked) -> Said:
        """What to say."""
        ...
