"""Nobody asks for all the others: limits of each asker and, on addresses where anybody may ask, of each client address (docs/decisions/0027)."""

from collections.abc import Mapping

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kit import metrics
from services.kit.direct import Handler
from services.kit.http import Problem
from services.kit.refusal import Instead
from services.kit.settings import Settings
from services.voice.shares import Shares, address_of
from services.voice.shedding import mcp


class ByAddress(Struct, frozen=True):
    """The limit of an address of ours, and what is said beyond it where a problem is heard by nobody."""

    shares: Shares
    instead: Instead | None = None

    def around(self, door: Handler) -> Handler:
        """`door`, for each client address as often as it may ask."""

        async def answer(request: Request) -> Response:
            wait_s = self.shares.wait_s(address_of(request))
            if not wait_s:
                return await door(request)
            metrics.ASKERS_LIMITED.labels("address").inc()
            retry = {"Retry-After": str(wait_s)}
            if self.instead is not None:
                return Response(self.instead.body, 429, {**retry, "Cache-Control": "no-store"}, self.instead.media_type)
            detail = f"This address has asked a great deal in a short while. Ask again in {wait_s} s; what was asked is not kept."
            raise Problem(429, "too-many-questions", "Too many questions", detail, retry)

        return answer


def by_address(settings: Settings, wordings: Mapping[Lang, Wording], clock: Clock) -> Mapping[str, ByAddress]:
    """The limits of what anybody may ask, by path. An assistant's servers ask for many people: theirs is another."""
    kept = settings.voice_askers_kept
    people = Shares(settings.voice_address_per_minute, settings.voice_address_burst, kept, clock)
    assistants = Shares(settings.mcp_address_per_minute, settings.mcp_address_burst, kept, clock)
    said = mcp({lang: wording.say("busy-you") for lang, wording in wordings.items()})
    return {"/voice/v1/ask": ByAddress(people), "/voice/v1/chat": ByAddress(people), "/mcp": ByAddress(assistants, said)}


def by_asker(settings: Settings, clock: Clock) -> Shares:
    """The limit of each asker whom a platform names."""
    return Shares(settings.voice_asker_per_minute, settings.voice_asker_burst, settings.voice_askers_kept, clock)
