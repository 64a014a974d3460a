"""`POST /voice/v1/dialogflow`: who calls is verified, what is asked is answered once."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.ports.failures import Unavailable
from services.kernel.ports.tokens import CallerCheck, TokenRefused
from services.kit.http import Problem
from services.kit.metrics import AUTH_FAILURES
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Memory
from services.voice.platforms.dialogflow import answers
from services.voice.platforms.dialogflow.names import Names
from services.voice.platforms.dialogflow.requests import DialogflowRequest
from services.voice.platforms.dialogflow.turns import lang_of, retry_key, session_of, turn_of
from services.voice.platforms.once import Once, Replayed
from services.voice.platforms.telephone import number_of

_webhook = msgspec.json.Decoder(DialogflowRequest)
_encode = msgspec.json.Encoder().encode


class Dialogflow:
    """Both Dialogflows. Nothing is answered before the caller is known."""

    def __init__(self, conversation: Conversation, callers: CallerCheck | None, once: Once, settings: Settings) -> None:
        """`callers` is None where the settings name no audience or no callers."""
        self._conversation, self._callers, self._once, self._settings = conversation, callers, once, settings
        self._names, self._line = Names(settings.dialogflow_intents), number_of(settings.outage_line)

    async def answer(self, request: Request) -> Response:
        """Answer one request. Raises `Problem`."""
        await self._verify(request.headers.get("Authorization", ""))
        asked = bodies.decoded(_webhook, await bodies.read(request, self._settings.voice_body_max_bytes, self._settings.voice_body_timeout_s))
        if asked.query_result is None and asked.session_info is None:
            detail = "Neither `queryResult` (ES) nor `sessionInfo` (CX) is there. Set a Dialogflow agent's webhook to post here."
            raise Problem(422, "invalid-field", "A field is missing or wrong", detail, field="sessionInfo")
        if not (key := retry_key(asked)):
            return await self._told(asked)
        try:
            return await self._once.answer(f"dialogflow\n{key}", lambda: self._told(asked))
        except Replayed:
            AUTH_FAILURES.labels("replayed").inc()
            raise _refused("This request was answered a while ago, longer than Dialogflow asks again. Send the next one.") from None

    async def _verify(self, header: str) -> None:
        if self._callers is None:
            missing = "SURGECAST_DIALOGFLOW_CALLERS" if self._settings.dialogflow_audience else "SURGECAST_DIALOGFLOW_AUDIENCE"
            raise Problem(404, "not-set-up", "Dialogflow is not set up", f"{missing} is not set: see docs/voice.md.")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            AUTH_FAILURES.labels("missing").inc()
            detail = "There is no token. Let the webhook authenticate with the service agent's ID token: see docs/voice.md."
            raise Problem(401, "no-token", "Who calls is not known", detail, {"WWW-Authenticate": "Bearer"})
        try:
            await self._callers.verify(token.strip())
        except TokenRefused as error:
            AUTH_FAILURES.labels(error.fault).inc()
            raise _refused(str(error)) from error
        except Unavailable as error:
            AUTH_FAILURES.labels("unavailable").inc()
            detail = "The keys of the tokens' issuer can't be had, so that no token can be verified. Try again."
            raise Problem(503, "issuer-unavailable", "The issuer does not answer", detail, {"Retry-After": "5"}) from error

    async def _told(self, asked: DialogflowRequest) -> Response:
        turn = turn_of(asked, self._names, self._settings.voice_text_max_chars)
        if turn is None:
            return self._json(asked, self._conversation.line("voice-welcome", lang_of(asked)), Memory())
        reply = await self._conversation.answer(turn)
        chips = [self._conversation.line("chip", turn.lang, intent=choice) for choice in reply.choices]
        if asked.query_result is None:
            return _answer(answers.cx(reply.answer, reply.memory, chips, reply, self._line if turn.asker else ""))
        return _answer(answers.es(reply.answer, reply.memory, session_of(asked), chips))

    def _json(self, asked: DialogflowRequest, text: str, memory: Memory) -> Response:
        return _answer(answers.cx(text, memory) if asked.query_result is None else answers.es(text, memory, session_of(asked)))


def _answer(told: dict[str, Any]) -> Response:
    return Response(_encode(told), media_type="application/json", headers={"Cache-Control": "no-store"})


def _refused(detail: str) -> Problem:
    return Problem(403, "not-verified", "Who calls is not known", detail)
