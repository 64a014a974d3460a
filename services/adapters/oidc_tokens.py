"""Bearer tokens of an OpenID Connect issuer that name a source. Meets `kernel.ports.TokenCheck`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.adapters.oidc_signed import SignedTokens, Trust
from services.kernel.ids import SOURCE_NAME, SourceName
from services.kernel.ports.keys import KeyHolder
from services.kernel.ports.tokens import TokenFault, TokenRefused


class Terms(Trust, frozen=True, kw_only=True):
    """Which tokens are taken, and what their claims mean here."""

    source_claim: str
    sources: Mapping[str, str]
    """What that claim may say -> the source; empty: it names the source itself."""
    scope_claim: str
    scopes: Mapping[str, str]
    """What that claim may list -> our scope."""


class OidcTokens(SignedTokens[KeyHolder]):
    """Whom a token names, and what they may send."""

    NEITHER = "This is neither an ingest key nor a token (JWT). Send one of them: Authorization: Bearer …"
    _trust: Terms

    def _read(self, claims: Mapping[str, Any], now: datetime) -> KeyHolder:
        terms = self._trust
        said = _claim(claims, terms.source_claim)
        source = (terms.sources.get(said) if terms.sources else said) if isinstance(said, str) else None
        if source is None or not SOURCE_NAME.fullmatch(source):
            how = "is not listed in SURGECAST_OIDC_SOURCES" if terms.sources else "is no name of a source (up to 32 of a-z, 0-9 and '-')"
            raise TokenRefused(TokenFault.CLAIMS, f"{terms.source_claim}: what this token says there {how}.")
        listed = _claim(claims, terms.scope_claim)
        words = listed.split() if isinstance(listed, str) else listed if isinstance(listed, list) else []
        scopes = frozenset(terms.scopes[word] for word in words if isinstance(word, str) and word in terms.scopes)
        return KeyHolder(id=source, source=SourceName(source), scopes=scopes, created_at=now, expires_at=self._end(claims, now))


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """The claim `name`; where there is none of that name, its dots lead inside, as in `realm_access.roles`."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
