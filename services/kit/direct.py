"""Hot addresses, answered without the framework: its routing and dependencies cost more than taking an event does (half of the requests a second)."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kit.http import problem_response

Handler = Callable[[Request], Awaitable[Response]]


class Route(Struct, frozen=True):
    """What metrics call an address, as the framework's own routes are."""

    path: str


class Direct:
    """Pure ASGI: an exact method and path goes straight to its handler, all else to `app`. Errors are answered just as `service_app` answers them."""

    def __init__(self, app: ASGIApp, service: str, handlers: Mapping[tuple[str, str], Handler]) -> None:
        """`app` should serve the same handlers: its description of itself is made from them."""
        self.app, self._service = app, service
        self._handlers = {asked: (Route(asked[1]), handler) for asked, handler in handlers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = self._handlers.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        scope["route"], handler = found
        try:
            answer = await handler(Request(scope, receive))
        except Exception as error:
            answer = problem_response(self._service, error)
        await answer(scope, receive, send)


class JsonAnswer(Response):
    """200 with JSON that is nobody's to keep: what the framework's class works out anew for each answer is the same for all."""

    def __init__(self, body: bytes) -> None:
        self.status_code, self.body, self.background = 200, body, None
        self.raw_headers = [*_JSON, (b"content-length", b"%d" % len(body))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


_JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
