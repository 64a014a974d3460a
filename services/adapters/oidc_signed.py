"""Signed tokens of an OpenID Connect issuer: JWTs (RFC 7519), verified as RFC 8725 advises. What their claims mean is for those who build on this.

Only asymmetric algorithms can be set, each key is bound to the one that it is published for, and no key or address that a token brings along is looked at.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Generic, TypeVar

import jwt
from jwt import PyJWK
from msgspec import Struct

from services.adapters.issuer_keys import IssuerKeys
from services.kernel.ports.clock import Clock
from services.kernel.ports.tokens import TokenFault, TokenRefused
from services.kit.bounded import Bounded

_SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
"""A signed JWT in its compact form (RFC 7515, section 7.1)."""
_LIFETIME_MAX = timedelta(days=3_660)


class Trust(Struct, frozen=True, kw_only=True):
    """Which tokens are taken."""

    issuer: str
    audience: str
    algorithms: Sequence[str]
    leeway_s: float
    bytes_max: int
    cache_s: float
    cache_max: int


T = TypeVar("T")


class SignedTokens(ABC, Generic[T]):
    """Verifies tokens, and remembers those that were good for a little while: a signature costs more than all else that is done for a small request."""

    NEITHER = "This is no token (JWT). Send one: Authorization: Bearer …"
    """What is told of something that is no token."""

    def __init__(self, keys: IssuerKeys, trust: Trust, clock: Clock) -> None:
        self._keys, self._trust, self._clock = keys, trust, clock
        self._good: Bounded[tuple[T, datetime]] = Bounded(trust.cache_max)
        """By the token's digest, with the moment from which it is looked at again: the token is not kept."""

    async def verify(self, token: str) -> T:
        """What `token` says. Raises `TokenRefused`; and `Unavailable` where the issuer's keys have never been had, or not for long."""
        if len(token) > self._trust.bytes_max or not _SHAPE.fullmatch(token):
            raise TokenRefused(TokenFault.INVALID, self.NEITHER)
        digest, now = sha256(token.encode()).hexdigest(), self._clock.now()
        if (known := self._good.get(digest)) and now < known[1]:
            return known[0]
        kid, algorithm = self._head(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise TokenRefused(TokenFault.INVALID, "This token is signed with a key that its issuer does not publish. Get a new one from the issuer.")
        claims = self._claims(token, key)
        said = self._read(claims, now)
        self._good.put(digest, (said, min(now + timedelta(seconds=self._trust.cache_s), self._end(claims, now))))
        return said

    @abstractmethod
    def _read(self, claims: Mapping[str, Any], now: datetime) -> T:
        """What the claims of a good token mean. Raises `TokenRefused`."""

    def _end(self, claims: Mapping[str, Any], now: datetime) -> datetime:
        """The moment from which a token is good no more."""
        return datetime.fromtimestamp(min(int(claims["exp"]) + self._trust.leeway_s, (now + _LIFETIME_MAX).timestamp()), UTC)

    def _head(self, token: str) -> tuple[str, str]:
        """The key's id (empty where there is none) and the algorithm, of a token that nobody has verified yet."""
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise TokenRefused(TokenFault.INVALID, "This token can't be read. Get a new one from the issuer.") from error
        kid, algorithm = head.get("kid", ""), head.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._trust.algorithms:
            allowed = ", ".join(self._trust.algorithms)
            raise TokenRefused(TokenFault.INVALID, f"This token is not signed with an algorithm that is taken here: {allowed}.")
        return kid if isinstance(kid, str) else "", algorithm

    def _claims(self, token: str, key: PyJWK) -> dict[str, Any]:
        trust = self._trust
        try:
            return jwt.decode(
                token, key, trust.algorithms, {"require": ["exp", "iss", "aud"]}, audience=trust.audience, issuer=trust.issuer, leeway=trust.leeway_s
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused(TokenFault.EXPIRED, "This token has expired. Get a new one from the issuer.") from error
        except jwt.InvalidAudienceError as error:
            raise TokenRefused(TokenFault.CLAIMS, f"aud: this token is not for {trust.audience}. Ask the issuer for that audience.") from error
        except jwt.InvalidIssuerError as error:
            raise TokenRefused(TokenFault.CLAIMS, f"iss: this token is not of {trust.issuer}, the issuer that is trusted here.") from error
        except (jwt.ImmatureSignatureError, jwt.InvalidIssuedAtError) as error:
            raise TokenRefused(TokenFault.CLAIMS, "nbf, iat: this token is not valid yet. Set the clocks of the issuer and of this service (NTP).") from error
        except jwt.MissingRequiredClaimError as error:
            raise TokenRefused(TokenFault.CLAIMS, f"{error.claim}: this token has no such claim, and must have it.") from error
        except (jwt.PyJWTError, ValueError, OverflowError, TypeError, RecursionError) as error:
            raise TokenRefused(TokenFault.INVALID, "This token's signature or claims are not valid. Get a new one from the issuer.") from error
