"""What clients may know of who lets customers in: OAuth 2.0 protected resource metadata (RFC 9728)."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.kit.http import Problem
from services.kit.settings import Settings

MCP = "/mcp"
_ROOT = "/.well-known/oauth-protected-resource"
WELL_KNOWN = (_ROOT + MCP, _ROOT)
"""The resource's path goes after it (RFC 9728, section 3.1); a client that was told nothing asks for it without, second."""


class Metadata:
    """Of the one resource `/mcp` of the public URL."""

    def __init__(self, settings: Settings, scope: str, *, linked: bool) -> None:
        """`linked`: whether accounts can be linked at all. The authorization server is the utility's own issuer, else ours; `scope` is what it is asked for."""
        self._origin, self._scope, self._linked = settings.public_url.rstrip("/"), scope, linked
        self._told: dict[str, str | list[str]] = {
            "resource": self._origin + MCP,
            "authorization_servers": [settings.accounts_issuer or self._origin],
            "bearer_methods_supported": ["header"],
            "resource_name": settings.utility_name,
        }
        if scope:
            self._told["scopes_supported"] = [scope]

    async def answer(self, _request: Request) -> Response:
        """Meets `GET /.well-known/oauth-protected-resource/mcp`. Raises `Problem` 404 where no account can be linked: nothing here needs a token then."""
        if not self._linked:
            detail = "No accounts can be linked here: nothing needs a token. docs/customers.md tells how to set it up."
            raise Problem(404, "not-set-up", "Not set up", detail, setting="SURGECAST_ACCOUNTS_ISSUER")
        return Response(msgspec.json.encode(self._told), media_type="application/json", headers={"Cache-Control": "public, max-age=300"})

    def challenge(self, error: str) -> str:
        """The value of `WWW-Authenticate` for a request without a good token."""
        parts = [
            f'resource_metadata="{self._origin}{WELL_KNOWN[0]}"',
            *([f'scope="{self._scope}"'] if self._scope else []),
            *([f'error="{error}"'] if error else []),
        ]
        return "Bearer " + ", ".join(parts)
