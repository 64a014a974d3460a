"""How much each asker may have, where nobody vouches for them: a token bucket for each name, as many as fit, in this process alone (docs/decisions/0027)."""

import math
import secrets
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from services.kernel.ports.clock import Clock
from services.kernel.quota import Limits, Purse, Thing
from services.kit.bounded import Bounded

PREFIX_BYTES = 8
"""Of an IPv6 address: one home has all that come after (RFC 6177)."""


class Shares:
    """What each of many askers has left. Of more than are kept, those silent longest are forgotten: they have all of it again."""

    def __init__(self, per_minute: float, burst: int, kept: int, clock: Clock) -> None:
        """`burst` at once, then `per_minute`; 0 a minute is no limit. A name is kept as a hash that means nothing to another process."""
        self._limits, self._clock = Limits(per_s=per_minute / 60, burst=burst), clock
        self._purses: Bounded[Purse] = Bounded(kept)
        self._secret = secrets.token_bytes(16)

    def wait_s(self, name: str) -> int:
        """Take one for `name`: 0; or, where there is none left, whole seconds until there is, and nothing was taken. '' has no limit."""
        if not name or not self._limits.per_s:
            return 0
        key = blake2b(name.encode("utf-8", "replace"), key=self._secret, digest_size=12).hexdigest()
        purse = self._purses.get(key) or self._purses.put(key, Purse())
        loan = purse.lend(Thing.REQUESTS, self._limits, self._clock.now(), 1, 1)
        return 0 if loan.tokens else max(1, math.ceil(loan.wait_ms / 1000))


def address_of(request: Request) -> str:
    """Who shares a limit with whoever sent `request`."""
    return sharer(request.client.host) if request.client else ""


@lru_cache(maxsize=4_096)
def sharer(address: str) -> str:
    """Who shares a limit with `address`: itself, or the network of one home. '' for one that is no customer's on the internet: loopback and private ones are
    this machine's, the utility's own, or those of a proxy that wasn't named, behind which everybody would be one.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return found.packed[:PREFIX_BYTES].hex() if found.is_global else ""
        found = found.ipv4_mapped
    return str(found) if found.is_global else ""
