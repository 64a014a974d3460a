"""`POST /voice/v1/ask`: a question in words to an answer, JSON both; from memory alone in the very turn in which it is read (docs/decisions/0038)."""

from collections.abc import Iterable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.kit.direct import JsonAnswer
from services.kit.http import Problem
from services.kit.prompt import Posted
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Platform, Reply, Turn
from services.voice.limited import check_answered, is_limited
from services.voice.messages import LANG_OF, Question, Told
from services.voice.shares import address_of, sharer

_question = msgspec.json.Decoder(Question)
_encode = msgspec.json.Encoder().encode


class Asking:
    """Answers questions that anybody may ask."""

    def __init__(self, conversation: Conversation, settings: Settings) -> None:
        self._conversation = conversation
        self._bytes_max, self._timeout_s, self._chars_max = settings.voice_body_max_bytes, settings.voice_body_timeout_s, settings.voice_text_max_chars

    async def post(self, request: Request) -> Response:
        """The answer over HTTP. Raises `Problem` for what is no question."""
        question = self._checked(await bodies.read(request, self._bytes_max, self._timeout_s))
        account, limited = _account(request.scope["headers"]), is_limited(request)
        reply = await self._conversation.answer(_turn(question, address_of(request), account, limited=limited))
        check_answered(request, reply)
        return _answer(reply)

    def at_once(self, posted: Posted) -> Response | None:
        """The same, where the answer waits for nothing. None: `post` answers what may wait for what is known of an account, or for what was said to be kept;
        and it refuses what is too large.
        """
        if len(posted.body) > self._bytes_max or _account(posted.headers):
            return None
        reply = self._conversation.at_once(_turn(self._checked(posted.body), sharer(posted.client)))
        return None if reply is None else _answer(reply)

    def _checked(self, body: bytes) -> Question:
        question = bodies.decoded(_question, body)
        if question.locale not in LANG_OF:
            raise _wrong("locale", f"`locale` is {question.locale[:20]!r}; send one of {', '.join(LANG_OF)}.")
        if not question.text.strip():
            raise _wrong("text", "`text` is empty; send the question in words.")
        for field, value in (("text", question.text), ("place", question.place or "")):
            if len(value) > self._chars_max:
                raise _wrong(field, f"`{field}` has {len(value)} characters; send at most {self._chars_max}.")
        return question


def _account(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The access token that came along; '' without one."""
    kind, _, token = next((value for name, value in headers if name == b"authorization"), b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _turn(question: Question, address: str, account: str = "", *, limited: bool = False) -> Turn:
    lang, home = LANG_OF[question.locale], question.place or ""
    return Turn(platform=Platform.ASK, lang=lang, words=question.text, home=home, address=address, limited=limited, account=account)


def _answer(reply: Reply) -> Response:
    told = Told(reply.answer, reply.intent, reply.confidence, reply.choices, reply.position, reply.as_of)
    return JsonAnswer(_encode(told))


def _wrong(field: str, detail: str) -> Problem:
    return Problem(422, "invalid-field", "A field is missing or wrong", detail, field=field)
