"""Bearer tokens of an OpenID Connect issuer that name a calling service by its e-mail address, as Google's do. Meets `kernel.ports.CallerCheck`.

Anybody can have Google sign a token for any audience: only its e-mail address tells ours from theirs (OpenID Connect Core 1.0, section 5.1).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.adapters.oidc_signed import SignedTokens, Trust
from services.kernel.ports.tokens import TokenFault, TokenRefused


class Callers(Trust, frozen=True, kw_only=True):
    """Which tokens are taken, and of which callers."""

    callers: frozenset[str]
    """Their e-mail addresses, in small letters."""


class OidcCallers(SignedTokens[str]):
    """Which of the callers that are known has sent a token."""

    _trust: Callers

    def _read(self, claims: Mapping[str, Any], now: datetime) -> str:
        email = claims.get("email")
        if claims.get("email_verified") is not True or not isinstance(email, str):
            raise TokenRefused(TokenFault.CLAIMS, "email: this token names no verified e-mail address, and must name one.")
        if email.lower() not in self._trust.callers:
            raise TokenRefused(TokenFault.CLAIMS, "email: this token is of somebody else than who may call here.")
        return email.lower()
