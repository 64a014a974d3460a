"""The skill: each request of Alexa's verified, read and answered."""

import asyncio

import msgspec
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response as HttpResponse

from services.kernel.messages import Lang
from services.kernel.ports.alexa import AlexaApi, Caller, ProactiveSubscribers
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.outputs import ViewMirror
from services.kernel.ports.waiting import WaitingList
from services.kit import metrics
from services.kit.direct import JsonAnswer
from services.kit.logs import log
from services.kit.refusal import Refusal, refused
from services.kit.settings import Settings
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
from services.voice.platforms.alexa.signature import check_signature
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
            await check_signature(request.scope["headers"], body, self._keys)
            envelope = bodies.decoded(_decoder, body)
            check_fresh(envelope, self._clock.now(), settings.alexa_tolerance_s, settings.alexa_event_tolerance_s)
            check_skill(envelope, self._skills)
        except Refused as why:
            raise told(why) from None
        try:
            answer = await self.answer(envelope)
        except Unavailable as error:
            log.warning("alexa.event_missed", error=str(error))
            raise refused(AWAY, settings.guard_retry_after_max_s) from error
        return JsonAnswer(encoded(answer))

    async def answer(self, envelope: Envelope) -> Answer:
        """The answer to a request that was verified; an empty one where nobody asked anything."""
        request, lang = envelope.request, lang_of(envelope)
        match request.type:
            case "IntentRequest" if request.intent is not None:
                return await self._asked(envelope, request.intent, lang)
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

    async def _asked(self, envelope: Envelope, asked: AlexaIntent, lang: Lang) -> Answer:
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
        elicits = bool(envelope.request.dialog_state) and AREA_SLOT in (asked.slots or ())
        return self._replies.answer(reply, lang, Kept(reply.memory, kept.home, kept.homeless), elicits=elicits, asks_consent=asks_consent)

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
