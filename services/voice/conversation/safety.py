"""What to do and what to leave alone while the power is out."""

from services.voice.conversation.answerer import Asked
from services.voice.conversation.topics import Topics
from services.voice.conversation.turn import Said
from services.voice.understanding.question import Intent


class SafetyAnswers:
    """Meets `Answerer`: lines for each topic, there whatever is away."""

    intents = (Intent.SAFETY_ADVICE,)

    def __init__(self) -> None:
        self._topics = Topics("safety")

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        return Said(asked.wording.say(f"safety-{self._topics.of(asked.turn) or 'general'}"))
