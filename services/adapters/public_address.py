"""Where a request to an address that somebody typed in may go: to the internet, and never to what only we can reach (server-side request forgery).

A name is resolved once, every address that it has is judged, and the connection is made to one of those very addresses: a name that
resolves to something else a moment later (DNS rebinding) changes nothing. What is not public: IANA's registries of special-purpose
addresses (RFC 6890 and its updates), multicast, and every way of writing an IPv4 address in IPv6 (RFC 4291 2.5.5, 6to4, Teredo, NAT64).
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host. Raises OSError for a name that has none."""

_URL_MAX = 2_000
_SPECIAL_V4 = tuple(
    ip_network(network)
    for line in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
    )
    for network in line.split()
)
"""168.63.129.16 is Azure's own metadata address, public by its number only."""
_UNICAST_V6 = IPv6Network("2000::/3")
_SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
"""Within 2000::/3; whatever is outside of it (loopback, link-local, unique local, mapped, NAT64, multicast) is not public at all."""


class NotAllowed(Exception):
    """A request must not go there. Says why, and what to change."""


class Reach(Struct, frozen=True):
    """How far requests may go. Raises ValueError for a network that is none."""

    ports: frozenset[int] = frozenset({443})
    networks: tuple[str, ...] = ()
    """Networks that aren't public and may be reached all the same, such as `10.20.0.0/16`: a utility's own control room."""
    plain_http: bool = False
    """Also without TLS, to an address of `networks` only: tests, and a receiver on this very machine."""

    def __post_init__(self) -> None:
        self.own()

    def own(self) -> tuple[Network, ...]:
        """`networks`, read."""
        return tuple(map(ip_network, self.networks))


class Target(Struct, frozen=True):
    """An address that was looked at."""

    scheme: str
    host: str
    """As TLS and the receiver know it: ASCII, lower case, IPv6 without brackets."""
    port: int
    path: str
    """With the query."""
    addresses: tuple[str, ...]
    """Where to connect, the resolver's favourite first."""

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"

    def url_by(self, address: str) -> str:
        """The same, with `address` in the place of the name."""
        return f"{self.scheme}://{f'[{address}]' if ':' in address else address}:{self.port}{self.path}"


def resolve(host: str, port: int) -> Sequence[str]:
    """The system's resolver. Meets `Resolver`; its time is that of the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(address[0]) for *_, address in found]


def look_at(url: str, reach: Reach, resolver: Resolver = resolve) -> Target:
    """Where a request to `url` may go. Raises `NotAllowed`, and OSError where the name can't be resolved now."""
    parts = _parts(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port not in reach.ports:
        raise NotAllowed(f"port {port} is not among those that may be asked: {', '.join(map(str, sorted(reach.ports)))}")
    host = _ascii(parts.hostname or "")
    addresses = tuple(dict.fromkeys(resolver(host, port)))
    if not addresses:
        raise OSError(f"{host} has no address")
    also = reach.own()
    for address in addresses:
        if (why := _wrong_with(address, also)) is not None:
            raise NotAllowed(f"{host} is {why}: name a public address, or add its network to those that may be reached")
    if parts.scheme == "http" and not (reach.plain_http and all(_within(ip_address(address), also) for address in addresses)):
        raise NotAllowed("http would let anybody read and change what is sent: use https")
    return Target(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), addresses)


def _parts(url: str) -> SplitResult:
    if len(url) > _URL_MAX or not url.isascii() or any(letter <= " " or letter in '\x7f\\"<>^`{|}' for letter in url):
        raise NotAllowed("not an address as RFC 3986 writes them (a name with accents: give it as xn--...)")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - asked for its ValueError
    except ValueError as error:
        raise NotAllowed(f"not an address: {error}") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise NotAllowed("not an https address")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("user and password don't belong into an address: what is sent is signed")
    if parts.fragment:
        raise NotAllowed("a fragment (#...) is never sent")
    return parts


def _ascii(host: str) -> str:
    if "%" in host:
        raise NotAllowed("an address with a zone is of one machine's own network")
    return host.lower().rstrip(".")


def _wrong_with(address: str, also: Sequence[Network]) -> str | None:
    """What keeps `address` from being reached; None where nothing does."""
    try:
        at = ip_address(address)
    except ValueError:
        return f"{address}, which is no address"
    return None if _within(at, also) or _is_public(at) else f"{address}, which is not on the internet"


def _is_public(at: IPv4Address | IPv6Address) -> bool:
    if isinstance(at, IPv4Address):
        return not any(at in network for network in _SPECIAL_V4)
    return at.scope_id is None and at in _UNICAST_V6 and not any(at in network for network in _SPECIAL_V6)


def _within(at: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(at in network for network in networks if network.version == at.version)
