"""The skill: each request of Alexa's verified, read and answered."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response as HttpResponse

from services.kernel.ports.clock import Clock
from services.kernel.ports.outputs import ViewMirror
from services.kit import metrics
from services.kit.logs import log
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.platforms.alexa.envelope import AlexaIntent, Envelope
from services.voice.platforms.alexa.freshness import EVENT, check_fresh, check_skill
from services.voice.platforms.alexa.fulfilling import can_fulfill
from services.voice.platforms.alexa.keys import SigningKeys
from services.voice.platforms.alexa.refused import Refused, told
from services.voice.platforms.alexa.replies import AREA_SLOT, Replies
from services.voice.platforms.alexa.response import NOTHING, VERSION, Answer, Kept, Response, encoded
from services.voice.platforms.alexa.signature import check_signature
from services.voice.platforms.alexa.turns import kept_of, lang_of, turn_of

_ENDS = frozenset({"USER_INITIATED", "ERROR", "EXCEEDED_MAX_REPROMPTS"})
_decoder = msgspec.json.Decoder(Envelope)


class AlexaSkill:
    """Answers `POST /voice/v1/alexa`."""

    def __init__(self, conversation: Conversation, mirror: ViewMirror, keys: SigningKeys, clock: Clock, settings: Settings) -> None:
        self._conversation, self._keys, self._clock, self._settings = conversation, keys, clock, settings
        self._skills = frozenset(settings.alexa_skill_ids)
        self._replies = Replies(conversation.line, mirror, settings.alexa_card_image_url)

    async def __call__(self, request: Request) -> HttpResponse:
        """The answer over HTTP. Raises `Problem`: 400 for what Amazon did not sign for us."""
        settings = self._settings
        body = await bodies.read(request, settings.voice_body_max_bytes, settings.voice_body_timeout_s)
        try:
            await check_signature(request.scope["headers"], body, self._keys)
            envelope = bodies.decoded(_decoder, body)
            check_fresh(envelope, self._clock.now(), settings.alexa_tolerance_s, settings.alexa_event_tolerance_s)
            check_skill(envelope, self._skills)
        except Refused as refused:
            raise told(refused) from None
        return HttpResponse(encoded(await self.answer(envelope)), media_type="application/json", headers=_HEADERS)

    async def answer(self, envelope: Envelope) -> Answer:
        """The answer to a request that was verified; an empty one where nobody asked anything."""
        request, lang = envelope.request, lang_of(envelope)
        match request.type:
            case "IntentRequest" if request.intent is not None:
                return await self._asked(envelope, request.intent)
            case "LaunchRequest":
                return self._replies.welcome(lang, Kept(home=kept_of(envelope).home))
            case "CanFulfillIntentRequest" if request.intent is not None:
                return Answer(VERSION, response=Response(can_fulfill_intent=can_fulfill(request.intent, self._conversation)))
            case "SessionEndedRequest":
                self._ended(envelope)
            case "System.ExceptionEncountered":
                fault = request.error
                log.error("alexa.response_failed", type=fault.type[:60] if fault else "", request_id=request.cause.request_id[:100] if request.cause else "")
            case kind if kind.startswith(EVENT):
                metrics.ALEXA_EVENTS.labels(kind.removeprefix(EVENT) if kind.removeprefix(EVENT) in _EVENTS else "other").inc()
        return NOTHING

    async def _asked(self, envelope: Envelope, asked: AlexaIntent) -> Answer:
        kept, lang = kept_of(envelope), lang_of(envelope)
        reply = await self._conversation.answer(turn_of(envelope, asked, kept, self._settings.voice_text_max_chars))
        elicits = bool(envelope.request.dialog_state) and AREA_SLOT in (asked.slots or ())
        return self._replies.answer(reply, lang, Kept(reply.memory, kept.home, kept.homeless), elicits=elicits, asks_consent=False)

    def _ended(self, envelope: Envelope) -> None:
        """Note why a session ended: nothing may be said any more."""
        reason, fault = envelope.request.reason, envelope.request.error
        metrics.ALEXA_SESSIONS_ENDED.labels(reason.lower() if reason in _ENDS else "other").inc()
        if fault is not None:
            log.warning("alexa.session_failed", type=fault.type[:60], detail=fault.message[:300], request_id=envelope.request.request_id[:100])


_EVENTS = frozenset(
    {
        "SkillEnabled",
        "SkillDisabled",
        "SkillPermissionAccepted",
        "SkillPermissionChanged",
        "SkillAccountLinked",
        "ProactiveSubscriptionChanged",
        "NotificationSubscriptionChanged",
    }
)
_HEADERS = {"Cache-Control": "no-store"}
