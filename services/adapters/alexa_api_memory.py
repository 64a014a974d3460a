"""Alexa's API in memory: the twin of `alexa_api_http`."""

from services.kernel.ports.alexa import Caller, NotAllowed
from services.kernel.ports.failures import Unavailable


class MemoryAlexaApi:
    """Meets `kernel.ports.alexa.AlexaApi`."""

    def __init__(self) -> None:
        self.addresses: dict[str, str | None] = {}
        """Postal codes by device; None where the customer doesn't allow it."""
        self.said: list[tuple[str, str]] = []
        """What devices were told to say meanwhile, with the requests."""
        self.asked = 0
        self.down = False

    async def postal_code(self, caller: Caller) -> str:
        """Meets `AlexaApi.postal_code`."""
        self._answering()
        found = self.addresses.get(caller.device, "")
        if found is None:
            raise NotAllowed
        return found

    async def say_meanwhile(self, caller: Caller, request_id: str, ssml: str) -> None:
        """Meets `AlexaApi.say_meanwhile`."""
        self._answering()
        self.said.append((request_id, ssml))

    def _answering(self) -> None:
        self.asked += 1
        if self.down:
            raise Unavailable("Alexa's API did not answer")
