"""The skill: each request of Alexa's verified, read and answered."""

import asyncio

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response as HttpResponse

from services.kernel.ports.alexa import AlexaApi, Caller, ProactiveSubscribers
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.outputs import ViewMirror
from services.kernel.ports.waiting import WaitingList
from services.kit import metrics
from services.kit.direct import JsonAnswer
from services.kit.logs import log
from services.kit.prompt import Posted
from services.kit.refusal import Refusal, refused
from services.kit.settings import Settings
from services.kit.within import at_once
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Platform, Reply, Turn
from services.voice.platforms.alexa.envelope import AlexaIntent, Envelope
from services.voice.platforms.alexa.events import SkillEvents
from services.voice.platforms.alexa.freshness import EVENT, check_fresh, check_skill
from services.voice.platforms.alexa.fulfilling import can_fulfill
from services.voice.platforms.alexa.keys import SigningKeys
from services.voice.platforms.alexa.refused import Refused, told
from services.voice.platforms.alexa.replies import AREA_SLOT, Replies
from services.voice.platforms.alexa.response import NOTHING, VERSION, Answer, Kept, Response, encoded
from services.voice.platforms.alexa.signature import Signed, check, signed
from services.voice.platforms.alexa.turns import kept_of, lang_of, turn_of
from services.voice.platforms.alexa.whereabouts import Whereabouts, caller_of
from services.voice.understanding.question import Intent

_BY_ASKER, _SILENT = "USER_INITIATED", "EXCEEDED_MAX_REPROMPTS"
_ENDS = frozenset({_BY_ASKER, _SILENT, "ERROR"})
_LONG = frozenset({Intent.ACCOUNT_BALANCE, Intent.NEXT_PAYMENT, Intent.RATE_NOW})
"""Answered by a customer directory, which may take its time."""
_decoder = msgspec.json.Decoder(Envelope)


class AlexaSkill:
    """Answers `POST /voice/v1/alexa`."""

    def __init__(
        self,
        conversation: Conversation,
        mirror: ViewMirror,
        keys: SigningKeys,
        api: AlexaApi,
        subscribers: ProactiveSubscribers,
        clock: Clock,
        settings: Settings,
        waiting: WaitingList | None = None,
    ) -> None:
        self._conversation, self._keys, self._clock, self._settings = conversation, keys, clock, settings
        self._skills = frozenset(settings.alexa_skill_ids)
        self._api, self._events, self._whereabouts = api, SkillEvents(subscribers, waiting), Whereabouts(api, clock, settings.alexa_api_rest_s)
        self._replies = Replies(conversation.line, mirror, settings.alexa_card_image_url)

    async def start(self) -> None:
        """Know Alexa's keys of before this start."""
        await self._keys.start()

    async def post(self, request: Request) -> HttpResponse:
        """The answer over HTTP. Raises `Problem`: 400 for what Amazon did not sign for us."""
        settings = self._settings
        body = await bodies.read(request, settings.voice_body_max_bytes, settings.voice_body_timeout_s)
        try:
            shown = signed(request.scope["headers"])
            envelope = self._verified(shown, body, self._keys.known(shown.url) or await self._keys.key(shown.url))
        except Refused as why:
            raise told(why) from None
        try:
            answer = await self.answer(envelope)
        except Unavailable as error:
            log.warning("alexa.event_missed", error=str(error))
            raise refused(AWAY, settings.guard_retry_after_max_s) from error
        return JsonAnswer(encoded(answer))

    def at_once(self, posted: Posted) -> HttpResponse | None:
        """The answer to a question about an outage at a place that is known, by a key that was proved before: as most are. None: `post` answers."""
        if len(posted.body) > self._settings.voice_body_max_bytes:
            return None
        try:
            shown = signed(posted.headers)
            if (key := self._keys.known(shown.url)) is None:
                return None
            envelope = self._verified(shown, posted.body, key)
        except Refused as why:
            raise told(why) from None
        asked = envelope.request.intent
        if envelope.request.type != "IntentRequest" or asked is None:
            return None
        kept = kept_of(envelope)
        turn = turn_of(envelope, asked, kept, self._settings.voice_text_max_chars)
        if not (turn.place or kept.home) or not self._conversation.answers_at_once(turn):
            return None
        return JsonAnswer(encoded(self._replied(envelope, asked, at_once(self._conversation.answer(turn)), kept)))

    def _verified(self, shown: Signed, body: bytes, key: RSAPublicKey) -> Envelope:
        """What Amazon signed for us just now. Raises `Refused`, and `Problem` where the body is not what it should be."""
        check(shown.signature, body, key)
        envelope = bodies.decoded(_decoder, body)
        check_fresh(envelope, self._clock.now(), self._settings.alexa_tolerance_s, self._settings.alexa_event_tolerance_s)
        check_skill(envelope, self._skills)
        return envelope

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
                await self._events.take(envelope)
        return NOTHING

    async def _asked(self, envelope: Envelope, asked: AlexaIntent) -> Answer:
        kept, asks_consent = kept_of(envelope), False
        turn = turn_of(envelope, asked, kept, self._settings.voice_text_max_chars)
        caller = caller_of(envelope)
        if caller is not None and not turn.place and not kept.home and not kept.homeless and self._conversation.lacks_place(turn):
            kept, asks_consent = await self._whereabouts.found(envelope, kept)
            turn = replace(turn, home=kept.home)
        if caller is not None and turn.account and turn.intent in _LONG:
            reply = await self._long(turn, caller, envelope.request.request_id)
        else:
            reply = await self._conversation.answer(turn)
        return self._replied(envelope, asked, reply, kept, asks_consent=asks_consent)

    def _replied(self, envelope: Envelope, asked: AlexaIntent, reply: Reply, kept: Kept, *, asks_consent: bool = False) -> Answer:
        elicits = bool(envelope.request.dialog_state) and AREA_SLOT in (asked.slots or ())
        return self._replies.answer(reply, lang_of(envelope), Kept(reply.memory, kept.home, kept.homeless), elicits=elicits, asks_consent=asks_consent)

    async def _long(self, turn: Turn, caller: Caller, request_id: str) -> Reply:
        """The reply to `turn`; where it takes long, the asker hears a word meanwhile."""
        answering = asyncio.ensure_future(self._conversation.answer(turn))
        try:
            await asyncio.wait({answering}, timeout=self._settings.alexa_meanwhile_after_s)
            if not answering.done():
                await asyncio.gather(self._meanwhile(turn, caller, request_id), answering)
            return await answering
        finally:
            answering.cancel()

    async def _meanwhile(self, turn: Turn, caller: Caller, request_id: str) -> None:
        try:
            await self._api.say_meanwhile(caller, request_id, self._replies.meanwhile(turn.lang))
        except Unavailable as error:
            metrics.ALEXA_CALLS.labels("meanwhile", "failed").inc()
            log.info("alexa.meanwhile_missed", error=str(error))
        else:
            metrics.ALEXA_CALLS.labels("meanwhile", "answered").inc()

    def _ended(self, envelope: Envelope) -> None:
        """Note why a session ended: nothing may be said any more."""
        reason, fault = envelope.request.reason, envelope.request.error
        metrics.ALEXA_SESSIONS_ENDED.labels(reason.lower() if reason in _ENDS else "other").inc()
        if envelope.session is not None and reason in (_BY_ASKER, _SILENT):
            self._conversation.ended(Platform.ALEXA, lang_of(envelope), envelope.session.session_id, silent=reason == _SILENT)
        if fault is not None:
            log.warning("alexa.session_failed", type=fault.type[:60], detail=fault.message[:300], request_id=envelope.request.request_id[:100])


AWAY = Refusal("away", "Away", "What this event changes can't be kept just now")
