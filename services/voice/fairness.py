"""Nobody asks for all the others: limits of each asker and, on addresses where anybody may ask, of each client address (docs/decisions/0027)."""

from collections.abc import Mapping

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kit import metrics
from services.kit.direct import Handler
from services.kit.prompt import Answerer, Posted
from services.kit.refusal import Instead
from services.kit.settings import Settings
from services.voice.conversation.limited import AskerShares
from services.voice.limited import LIMITED
from services.voice.shares import Shares, address_of, sharer
from services.voice.shedding import mcp


class ByAddress(Struct, frozen=True):
    """The limit of an address of ours. Beyond it is answered `instead`; or, without that, the door hears of it: it still looks whether a danger is told of."""

    shares: Shares
    instead: Instead | None = None

    def around(self, door: Handler) -> Handler:
        """`door`, for each client address as often as it may ask."""

        async def answer(request: Request) -> Response:
            wait_s = self.shares.wait_s(address_of(request))
            if not wait_s:
                return await door(request)
            metrics.ASKERS_LIMITED.labels("address").inc()
            if self.instead is not None:
                retry = {"Retry-After": str(wait_s), "Cache-Control": "no-store"}
                return Response(self.instead.body, 429, retry, self.instead.media_type)
            request.scope[LIMITED] = wait_s
            return await door(request)

        return answer

    def at_once(self, answerer: Answerer) -> Answerer:
        """`answerer`, under the same limit. Beyond it, nothing is answered at once: `around` says what then."""

        def answer(posted: Posted) -> Response | None:
            address = sharer(posted.client)
            if not self.shares.left(address):
                return None
            try:
                answered = answerer(posted)
            except Exception:
                self.shares.wait_s(address)
                raise
            if answered is not None:
                self.shares.wait_s(address)
            return answered

        return answer


def by_address(settings: Settings, wordings: Mapping[Lang, Wording], clock: Clock) -> Mapping[str, ByAddress]:
    """The limits of what anybody may ask, by path. An assistant's servers ask for many people: theirs is another."""
    kept = settings.voice_askers_kept
    people = Shares(settings.voice_address_per_minute, settings.voice_address_burst, kept, clock)
    assistants = Shares(settings.mcp_address_per_minute, settings.mcp_address_burst, kept, clock)
    said = mcp({lang: wording.say("busy-you") for lang, wording in wordings.items()})
    return {"/voice/v1/ask": ByAddress(people), "/voice/v1/chat": ByAddress(people), "/mcp": ByAddress(assistants, said)}


def by_asker(settings: Settings, clock: Clock) -> AskerShares:
    """The limits of each asker whom a platform names."""
    kept = settings.voice_askers_kept
    questions = Shares(settings.voice_asker_per_minute, settings.voice_asker_burst, kept, clock)
    return AskerShares(questions, Shares(settings.voice_dangers_per_minute, settings.voice_dangers_burst, kept, clock))
