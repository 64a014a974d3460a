"""Whose limit a turn counts against."""

from services.voice.conversation.turn import Platform, Turn

_ACCOUNTS = frozenset({Platform.ALEXA, Platform.SMS, Platform.MESSENGER})
"""Where the platform says who asks, and each is somebody. A caller's number may be withheld, or a whole company's: there a call is limited, not its number."""


def asker_of(turn: Turn) -> str:
    """Whoever asks; '' where nobody is named."""
    named = turn.asker if turn.platform in _ACCOUNTS else turn.session
    return f"{turn.platform}:{named}" if named else ""
