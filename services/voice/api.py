"""The HTTP edge of voice: JSON in, JSON out."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import MappingProxyType

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from services.kernel.ports.outputs import ViewMirror
from services.kit.direct import Direct, JsonAnswer
from services.kit.http import Problem, service_app
from services.kit.settings import Settings
from services.voice import bodies, contract
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Platform, Reply, Turn
from services.voice.fairness import ByAddress
from services.voice.limited import check_answered, is_limited
from services.voice.messages import LANG_OF, Question, Told
from services.voice.shares import address_of

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Door = Callable[[Request], Awaitable[Response]]
"""A platform's own: it verifies who posts, and answers in the platform's protocol."""

ASK, ALEXA, MCP = "/voice/v1/ask", "/voice/v1/alexa", "/mcp"
NEEDS = {ALEXA: "SURGECAST_ALEXA_SKILL_IDS", MCP: "SURGECAST_MCP"}
"""The setting without which an address answers 404: what it hears could not be verified, or it is turned off."""
_question = msgspec.json.Decoder(Question)
_encode = msgspec.json.Encoder().encode


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

    async def ask(request: Request) -> Response:
        question = bodies.decoded(_question, await bodies.read(request, settings.voice_body_max_bytes, settings.voice_body_timeout_s))
        _check(question, settings.voice_text_max_chars)
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        account = token.strip() if kind.lower() == "bearer" else ""
        lang, address, limited = LANG_OF[question.locale], address_of(request), is_limited(request)
        turn = Turn(platform=Platform.ASK, lang=lang, words=question.text, home=question.place or "", address=address, limited=limited, account=account)
        reply = await conversation.answer(turn)
        check_answered(request, reply)
        return JsonAnswer(_encode(_told(reply)))

    app = service_app("voice", ready, partial(contract.openapi, settings), lifespan=lifespan)
    posted: dict[str, Door] = {ASK: ask, **{path: not_set_up(setting) for path, setting in NEEDS.items()}, **doors}
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


def _check(question: Question, chars_max: int) -> None:
    if question.locale not in LANG_OF:
        raise _wrong("locale", f"`locale` is {question.locale[:20]!r}; send one of {', '.join(LANG_OF)}.")
    if not question.text.strip():
        raise _wrong("text", "`text` is empty; send the question in words.")
    for field, value in (("text", question.text), ("place", question.place or "")):
        if len(value) > chars_max:
            raise _wrong(field, f"`{field}` has {len(value)} characters; send at most {chars_max}.")


def _wrong(field: str, detail: str) -> Problem:
    return Problem(422, "invalid-field", "A field is missing or wrong", detail, field=field)


def _told(reply: Reply) -> Told:
    return Told(reply.answer, reply.intent, reply.confidence, reply.choices, reply.position, reply.as_of)
