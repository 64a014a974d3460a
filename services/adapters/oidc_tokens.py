"""Bearer tokens of an OpenID Connect issuer: JWTs (RFC 7519), verified as RFC 8725 advises. Meets `kernel.ports.TokenCheck`.

Only asymmetric algorithms can be set, each key is bound to the one that it is published for, and no key or address that a token brings along is looked at.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt
from jwt import PyJWK
from msgspec import Struct

from services.adapters.issuer_keys import IssuerKeys
from services.kernel.ids import SOURCE_NAME, SourceName
from services.kernel.ports.clock import Clock
from services.kernel.ports.keys import KeyHolder
from services.kernel.ports.tokens import TokenFault, TokenRefused
from services.kit.bounded import Bounded

_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""A signed JWT in its compact form (RFC 7515, section 7.1)."""
_LIFETIME_MAX = timedelta(days=3_660)


class Terms(Struct, frozen=True):
    """Which tokens are taken, and what their claims mean here."""

    issuer: str
    audience: str
    algorithms: Sequence[str]
    leeway_s: float
    source_claim: str
    sources: Mapping[str, str]
    """What that claim may say -> the source; empty: it names the source itself."""
    scope_claim: str
    scopes: Mapping[str, str]
    """What that claim may list -> our scope."""
    bytes_max: int
    cache_s: float
    cache_max: int


class OidcTokens:
    """Verifies tokens, and remembers those that were good for a little while: a signature costs more than all else that is done for a small request."""

    def __init__(self, keys: IssuerKeys, terms: Terms, clock: Clock) -> None:
        self._keys, self._terms, self._clock = keys, terms, clock
        self._good: Bounded[tuple[KeyHolder, datetime]] = Bounded(terms.cache_max)
        """By the token's digest: the token is not kept."""

    async def verify(self, token: str) -> KeyHolder:
        """Meets `TokenCheck.verify`."""
        if len(token) > self._terms.bytes_max or not _SHAPE.fullmatch(token):
            raise TokenRefused(TokenFault.INVALID, "This is neither an ingest key nor a token (JWT). Send one of them: Authorization: Bearer …")
        digest, now = sha256(token.encode()).hexdigest(), self._clock.now()
        if (known := self._good.get(digest)) and now - known[1] < timedelta(seconds=self._terms.cache_s):
            return known[0]
        kid, algorithm = self._head(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise TokenRefused(TokenFault.INVALID, "This token is signed with a key that its issuer does not publish. Get a new one from the issuer.")
        holder = self._holder(self._claims(token, key), now)
        self._good.put(digest, (holder, now))
        return holder

    def _head(self, token: str) -> tuple[str, str]:
        """The key's id (empty where there is none) and the algorithm, of a token that nobody has verified yet."""
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise TokenRefused(TokenFault.INVALID, "This token can't be read. Get a new one from the issuer.") from error
        kid, algorithm = head.get("kid", ""), head.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._terms.algorithms:
            allowed = ", ".join(self._terms.algorithms)
            raise TokenRefused(TokenFault.INVALID, f"This token is not signed with an algorithm that is taken here: {allowed} (SURGECAST_OIDC_ALGORITHMS).")
        return kid if isinstance(kid, str) else "", algorithm

    def _claims(self, token: str, key: PyJWK) -> dict[str, Any]:
        terms = self._terms
        try:
            return jwt.decode(
                token, key, terms.algorithms, {"require": ["exp", "iss", "aud"]}, audience=terms.audience, issuer=terms.issuer, leeway=terms.leeway_s
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused(TokenFault.EXPIRED, "This token has expired. Get a new one from the issuer.") from error
        except jwt.InvalidAudienceError as error:
            raise TokenRefused(TokenFault.CLAIMS, f"aud: this token is not for {terms.audience}. Ask the issuer for that audience.") from error
        except jwt.InvalidIssuerError as error:
            raise TokenRefused(TokenFault.CLAIMS, f"iss: this token is not of {terms.issuer}, the issuer that is trusted here.") from error
        except (jwt.ImmatureSignatureError, jwt.InvalidIssuedAtError) as error:
            raise TokenRefused(TokenFault.CLAIMS, "nbf, iat: this token is not valid yet. Set the clocks of the issuer and of this service (NTP).") from error
        except jwt.MissingRequiredClaimError as error:
            raise TokenRefused(TokenFault.CLAIMS, f"{error.claim}: this token has no such claim, and must have it.") from error
        except (jwt.PyJWTError, ValueError, OverflowError, TypeError, RecursionError) as error:
            raise TokenRefused(TokenFault.INVALID, "This token's signature or claims are not valid. Get a new one from the issuer.") from error

    def _holder(self, claims: Mapping[str, Any], now: datetime) -> KeyHolder:
        """Whom verified `claims` name. The token's own expiry bounds it, with the leeway."""
        terms = self._terms
        said = _claim(claims, terms.source_claim)
        source = (terms.sources.get(said) if terms.sources else said) if isinstance(said, str) else None
        if source is None or not SOURCE_NAME.fullmatch(source):
            how = "is not listed in SURGECAST_OIDC_SOURCES" if terms.sources else "is no name of a source (up to 32 of a-z, 0-9 and '-')"
            raise TokenRefused(TokenFault.CLAIMS, f"{terms.source_claim}: what this token says there {how}.")
        listed = _claim(claims, terms.scope_claim)
        words = listed.split() if isinstance(listed, str) else listed if isinstance(listed, list) else []
        scopes = frozenset(terms.scopes[word] for word in words if isinstance(word, str) and word in terms.scopes)
        latest = now + _LIFETIME_MAX
        ends = min(int(claims["exp"]) + terms.leeway_s, latest.timestamp())
        return KeyHolder(id=source, source=SourceName(source), scopes=scopes, created_at=now, expires_at=datetime.fromtimestamp(ends, UTC))


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """The claim `name`; where there is none of that name, its dots lead inside, as in `realm_access.roles`."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
