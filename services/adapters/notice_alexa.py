"""Notices by Alexa's Proactive Events. Meets `kernel.ports.waiting.Courier`.

A notice keeps its reference, so that one that may be out is sent again: Alexa knows it, and says so (409).
"""

from datetime import timedelta

from services.kernel.ports.alexa import Message, ProactiveEvents, Sent
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Told
from services.kernel.waiting import Notice
from services.kit.logs import log

LIVES_LEAST, LIVES_MOST = timedelta(minutes=5), timedelta(hours=24)
"""How long Alexa lets an event live."""
_MEANT = {
    Sent.ACCEPTED: Told.SENT,
    Sent.DUPLICATE: Told.SENT,
    Sent.LIMITED: Told.LIMITED,
    Sent.ENOUGH: Told.HELD,
    Sent.FORBIDDEN: Told.HELD,
    Sent.REFUSED: Told.INVALID,
}


class AlexaNotices:
    """One skill's. The text of a notice names its sender: all that Alexa lets us say."""

    def __init__(self, events: ProactiveEvents) -> None:
        self._events = events

    def send(self, notice: Notice) -> Told:
        """Meets `Courier.send`."""
        at = notice.claimed_at or notice.waiter.since
        until = min(max(notice.worth_until or at, at + LIVES_LEAST), at + LIVES_MOST)
        try:
            sent = self._events.send(Message(notice.waiter.address, notice.reference, notice.text, at, until))
        except Unavailable as error:
            log.warning("notices.alexa_unavailable", reason=str(error))
            return Told.UNCERTAIN
        if _MEANT[sent] is not Told.SENT:
            log.warning("notices.alexa_refused", answer=sent)
        return _MEANT[sent]

    def sent(self, _notice: Notice) -> bool:
        """Meets `Courier.sent`: it need not be known."""
        return False
