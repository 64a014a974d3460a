"""Where the asker lives, as their device knows it: asked only where an answer hangs on it, and once a session."""

import re
from datetime import timedelta

from msgspec.structs import replace

from services.kernel.ports.alexa import AlexaApi, Caller, NotAllowed
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.kit.logs import log
from services.voice.platforms.alexa.envelope import Envelope
from services.voice.platforms.alexa.response import Kept

_CANADIAN = re.compile(r"([A-Z]\d[A-Z]) ?\d[A-Z]\d")
HOME_MAX_CHARS = 10


def caller_of(envelope: Envelope) -> Caller | None:
    """Whom Alexa's API is told that we ask about; None where the request has no token for it."""
    system = envelope.context.system
    if not system.api_access_token or not system.api_endpoint:
        return None
    return Caller(system.api_endpoint, system.api_access_token, system.device.device_id)


class Whereabouts:
    """Asks Alexa's API. Where it fails it is left alone for a while: an outage answer must not wait for it again and again."""

    def __init__(self, api: AlexaApi, clock: Clock, rest_s: float) -> None:
        self._api, self._clock, self._rest = api, clock, timedelta(seconds=rest_s)
        self._rests_until = clock.now()

    async def found(self, envelope: Envelope, kept: Kept) -> tuple[Kept, bool]:
        """`kept` with the first half of the home's postal code, which is all that is remembered of it; and whether the customer would have to allow that."""
        caller = caller_of(envelope)
        if kept.home or kept.homeless or caller is None or not caller.device or self._clock.now() < self._rests_until:
            return kept, False
        try:
            code = await self._api.postal_code(caller)
        except NotAllowed:
            metrics.ALEXA_CALLS.labels("address", "not_allowed").inc()
            return replace(kept, homeless=True), True
        except Unavailable as error:
            self._rests_until = self._clock.now() + self._rest
            metrics.ALEXA_CALLS.labels("address", "failed").inc()
            log.warning("alexa.address_missed", error=str(error))
            return kept, False
        metrics.ALEXA_CALLS.labels("address", "answered").inc()
        home = half(code)
        return replace(kept, home=home, homeless=not home), False


def half(code: str) -> str:
    """The part of a postal code that names an area: K2G of K2G 1V8, the five digits of a ZIP+4."""
    canadian = _CANADIAN.fullmatch(code)
    return canadian.group(1) if canadian else code.partition("-")[0][:HOME_MAX_CHARS]
