"""`POST /voice/v1/chat`: a turn of a conversation on a web page. What the page hands back is looked at as if a stranger had made it."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.views import Position
from services.kit.http import Problem
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Button, Platform, Turn
from services.voice.limited import check_answered, is_limited
from services.voice.messages import LANG_OF
from services.voice.platforms.carried import PACKED_MAX, packed, unpacked
from services.voice.shares import address_of
from services.voice.understanding.question import Intent

PATH = "/voice/v1/chat"
CHOICE_MAX = 130
"""Characters of a choice's payload: `flow:`, two names and a number."""


class ChatQuestion(Struct, frozen=True):
    """Words, or a choice that an answer before offered; with both, the words are the choice's title."""

    locale: str
    text: str = ""
    choice: str = ""
    memory: str = ""
    """As the answer before had it."""
    place: str = ""
    """Where the asker lives, for questions that name no place."""


class ChatAnswer(Struct, frozen=True):
    """What to show, what to choose from, and what to hand back with the next question."""

    answer: str
    intent: Intent
    choices: tuple[Button, ...]
    memory: str
    position: Position
    as_of: datetime | None


_question = msgspec.json.Decoder(ChatQuestion)
_encode = msgspec.json.Encoder().encode


class WebChat:
    """Answers pages. There is nobody to verify: anybody may ask, and nothing here is anybody's own."""

    def __init__(self, conversation: Conversation, settings: Settings) -> None:
        self._conversation, self._settings = conversation, settings

    async def answer(self, request: Request) -> Response:
        """Answer one request. Raises `Problem`."""
        asked = bodies.decoded(_question, await bodies.read(request, self._settings.voice_body_max_bytes, self._settings.voice_body_timeout_s))
        self._check(asked)
        who: dict[str, Any] = {"address": address_of(request), "limited": is_limited(request), "memory": unpacked(asked.memory)}
        turn = Turn(platform=Platform.WEB, lang=LANG_OF[asked.locale], words=asked.text, choice=asked.choice, home=asked.place, **who)
        reply = await self._conversation.answer(turn)
        check_answered(request, reply)
        told = ChatAnswer(reply.answer, reply.intent, reply.buttons, packed(reply.memory), reply.position, reply.as_of)
        return Response(_encode(told), media_type="application/json", headers={"Cache-Control": "no-store"})

    def _check(self, asked: ChatQuestion) -> None:
        words_max = self._settings.voice_text_max_chars
        if asked.locale not in LANG_OF:
            raise _wrong("locale", f"`locale` is {asked.locale[:20]!r}; send one of {', '.join(LANG_OF)}.")
        if not asked.text.strip() and not asked.choice:
            raise _wrong("text", "Both `text` and `choice` are empty; send a question in words, or the payload of a choice.")
        limits = {"text": words_max, "place": words_max, "choice": CHOICE_MAX, "memory": PACKED_MAX}
        for field, most in limits.items():
            if len(getattr(asked, field)) > most:
                raise _wrong(field, f"`{field}` has {len(getattr(asked, field))} characters; send at most {most}.")


def question_schema(settings: Settings) -> dict[str, Any]:
    """What a `ChatQuestion` may hold, as JSON Schema has it."""
    words = {"type": "string", "maxLength": settings.voice_text_max_chars, "default": ""}
    return {
        "properties": {
            "locale": {"type": "string", "enum": list(LANG_OF)},
            "text": {**words, "examples": ["is the power out in Kanata?"]},
            "choice": {"type": "string", "maxLength": CHOICE_MAX, "default": "", "description": "The payload of a choice"},
            "memory": {"type": "string", "maxLength": PACKED_MAX, "default": "", "description": "As the answer before had it"},
            "place": {**words, "description": "Where the asker lives, for questions that name no place"},
        },
        "anyOf": [
            {"required": ["text"], "properties": {"text": {"type": "string", "pattern": r"\S"}}},
            {"required": ["choice"], "properties": {"choice": {"type": "string", "minLength": 1}}},
        ],
    }


def _wrong(field: str, detail: str) -> Problem:
    return Problem(422, "invalid-field", "A field is missing or wrong", detail, field=field)
