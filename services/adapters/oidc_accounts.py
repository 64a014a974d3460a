"""Access tokens of a utility's own customers, signed by its issuer. Meets `kernel.ports.customers.AccountTokens`."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.adapters.oidc_signed import SignedTokens, Trust
from services.kernel.customers import CUSTOMER_ID_MAX, CustomerId
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.tokens import TokenFault, TokenRefused


class Accounts(Trust, frozen=True, kw_only=True):
    """Which tokens are taken, and where they name the customer."""

    claim: str
    scope: str
    """That a token must list in `scope`; empty: any will do."""
    timeout_s: float
    """Longest that whoever asks waits for the issuer's keys: what needs no account is answered without them."""


class OidcAccounts(SignedTokens[CustomerId]):
    """Verifies each token as ingest does (oidc_signed)."""

    _trust: Accounts

    def _read(self, claims: Mapping[str, Any], now: datetime) -> CustomerId:
        customer, scopes = claims.get(self._trust.claim), claims.get("scope", "")
        if not isinstance(customer, str) or not 0 < len(customer) <= CUSTOMER_ID_MAX:
            raise TokenRefused(TokenFault.CLAIMS, f"{self._trust.claim}: this token names no customer there.")
        if self._trust.scope and not (isinstance(scopes, str) and self._trust.scope in scopes.split()):
            raise TokenRefused(TokenFault.CLAIMS, f"scope: this token is not for {self._trust.scope}.")
        return CustomerId(customer)

    async def customer(self, token: str) -> CustomerId | None:
        """Meets `AccountTokens.customer`."""
        try:
            async with asyncio.timeout(self._trust.timeout_s):
                return await self.verify(token)
        except TokenRefused:
            return None
        except TimeoutError:
            raise Unavailable(f"The issuer's keys did not come within {self._trust.timeout_s:g} s") from None
