"""The HTTP edge of voice: JSON in, JSON out."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import MappingProxyType
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.ports.outputs import ViewMirror
from services.kit.http import Problem, service_app
from services.kit.settings import Settings
from services.voice import bodies, contract
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Platform, Reply, Turn
from services.voice.messages import LANG_OF, Question, Told
from services.voice.platforms import alexa

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Door = Callable[[Request], Awaitable[Response]]
"""A platform's own: it verifies who posts, and answers in the platform's protocol."""


_question = msgspec.json.Decoder(Question)
_alexa = msgspec.json.Decoder(alexa.Envelope)
_encode = msgspec.json.Encoder().encode


def voice_app(
    mirror: ViewMirror, conversation: Conversation, settings: Settings, lifespan: Lifespan, doors: Mapping[str, Door] = MappingProxyType({})
) -> FastAPI:
    """The service; `doors` are platforms by their paths.

    Ready once the mirror has anything to tell; plain routes, as a framework's routing would cost more than the answer.
    """

    async def ready() -> Mapping[str, str]:
        if mirror.shown.stamp.as_of is None:
            return {"mirror": "has no outage views yet: neither a snapshot nor Redis gave any. Are Redis and the voice_cache worker running?"}
        return {}

    async def ask(request: Request) -> Response:
        question = bodies.decoded(_question, await bodies.read(request, settings.voice_body_max_bytes, settings.voice_body_timeout_s))
        _check(question, settings.voice_text_max_chars)
        turn = Turn(platform=Platform.ASK, lang=LANG_OF[question.locale], words=question.text, home=question.place or "")
        return _json(_told(await conversation.answer(turn)))

    async def ask_alexa(request: Request) -> Response:
        envelope = bodies.decoded(_alexa, await bodies.read(request, settings.voice_body_max_bytes, settings.voice_body_timeout_s))
        return _json(await alexa.answer(envelope, conversation, settings.voice_text_max_chars))

    app = service_app("voice", ready, partial(contract.openapi, settings), lifespan=lifespan)
    app.add_route("/voice/v1/ask", ask, methods=["POST"])
    app.add_route("/voice/v1/alexa", ask_alexa, methods=["POST"])
    for path, door in doors.items():
        app.add_route(path, door, methods=["POST"])
    return app


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


def _json(answer: Any) -> Response:
    return Response(_encode(answer), media_type="application/json", headers={"Cache-Control": "no-store"})
