"""The HTTP edge of voice: JSON in, JSON out."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import MappingProxyType

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from services.kernel.ports.outputs import ViewMirror
from services.kit.direct import Direct
from services.kit.http import Problem, service_app
from services.kit.settings import Settings
from services.voice import contract
from services.voice.asking import Asking
from services.voice.conversation.conversation import Conversation
from services.voice.fairness import ByAddress

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Door = Callable[[Request], Awaitable[Response]]
"""A platform's own: it verifies who posts, and answers in the platform's protocol."""

ASK, ALEXA, MCP = "/voice/v1/ask", "/voice/v1/alexa", "/mcp"
NEEDS = {ALEXA: "SURGECAST_ALEXA_SKILL_IDS", MCP: "SURGECAST_MCP"}
"""The setting without which an address answers 404: what it hears could not be verified, or it is turned off."""


def voice_app(
    mirror: ViewMirror,
    conversation: Conversation,
    settings: Settings,
    lifespan: Lifespan,
    doors: Mapping[str, Door] = MappingProxyType({}),
    others: Mapping[tuple[str, str], Door] = MappingProxyType({}),
    limits: Mapping[str, ByAddress] = MappingProxyType({}),
) -> ASGIApp:
    """The service; `doors` are platforms by their paths, `others` any other addresses by method and path. `limits` are of what anybody may ask, by path.

    Ready once the mirror has anything to tell. Questions and platforms go past the framework, whose routing would cost more than the answer.
    """

    async def ready() -> Mapping[str, str]:
        if mirror.shown.stamp.as_of is None:
            return {"mirror": "has no outage views yet: neither a snapshot nor Redis gave any. Are Redis and the voice_cache worker running?"}
        return {}

    app = service_app("voice", ready, partial(contract.openapi, settings), lifespan=lifespan)
    posted: dict[str, Door] = {ASK: Asking(conversation, settings).post, **{path: not_set_up(setting) for path, setting in NEEDS.items()}, **doors}
    posted |= {path: limit.around(posted[path]) for path, limit in limits.items() if path in posted}
    for path, door in posted.items():
        app.add_route(path, door, methods=["POST"])
    for path in {path: None for _, path in others}:
        by_method = {method: door for (method, at), door in others.items() if at == path}
        app.add_route(path, _by_method(by_method), methods=list(by_method))
    return Direct(app, "voice", {("POST", path): door for path, door in posted.items()})


def _by_method(doors: Mapping[str, Door]) -> Door:
    """One route for all methods of a path: so its `Allow` names them all."""

    async def answer(request: Request) -> Response:
        return await doors["GET" if request.method == "HEAD" else request.method](request)

    return answer


def not_set_up(setting: str) -> Door:
    """Answers 404 and names the setting that is missing."""

    async def refuse(_request: Request) -> Response:
        raise Problem(404, "not-set-up", "Not set up", f"This address answers once {setting} is set: see docs/settings.md and docs/voice.md.", setting=setting)

    return refuse
