"""Who calls: whose linked account, by the bearer token. How often, by address, is looked at before (fairness.py)."""

from msgspec import Struct
from starlette.requests import Request

from services.kernel.ports.customers import AccountTokens
from services.kernel.ports.failures import Unavailable
from services.kit import metrics
from services.kit.http import Problem
from services.kit.settings import Settings
from services.voice.platforms.mcp.metadata import Metadata
from services.voice.shares import address_of

CALLER = "surgecast.caller"
"""Where a request's scope says who calls."""


class Caller(Struct, frozen=True):
    """Who asks, for one request."""

    token: str = ""
    """Of a linked account: verified just now, or not to be verified while whoever could is away; the conversation asks again."""
    address: str = ""
    """Whose client address calls (`shares.sharer`)."""


class Callers:
    """Knows customers by their tokens."""

    def __init__(self, tokens: AccountTokens | None, metadata: Metadata, settings: Settings) -> None:
        """`tokens`: None where no accounts can be linked; then no token is looked at, and none is handed on."""
        self._tokens, self._metadata, self._challenge = tokens, metadata, settings.mcp_challenge

    async def known(self, request: Request) -> Caller:
        """Who posts `request`. Raises `Problem` 401 for a token that is good no more, or never was."""
        told = request.headers.getlist("authorization")
        if not told or self._tokens is None:
            return Caller(address=address_of(request))
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
        return Caller(token, address_of(request))

    def refused(self, error: str, detail: str) -> Problem:
        """401, with what tells a client how to link an account (RFC 6750, section 3; RFC 9728, section 5.1), unless the settings leave that out."""
        headers = {"Cache-Control": "no-store"}
        if self._challenge:
            headers["WWW-Authenticate"] = self._metadata.challenge(error)
        return Problem(401, "not-linked", "No account is linked", detail, headers)
