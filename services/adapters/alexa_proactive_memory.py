"""Alexa's Proactive Events in memory: the twin of `alexa_proactive_http`."""

from services.kernel.ports.alexa import Message, Sent
from services.kernel.ports.failures import Unavailable


class MemoryProactiveEvents:
    """Meets `kernel.ports.alexa.ProactiveEvents`."""

    def __init__(self) -> None:
        self.sent: dict[str, Message] = {}
        self.opted_out: set[str] = set()
        self.limited = self.down = False

    def send(self, message: Message) -> Sent:
        """Meets `ProactiveEvents.send`."""
        if self.down:
            raise Unavailable("the Proactive Events API is away")
        if message.user in self.opted_out:
            return Sent.FORBIDDEN
        if message.reference in self.sent:
            return Sent.DUPLICATE
        if self.limited:
            return Sent.LIMITED
        self.sent[message.reference] = message
        return Sent.ACCEPTED
