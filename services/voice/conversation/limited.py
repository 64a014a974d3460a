"""Who asks more than is their share: they hear so. A danger is heard of all the same, and passed on a few times."""

from collections.abc import Mapping

from msgspec import Struct

from services.kernel.messages import Lang, Wording
from services.kit import metrics
from services.voice.conversation.turn import Outcome, Platform, Reply, Turn
from services.voice.shares import Shares
from services.voice.understanding.fold import fold
from services.voice.understanding.question import Intent, Understanding

_ACCOUNTS = frozenset({Platform.ALEXA, Platform.SMS, Platform.MESSENGER})
"""Where the platform says who asks, and each is somebody. A caller's number may be withheld, or a whole company's: there a call is limited, not its number."""


class AskerShares(Struct, frozen=True):
    """How much each asker may ask."""

    questions: Shares
    dangers: Shares
    """Turns about a danger that are heard beyond that."""


class Limited:
    """What is told to whoever has asked too much."""

    def __init__(self, shares: AskerShares, understanding: Understanding, wordings: Mapping[Lang, Wording]) -> None:
        self._shares, self._understanding, self._wordings = shares, understanding, wordings

    def apology(self, turn: Turn) -> Reply | None:
        """What to say instead of an answer; None where `turn` is to be answered: within the asker's share, or as it tells of a danger. Whoever tells of more
        than is heard still hears what keeps them safe, and whom to call.
        """
        asker = asker_of(turn)
        if not turn.limited and not self._shares.questions.wait_s(asker):
            return None
        if not turn.limited:
            metrics.ASKERS_LIMITED.labels("asker").inc()
        wording = self._wordings[turn.lang]
        if not self._is_of_danger(turn):
            return Reply(wording.say("busy-you"), turn.intent or Intent.UNKNOWN, outcome=Outcome.SHED, memory=turn.memory)
        if not self._shares.dangers.wait_s(asker or turn.address):
            return None
        return Reply(wording.say("voice-hazard"), Intent.REPORT_HAZARD, outcome=Outcome.SHED, memory=turn.memory)

    def _is_of_danger(self, turn: Turn) -> bool:
        if turn.intent is not None:
            return turn.intent is Intent.REPORT_HAZARD
        return turn.memory.waits is Intent.REPORT_HAZARD or self._understanding.tells_danger(fold(turn.words), turn.lang)


def asker_of(turn: Turn) -> str:
    """Whoever asks; '' where nobody is named."""
    named = turn.asker if turn.platform in _ACCOUNTS else turn.session
    return f"{turn.platform}:{named}" if named else ""
