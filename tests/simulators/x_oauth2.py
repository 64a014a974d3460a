"""X's OAuth 2.0 token endpoint, and its access tokens: two hours long, and refresh tokens that are good for one time (docs.x.com, RFC 6749).

Shares no code with the adapter that it tests.
"""

import base64
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.simulators.loopback import Broken, Silent

CLIENT_ID, CLIENT_SECRET, ACCESS_S = "bWx1Y2xpZW50aWQ6MTpjaQ", "client-secret", 7_200
SCOPE = "tweet.read tweet.write users.read media.write offline.access"


class TokenFault(Enum):
    """What goes wrong with the next refresh."""

    RESET = auto()
    """The connection breaks, and nothing is granted."""
    DOWN = auto()
    LIMITED = auto()
    GIBBERISH = auto()
    """200 with what isn't X's; nothing is granted."""
    SILENT_AFTER_GRANT = auto()
    """The old refresh token is void, and the new one never comes."""


@dataclass
class Grants:
    """What was granted to one app by one user, and what a test sets."""

    now: Callable[[], float]
    secret: str = CLIENT_SECRET
    """Empty: the client is a public one."""

    def __post_init__(self) -> None:
        self.refresh = secrets.token_urlsafe(24)
        self.access: dict[str, float] = {}
        self.refreshes = 0
        self.faults: deque[TokenFault] = deque()

    def honours(self, token: str) -> bool:
        """Whether an access token is good now."""
        return self.access.get(token, 0.0) > self.now()

    def revoke(self) -> None:
        """Make all access tokens void before their time."""
        self.access.clear()

    async def token(self, request: Request) -> Response:
        """`POST /2/oauth2/token`."""
        form = await request.form()
        fault = self.faults.popleft() if self.faults else None
        if fault is TokenFault.RESET:
            return Broken()
        if fault in (TokenFault.DOWN, TokenFault.LIMITED):
            return JSONResponse({"title": "No"}, 503 if fault is TokenFault.DOWN else 429)
        if fault is TokenFault.GIBBERISH:
            return JSONResponse(["upstream"])
        basic = "Basic " + base64.b64encode(f"{CLIENT_ID}:{self.secret}".encode()).decode()
        if request.headers.get("Authorization") != (basic if self.secret else None) or form.get("client_id", CLIENT_ID) != CLIENT_ID:
            return _error(401, "unauthorized_client", "Missing valid authorization header")
        if form.get("grant_type") != "refresh_token" or not secrets.compare_digest(str(form.get("refresh_token", "")), self.refresh):
            return _error(400, "invalid_request", "Value passed for the token was invalid.")
        self.refresh, access, self.refreshes = secrets.token_urlsafe(24), secrets.token_urlsafe(24), self.refreshes + 1
        self.access[access] = self.now() + ACCESS_S
        if fault is TokenFault.SILENT_AFTER_GRANT:
            return Silent()
        return JSONResponse({"token_type": "bearer", "expires_in": ACCESS_S, "access_token": access, "scope": SCOPE, "refresh_token": self.refresh})


def _error(status: int, name: str, description: str) -> Response:
    return JSONResponse({"error": name, "error_description": description}, status)
