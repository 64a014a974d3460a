"""How somebody can be told later, when nothing of theirs asks: by what they ask from, where that is set up and they allow it."""

import re
from collections.abc import Mapping

from msgspec import Struct

from services.kernel.ports.alexa import MESSAGE_ALERT, ProactiveSubscribers
from services.kernel.waiting import Reach
from services.voice.conversation.turn import Platform, Turn

_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
"""A telephone number (E.164)."""
_WAYS = {
    Platform.SMS: (Reach.SMS, "same"),
    Platform.PHONE: (Reach.SMS, "calling"),
    Platform.ALEXA: (Reach.ALEXA, "alexa"),
    Platform.MESSENGER: (Reach.MESSENGER, "messenger"),
}


class Reached(Struct, frozen=True):
    """Somebody who can be told later."""

    platform: Reach
    address: str
    way: str
    """What they hear of how: same (the number that they text from), calling (the one that they call from), alexa, messenger."""
    hours: float
    """How long they may wait."""

    @property
    def proven(self) -> bool:
        """Whether the platform vouches for the address being theirs. A call's number does not: whoever calls can have it show any."""
        return self.way != "calling"


class Reaching:
    """Knows what is set up, and for how long each may wait."""

    def __init__(self, hours: Mapping[Reach, float], subscribers: ProactiveSubscribers | None = None) -> None:
        """`hours`: of the platforms that are set up. `subscribers` are those who let the Alexa skill notify them."""
        self._hours, self._subscribers = hours, subscribers

    def reached(self, turn: Turn) -> Reached | None:
        """Who asks, as they can be told later; None where they can't, or withhold their number."""
        platform, way = _WAYS.get(turn.platform, (None, ""))
        if platform is None or platform not in self._hours or not turn.asker:
            return None
        if platform is Reach.SMS and not _NUMBER.fullmatch(turn.asker):
            return None
        return Reached(platform, turn.asker, way, self._hours[platform])

    async def allows(self, reached: Reached) -> bool:
        """Whether they let us. Raises `Unavailable` where that can't be known in time."""
        if reached.platform is not Reach.ALEXA or self._subscribers is None:
            return True
        return MESSAGE_ALERT in await self._subscribers.events_of(reached.address)
