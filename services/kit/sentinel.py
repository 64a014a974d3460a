"""Where a Redis is that Sentinels look after: one URL names them, and the group whose master is meant.

`redis+sentinel://[[user]:password@]host[:port],host[:port]…/master[/db][?sentinel_password=…]`: user and password are those of the servers; all of it is
percent-encoded as in any URL (RFC 3986).
"""

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

SCHEME = "redis+sentinel"
PORT = 26_379


class Group(NamedTuple):
    """A master and its replicas, and the Sentinels that know which is which."""

    sentinels: tuple[tuple[str, int], ...]
    master: str
    db: int
    username: str | None
    password: str | None
    sentinel_password: str | None


def group_of(url: str) -> Group | None:
    """The group that `url` names; None for the URL of a single server. Raises ValueError, which says what is missing."""
    parts = urlsplit(url)
    if parts.scheme != SCHEME:
        return None
    login, _, hosts = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    master, _, db = parts.path.strip("/").partition("/")
    if not hosts or not master:
        raise ValueError(f"a {SCHEME} URL names at least one Sentinel and the master: {SCHEME}://host:{PORT},host:{PORT}/master")
    if db and not db.isdigit():
        raise ValueError(f"a {SCHEME} URL ends in /master or /master/db; {db!r} is not the number of a database")
    sentinels = tuple(_address(host) for host in hosts.split(","))
    (sentinel_password,) = parse_qs(parts.query).get("sentinel_password", [""])
    return Group(sentinels, unquote(master), int(db or 0), unquote(username) or None, unquote(password) or None, sentinel_password or None)


def _address(host: str) -> tuple[str, int]:
    """Of `host`, `host:port` or `[IPv6]:port`."""
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError(f"a {SCHEME} URL has an empty host among its Sentinels")
    return parts.hostname, parts.port or PORT
