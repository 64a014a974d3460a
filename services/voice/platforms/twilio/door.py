"""`POST /voice/v1/twilio`: signed by Twilio or refused; calls (CallSid) and text messages (MessageSid) by what their form holds."""

from datetime import timedelta
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.ports.clock import Clock
from services.kernel.ports.outputs import ViewMirror
from services.kernel.ports.waiting import WaitingList
from services.kit.http import Problem
from services.kit.metrics import AUTH_FAILURES
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.platforms.once import Once, Replayed
from services.voice.platforms.twilio.call import Call, call_of
from services.voice.platforms.twilio.hints import Hints
from services.voice.platforms.twilio.phone import Phone
from services.voice.platforms.twilio.signatures import Signatures
from services.voice.platforms.twilio.texts import COOKIE, COOKIE_S, Texts

PATH = "/voice/v1/twilio"
FIELDS_MAX = 200
"""Fields of a form: Twilio sends some thirty."""


class Twilio:
    """Both kinds of webhook. Nothing is answered before the signature is known to be good."""

    def __init__(
        self, mirror: ViewMirror, conversation: Conversation, once: Once, clock: Clock, settings: Settings, waiting: WaitingList | None = None
    ) -> None:
        url = settings.twilio_url or settings.public_url.rstrip("/") + PATH
        token, key = settings.twilio_auth_token.get_secret_value(), settings.twilio_shared_key.get_secret_value()
        self._signatures = Signatures(token, key, url) if token or key else None
        self._phone = Phone(conversation, Hints(mirror, settings.twilio_hints_max), clock, settings, url)
        self._texts, self._once, self._clock, self._settings = Texts(conversation, settings, clock, waiting), once, clock, settings
        self._secure = "; Secure" if url.startswith("https:") else ""

    async def answer(self, request: Request) -> Response:
        """Answer one request. Raises `Problem`."""
        form = await self._verified(request)
        call = call_of(request.query_params, self._clock.now())
        if "DialCallStatus" not in form and call.is_late(self._clock.now(), timedelta(seconds=self._settings.twilio_turn_s)):
            raise self._refused("replayed", "This address was given for the next turn of a call, and that was too long ago.")
        try:
            return await self._once.answer(f"twilio\n{request.headers.get('X-Twilio-Signature', '')}", lambda: self._told(request, form, call))
        except Replayed:
            raise self._refused("replayed", "This request was answered a while ago, longer than Twilio tries again.") from None

    async def _told(self, request: Request, form: ImmutableMultiDict[str, str], call: Call) -> Response:
        if "MessageSid" in form or "SmsSid" in form:
            if "Body" not in form:  # a report of what became of a message
                return _xml(str(_messages(())))
            texted = await self._texts.answer(form, request.headers.get("Cookie", ""))
            response = _xml(str(_messages(texted.messages)))
            response.headers["Set-Cookie"] = f"{COOKIE}={texted.cookie}; Path={request.url.path}; Max-Age={COOKIE_S}; HttpOnly{self._secure}"
            return response
        if "CallSid" in form:
            return _xml(await self._phone.answer(form, call))
        raise Problem(422, "invalid-field", "A field is missing or wrong", "There is neither a CallSid nor a MessageSid.", field="CallSid")

    async def _verified(self, request: Request) -> ImmutableMultiDict[str, str]:
        if self._signatures is None:
            raise Problem(404, "not-set-up", "Twilio is not set up", "SURGECAST_TWILIO_AUTH_TOKEN is not set: see docs/voice.md.")
        if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise Problem(415, "not-a-form", "The body is not a form", "Send application/x-www-form-urlencoded, as Twilio's webhooks do with HTTP POST.")
        if not self._signatures.signature(request):
            raise self._refused("missing", "There is no X-Twilio-Signature. Only Twilio may post here.")
        body = await bodies.read(request, self._settings.voice_body_max_bytes, self._settings.voice_body_timeout_s)
        try:
            form = ImmutableMultiDict(parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX))
        except ValueError as error:  # UnicodeDecodeError is one
            raise Problem(400, "not-a-form", "The body is not a form", f"Send percent-encoded UTF-8, and at most {FIELDS_MAX} fields.") from error
        if not self._signatures.good(request, form):
            detail = "X-Twilio-Signature is not good for this address and form. Check SURGECAST_TWILIO_AUTH_TOKEN, and SURGECAST_TWILIO_URL: what Twilio calls."
            raise self._refused("signature", detail)
        return form

    def _refused(self, reason: str, detail: str) -> Problem:
        AUTH_FAILURES.labels(reason).inc()
        return Problem(403, "not-verified", "Who calls is not known", detail)


def _messages(texts: tuple[str, ...]) -> object:
    from twilio.twiml.messaging_response import MessagingResponse  # only where Twilio is set up

    response = MessagingResponse()
    for text in texts:
        response.message(text)
    return response


def _xml(told: str) -> Response:
    return Response(told, media_type="text/xml", headers={"Cache-Control": "no-store"})
