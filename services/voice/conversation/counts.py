"""Who counts what is asked."""

from typing import Protocol

from services.kernel.messages import Lang
from services.voice.conversation.turn import Platform, Reply, Turn


class Counts(Protocol):
    """Is told of turns and of the ends of conversations. Waits for nothing and raises nothing."""

    def turn(self, turn: Turn, reply: Reply, missed: str) -> None:
        """`turn` was answered with `reply`.

        `missed` has the words that were not understood: folded, with places marked.
        """
        ...

    def ended(self, platform: Platform, lang: Lang, session: str, *, silent: bool) -> None:
        """The asker ended a conversation, or (`silent`) said nothing more when asked."""
        ...
