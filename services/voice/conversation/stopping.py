"""'Stop': the conversation ends; and where it is messages that somebody wants no more of, they are taken off the list, as STOP does."""

import re

from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import WaitingList
from services.kit.logs import log
from services.voice.conversation.answerer import Asked
from services.voice.conversation.reaching import Reaching
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.fold import fold
from services.voice.understanding.question import Intent

_MESSAGES = re.compile(
    r"\b(text|messag|sms|notif|alert|updates?\b|unsubscri|opt\b|write|writing|ping|spam|list\b|notice)"
    r"|\b(texte|texto|ecri|avis|desabonn|desinscri|prevenir|envo[iy]|liste\b|achal)"
)
"""What words that mean 'stop' have in them where messages are to stop; folded."""


class StopAnswers:
    """Meets `Answerer`. Waits no longer than the list does."""

    intents = (Intent.STOP,)

    def __init__(self, waiting: WaitingList | None, reaching: Reaching) -> None:
        """Without `waiting`, nobody waits for a message."""
        self._waiting, self._reaching = waiting, reaching

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        reached = self._reaching.reached(asked.turn)
        if self._waiting is None or reached is None or not _MESSAGES.search(fold(asked.turn.words)):
            return Said(asked.wording.say("voice-stop"))
        try:
            await self._waiting.forget(reached.platform, reached.address)
        except Unavailable as error:
            log.warning("voice.waiting_not_forgotten", reason=str(error))
            return Said(asked.wording.say("subscribe-not-ended"), Outcome.UNABLE)
        return Said(asked.wording.say("subscribe-ended"))
