"""Who calls: whose linked account, by the bearer token; and how often, by address."""

from msgspec import Struct
from starlette.requests import Request

from services.kernel.ports.clock import Clock
from services.kernel.ports.customers import AccountTokens
from services.kernel.ports.failures import Unavailable
from services.kernel.quota import Limits, Purse, Thing
from services.kit import metrics
from services.kit.bounded import Bounded
from services.kit.http import Problem
from services.kit.settings import Settings
from services.voice.platforms.mcp.metadata import Metadata

CALLER = "surgecast.caller"
"""Where a request's scope says who calls."""


class Caller(Struct, frozen=True):
    """Who asks, for one request."""

    token: str = ""
    """Of a linked account: verified just now, or not to be verified while whoever could is away; the conversation asks again."""


class Callers:
    """Knows customers by their tokens, and counts what each address asks, tokens or not: a made-up one must not buy more. Assistants call for many people
    from few addresses: the limit is against loops and floods. Bounded: the address that was not there for longest is forgotten first.
    """

    def __init__(self, tokens: AccountTokens | None, metadata: Metadata, settings: Settings, clock: Clock) -> None:
        """`tokens`: None where no accounts can be linked; then no token is looked at, and none is handed on."""
        self._tokens, self._metadata, self._clock, self._challenge = tokens, metadata, clock, settings.mcp_challenge
        self._limits = Limits(settings.mcp_requests_per_s, settings.mcp_requests_burst)
        self._purses: Bounded[Purse] = Bounded(settings.mcp_callers_max)

    async def known(self, request: Request) -> Caller:
        """Who posts `request`. Raises `Problem` 401 for a token that is good no more, or never was."""
        told = request.headers.getlist("authorization")
        if not told or self._tokens is None:
            return Caller()
        scheme, _, token = told[0].partition(" ")
        token = token.strip()
        if len(told) > 1 or scheme.lower() != "bearer" or not token:
            metrics.AUTH_FAILURES.labels("missing").inc()
            raise self.refused("invalid_request", "Send one header, Authorization: Bearer and the token; or none, for what anybody may ask.")
        try:
            if await self._tokens.customer(token) is None:
                metrics.AUTH_FAILURES.labels("token_invalid").inc()
                raise self.refused("invalid_token", "This token is not one of ours, or has expired. Link the account again; or send none.")
        except Unavailable:  # what anybody may ask is answered all the same, and what only a customer may is said to be away
            metrics.AUTH_FAILURES.labels("unavailable").inc()
        return Caller(token)

    def refused(self, error: str, detail: str) -> Problem:
        """401, with what tells a client how to link an account (RFC 6750, section 3; RFC 9728, section 5.1), unless the settings leave that out."""
        headers = {"Cache-Control": "no-store"}
        if self._challenge:
            headers["WWW-Authenticate"] = self._metadata.challenge(error)
        return Problem(401, "not-linked", "No account is linked", detail, headers)

    def count(self, request: Request) -> None:
        """Count one request. Raises `Problem` 429 for one too many of its address."""
        who = request.client.host if request.client else ""
        purse = self._purses.get(who) or self._purses.put(who, Purse())
        loan = purse.lend(Thing.REQUESTS, self._limits, self._clock.now(), 1, 1)
        if loan.over:
            metrics.THROTTLED.labels("mcp_requests_per_s").inc()
            wait_s = max(1, -(-loan.wait_ms // 1000))
            detail = f"Send at most {self._limits.per_s:g} requests a second. The same again is safe."
            raise Problem(429, "too-many", "Too many requests", detail, {"Retry-After": str(wait_s), "Cache-Control": "no-store"})
