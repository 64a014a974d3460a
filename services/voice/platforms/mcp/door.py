"""`POST /mcp`: who calls, from where and with what is looked at here; what is sound goes to the library."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message as Piece
from starlette.types import Receive, Scope, Send

from services.kernel.messages import LANGS
from services.kernel.ports.clock import Clock
from services.kernel.ports.customers import AccountTokens
from services.kernel.ports.outputs import ViewMirror
from services.kernel.rates import Tariff
from services.kit.http import Problem
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.platforms.mcp import messages
from services.voice.platforms.mcp.answering import Answering
from services.voice.platforms.mcp.callers import CALLER, Caller, Callers
from services.voice.platforms.mcp.hosts import Hosts
from services.voice.platforms.mcp.metadata import MCP, WELL_KNOWN, Metadata
from services.voice.platforms.mcp.resources import Resources
from services.voice.platforms.mcp.serving import Manager, Serving
from services.voice.platforms.mcp.tools import TOOLS

Door = Callable[[Request], Awaitable[Response]]
MODERN = "2026-07-28"
"""The first revision without sessions: before it, a request that names one that is gone gets 404, and its client begins anew."""
_ACCEPT = (b"accept", b"application/json, text/event-stream")


class Mcp:
    """The platform. One a process."""

    def __init__(
        self,
        conversation: Conversation,
        mirror: ViewMirror,
        tariff: Callable[[], Tariff],
        tokens: AccountTokens | None,
        scope: str,
        clock: Clock,
        settings: Settings,
    ) -> None:
        """`tokens`: None where no accounts can be linked; `scope` is what a client asks the authorization server for."""
        self._conversation, self._mirror, self._tariff, self._clock, self._settings = conversation, mirror, tariff, clock, settings
        self._metadata = Metadata(settings, scope, linked=tokens is not None)
        self._callers, self._hosts = Callers(tokens, self._metadata, settings), Hosts(settings)
        self._tools = {name: tool for name, tool in TOOLS.items() if tokens is not None or not tool.needs_account}
        self._serving = Serving(self._load)

    @property
    def posts(self) -> Mapping[str, Door]:
        """Who answers POST, by path; nobody where the settings turn it off."""
        return {} if self._settings.mcp == "off" else {MCP: self.answer}

    @property
    def gets(self) -> Mapping[tuple[str, str], Door]:
        """Who answers what else belongs to it, by method and path."""
        return {} if self._settings.mcp == "off" else {("GET", path): self._metadata.answer for path in WELL_KNOWN}

    async def answer(self, request: Request) -> Response:
        """Answer one request. Raises `Problem`."""
        self._hosts.check(request.headers)
        _check_kinds(request.headers)
        body = await bodies.read(request, self._settings.voice_body_max_bytes, self._settings.voice_body_timeout_s)
        try:
            message = messages.read(body)
        except messages.Refused as error:
            return error.response()
        _check_session(request.headers)
        caller = await self._callers.known(request)
        called = self._tools.get(message.tool)
        if called is not None and called.needs_account and not caller.token:
            raise self._callers.refused("", "Only a customer who has linked their account may ask this. Link it, and send the token.")
        return _Handed(await self._serving.manager(), message.body, caller)

    async def start(self) -> None:
        """Load now, where the settings say so; else with the first request."""
        if self._settings.mcp == "at start":
            await self._serving.manager()

    async def close(self) -> None:
        """End what runs."""
        await self._serving.close()

    def _load(self) -> Manager:
        from services.voice.platforms.mcp import server  # in a thread, when it is first needed: it is slow to load, and large

        settings = self._settings
        resources = Resources(self._mirror, self._tariff(), self._clock, settings.mcp_summary_areas)
        answering = Answering(self._conversation, self._clock, settings.voice_text_max_chars)
        instructions = "\n\n".join(self._conversation.line("mcp-instructions", lang) for lang in LANGS)
        return server.manager(settings.utility_name, instructions, self._tools.values(), answering, resources, 2 * settings.voice_body_max_bytes)


class _Handed(Response):
    """What the library answers to a body that was read already."""

    def __init__(self, manager: Manager, body: bytes, caller: Caller) -> None:
        super().__init__()
        self._manager, self._request, self._caller = manager, body, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the library answer. Meanwhile nobody listens to the client: an answer takes milliseconds."""
        headers = [(name, value) for name, value in scope["headers"] if name not in (b"accept", b"content-length", b"transfer-encoding", b"authorization")]
        headers += [_ACCEPT, (b"content-length", str(len(self._request)).encode())]
        pieces: list[Piece] = [{"type": "http.request", "body": self._request, "more_body": False}]

        async def receive_body() -> Piece:
            return pieces.pop() if pieces else await receive()

        async def send_unstored(piece: Piece) -> None:
            if piece["type"] == "http.response.start" and not any(name.lower() == b"cache-control" for name, _ in piece["headers"]):
                piece = {**piece, "headers": [*piece["headers"], (b"cache-control", b"no-store")]}
            await send(piece)

        await self._manager.handle_request({**scope, "headers": headers, CALLER: self._caller}, receive_body, send_unstored)


def _check_kinds(headers: Headers) -> None:
    """JSON in, JSON out. Raises `Problem`."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "not-json", "Not JSON", "Send Content-Type: application/json.")
    ranges = {part.partition(";")[0].strip().lower() for part in headers.get("accept", "*/*").split(",")}
    if not ranges & {"application/json", "application/*", "*/*"}:
        raise Problem(406, "json-only", "Only JSON", "Answers are JSON. Send Accept: application/json, text/event-stream.")


def _check_session(headers: Headers) -> None:
    """Raises `Problem` 404 for a session, of which there are none: a client of the older revisions then begins anew, without one (Session Management, 4)."""
    if "mcp-session-id" in headers and headers.get("mcp-protocol-version", "") != MODERN:
        raise Problem(404, "no-session", "No such session", "This server has no sessions. Send `initialize` again, without Mcp-Session-Id.")
