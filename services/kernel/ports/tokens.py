"""Bearer tokens of an identity provider (OpenID Connect): what names a sender where ingest keys don't, and a platform's own service."""

from enum import StrEnum
from typing import Protocol

from services.kernel.ports.keys import KeyHolder


class TokenFault(StrEnum):
    """Why a token names nobody."""

    INVALID = "token_invalid"
    """Not signed by the issuer, or not in a way that is allowed."""
    EXPIRED = "token_expired"
    CLAIMS = "token_claims"
    """Signed, but for another audience, not valid yet, or without what we must know."""


class TokenRefused(Exception):
    """Whom a token names can't be told. Its text says why and what to do, and never quotes the token."""

    def __init__(self, fault: TokenFault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


class TokenCheck(Protocol):
    """Whom does this token name? Asked by ingest, for each request, in its event loop."""

    async def verify(self, token: str) -> KeyHolder:
        """Whom `token` names, and until when. Raises `TokenRefused`; and `Unavailable` where the issuer's keys have never been had, or not for long."""
        ...


class CallerCheck(Protocol):
    """Which service calls, by its token? Asked by a platform's door, for each request, in its event loop."""

    async def verify(self, token: str) -> str:
        """The caller's e-mail address. Raises `TokenRefused`; and `Unavailable` where the issuer's keys have never been had, or not for long."""
        ...
