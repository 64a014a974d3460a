"""Answers that are the same for everybody: there from the first moment, whatever is away."""

from services.voice.conversation.answerer import Asked
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent

_LINES = {
    Intent.AGENT: "voice-agent",
    Intent.HELP: "voice-help",
    Intent.REPEAT: "voice-repeat",
}
_OPEN = (Intent.HELP, Intent.REPEAT)


class Lines:
    """Meets `Answerer` for what needs no data."""

    intents = tuple(_LINES)

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        intent = asked.intent
        return Said(asked.wording.say(_LINES[intent]), Outcome.ANSWERED, open=intent in _OPEN, hands_over=intent is Intent.AGENT)
