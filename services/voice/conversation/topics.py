"""What a question is about in more detail than its intent: by words in it, as topics.yaml lists them."""

from pathlib import Path

import msgspec

from services.kit.yaml_text import plain
from services.voice.conversation.turn import Turn
from services.voice.understanding.fold import fold

_FILE = Path(__file__).parent / "topics.yaml"


class Topics:
    """The topics of one kind of question."""

    def __init__(self, kind: str) -> None:
        listed = msgspec.convert(plain(_FILE.read_bytes()), dict[str, dict[str, list[str]]])[kind]
        self._words = {topic: tuple(f" {fold(word)}" for word in words) for topic, words in listed.items()}

    def of(self, turn: Turn) -> str:
        """The topic that a platform names in `slots`, else the first that the words hold; '' where there is none."""
        if (named := turn.slots.get("topic", "")) in self._words:
            return named
        said = f" {fold(turn.words)}"
        return next((topic for topic, words in self._words.items() if any(word in said for word in words)), "")
