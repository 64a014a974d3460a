"""Who may read the origin's metrics: whoever is on this machine, and whom a setting names. Public pages are for everybody, how loaded we are is not."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

from services.kit.http import Problem

REFUSED = Problem(403, "not-for-you", "Not for you", "Only this machine, and the addresses that SURGECAST_METRICS_READERS names, may read this.")
_PASSED_ON = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"})
"""Headers of a request that a proxy has passed on: one on this machine speaks for somebody who may be anywhere."""
TOLD = 0
"""The port of a client that a trusted proxy has told us of (uvicorn)."""


class Readers:
    """Meets each request for the metrics."""

    def __init__(self, named: Sequence[str] = ()) -> None:
        """`named`: addresses, or networks as in `10.0.0.0/8`. Raises ValueError for what is neither."""
        self._networks = [ip_network(one, strict=False) for one in named]

    def may(self, scope: Scope) -> bool:
        """Whether who sends it may. Behind a proxy it is who the proxy says, where that one is trusted (`SURGECAST_PROXIES_TRUSTED`)."""
        host, port = scope.get("client") or ("", 0)
        try:
            client = ip_address(host)
        except ValueError:
            return False
        if isinstance(client, IPv6Address) and client.ipv4_mapped is not None:
            client = client.ipv4_mapped
        passed_on = any(name in _PASSED_ON for name, _ in scope["headers"])
        named = any(client in network for network in self._networks)
        return (named and not (passed_on and port != TOLD)) or (client.is_loopback and not passed_on)
