"""Which `Host` and `Origin` are taken: a page that a browser was led to by DNS rebinding must not reach a server on this machine or in this network.

MCP, revision 2025-11-25, Streamable HTTP, security warning: servers must validate `Origin`, and answer 403 where it is not allowed.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from services.kit.http import Problem
from services.kit.settings import Settings

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class Hosts:
    """The names by which this service is called: that of the public URL, those on loopback, and what the settings add."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(settings.public_url).hostname or ""
        self._hosts = frozenset(name.lower() for name in (public, *LOOPBACK, *settings.mcp_hosts) if name)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in settings.mcp_origins)

    def check(self, headers: Headers) -> None:
        """Raises `Problem`: 421 for a host that is not ours, 403 for a page of another site."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or _name(f"//{hosts[0]}") not in self._hosts:
            detail = "This address is not called so. Call it by the host of SURGECAST_PUBLIC_URL, or name yours in SURGECAST_MCP_HOSTS: see docs/voice.md."
            raise Problem(421, "wrong-host", "Another host's request", detail)
        if any(not self._is_allowed(origin) for origin in origins):
            detail = "Pages of that origin may not call this address. Name it in SURGECAST_MCP_ORIGINS if it is one of yours."
            raise Problem(403, "wrong-origin", "Another site's page", detail)

    def _is_allowed(self, origin: str) -> bool:
        """Whether a page of `origin` may call: one of ours, or one that the settings name. `null` is nobody's."""
        told = origin.strip().lower()
        return told in self._origins or (told.startswith(("http://", "https://")) and _name(told) in self._hosts)


def _name(url: str) -> str:
    """The host that `url` names, without its port; '' where it names none that can be read."""
    try:
        parts = urlsplit(url)
        plain = not parts.path and not parts.query and not parts.fragment and parts.username is None
        return (parts.hostname or "") if plain and (parts.port is None or parts.port) else ""
    except ValueError:
        return ""
