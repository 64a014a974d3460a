"""Who sends: the ingest key or token of a request (RFC 6750), and what it may do.

A bad one is cheap: what is malformed is looked up nowhere, an unknown key at most once in a while. It isn't counted by address: 256 bits are not
guessed, and behind a proxy all senders have one address, so that the count would lock out the good ones (docs/security.md).
"""

from enum import StrEnum

from starlette.requests import Request

from services.kernel.keys import PREFIX, Scope, expired, looks_like_key
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyCheck, KeyHolder
from services.kernel.ports.tokens import TokenCheck, TokenFault, TokenRefused
from services.kit.http import Problem
from services.kit.metrics import AUTH_FAILURES


class Failed(StrEnum):
    """Why a sender was not let in; `TokenFault` has the others."""

    MISSING = "missing"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    SCOPE = "scope"
    FORMAT = "format"
    UNAVAILABLE = "unavailable"


class Doorkeeper:
    """Lets in who holds a good ingest key, or a token of the issuer that is trusted."""

    def __init__(self, keys: KeyCheck, tokens: TokenCheck | None, clock: Clock, retry_after_s: int) -> None:
        """`tokens`: None where no issuer is trusted."""
        self._keys, self._tokens, self._clock, self._retry_after_s = keys, tokens, clock, retry_after_s

    async def holder(self, request: Request, scope: Scope, format_name: str = "") -> KeyHolder:
        """Who sends `request`. `format_name`: of the picture that it brings.

        Raises `Problem` 401 without a good key or token, 403 where that lacks `scope` or the format, 503 while an issuer's keys can't be had,
        and `Unavailable` where the keys can't be looked up.
        """
        holder = await self._named(request)
        if scope not in holder.scopes:
            detail = f"This key or token may not send {scope}. Make a key that may: `surgecast keys create {holder.source} --scope {scope}`."
            raise _forbidden(Failed.SCOPE, detail, {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'})
        if format_name and holder.formats and format_name not in holder.formats:
            may = ", ".join(sorted(holder.formats))
            raise _forbidden(Failed.FORMAT, f"This key may send pictures in {may} only. Make one for this format: `surgecast keys create {holder.source}`.")
        return holder

    async def _named(self, request: Request) -> KeyHolder:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise _unauthorized(Failed.MISSING, "Send an ingest key: Authorization: Bearer KEY. `surgecast keys create NAME` makes one.", "Bearer")
        if self._tokens is not None and not credential.startswith(PREFIX):
            return await self._by_token(credential, self._tokens)
        holder = await self._keys.verify(credential) if looks_like_key(credential) else None
        if holder is None:
            failed = Failed.UNKNOWN if looks_like_key(credential) else Failed.MALFORMED
            raise _unauthorized(failed, "This ingest key is unknown or revoked. `surgecast keys list` shows those there are.")
        if expired(holder, self._clock.now()):
            raise _key_expired(holder)
        return holder

    async def _by_token(self, token: str, tokens: TokenCheck) -> KeyHolder:
        try:
            holder = await tokens.verify(token)
        except TokenRefused as error:
            raise _unauthorized(error.fault, str(error)) from error
        except Unavailable as error:
            AUTH_FAILURES.labels(Failed.UNAVAILABLE).inc()
            detail = (
                f"The keys of the tokens' issuer can't be had now. Nothing was taken; send the same again in {self._retry_after_s} s. Ingest keys still work."
            )
            raise Problem(503, "issuer-unavailable", "Issuer unavailable", detail, {"Retry-After": str(self._retry_after_s)}) from error
        if expired(holder, self._clock.now()):
            raise _unauthorized(TokenFault.EXPIRED, "This token has expired. Get a new one from the issuer.")
        return holder


def _unauthorized(failed: Failed | TokenFault, detail: str, challenge: str = 'Bearer error="invalid_token"', name: str = "unauthorized") -> Problem:
    AUTH_FAILURES.labels(failed).inc()
    return Problem(401, name, "No good key", detail, {"WWW-Authenticate": challenge})


def _key_expired(holder: KeyHolder) -> Problem:
    instead = f"It was replaced by the key {holder.replaced_by}: use that one." if holder.replaced_by else ""
    how = instead or f"Make another: `surgecast keys rotate {holder.id}` (same rights), or `surgecast keys create {holder.source}`."
    detail = f"This ingest key expired at {holder.expires_at:%Y-%m-%dT%H:%M:%SZ}. {how} Nothing was taken."
    return _unauthorized(Failed.EXPIRED, detail, 'Bearer error="invalid_token", error_description="expired"', "key-expired")


def _forbidden(failed: Failed, detail: str, headers: dict[str, str] | None = None) -> Problem:
    AUTH_FAILURES.labels(failed).inc()
    return Problem(403, failed, "Not allowed", detail, headers)
