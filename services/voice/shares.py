"""How much each asker may have, where nobody vouches for them: a token bucket for each name, as many as fit, in this process alone (docs/decisions/0027)."""

import math
import secrets
from collections import OrderedDict
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from services.kernel.ports.clock import Clock

PREFIX_BYTES = 8
"""Of an IPv6 address: one home has all that come after (RFC 6177)."""
_ROUNDING_S = 1e-6
"""What adding up fractions of a second since 1970 may lose."""


class Shares:
    """What each of many askers has left. Of more than are kept, those silent longest are forgotten: they have all of it again.

    A bucket that fills at a known pace is one number: the moment at which it is full (the generic cell rate algorithm, ITU-T I.371).
    """

    def __init__(self, per_minute: float, burst: int, kept: int, clock: Clock) -> None:
        """`burst` at once, then `per_minute`; 0 a minute is no limit. A name is kept as a hash that means nothing to another process."""
        self._pace_s = 60 / per_minute if per_minute else 0.0
        self._burst_s, self._most, self._clock = burst * self._pace_s, kept, clock
        self._full_at: OrderedDict[bytes, float] = OrderedDict()
        self._secret = secrets.token_bytes(16)

    def left(self, name: str) -> bool:
        """Whether there is one left for `name`, now. Nothing is taken."""
        if not name or not self._pace_s:
            return True
        now = self._clock.now().timestamp()
        return self._short_s(self._full(self._key(name), now), now) <= _ROUNDING_S

    def wait_s(self, name: str) -> int:
        """Take one for `name`: 0; or, where there is none left, whole seconds until there is, and nothing was taken. '' has no limit."""
        if not name or not self._pace_s:
            return 0
        key, kept, now = self._key(name), self._full_at, self._clock.now().timestamp()
        full_at = self._full(key, now)
        short_s = self._short_s(full_at, now)
        kept[key] = full_at if short_s > _ROUNDING_S else full_at + self._pace_s
        kept.move_to_end(key)
        if len(kept) > self._most:
            kept.popitem(last=False)
        return max(1, math.ceil(short_s - _ROUNDING_S)) if short_s > _ROUNDING_S else 0

    def _key(self, name: str) -> bytes:
        return blake2b(name.encode("utf-8", "replace"), key=self._secret, digest_size=12).digest()

    def _full(self, key: bytes, now: float) -> float:
        """When this bucket is full. A clock that was set back leaves nobody waiting for it."""
        return min(max(self._full_at.get(key, now), now), now + self._burst_s)

    def _short_s(self, full_at: float, now: float) -> float:
        """How long until there is one to take; 0 or less: there is."""
        return full_at + self._pace_s - now - self._burst_s


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
