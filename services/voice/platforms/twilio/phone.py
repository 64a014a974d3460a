"""A telephone call: the language first, then by key or by word, and to a person where that leads nowhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from services.kernel.messages import LANGS, Lang
from services.kernel.ports.clock import Clock
from services.kit.settings import Settings
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Memory, Outcome, Platform, Reply, Turn
from services.voice.platforms.speech import plain
from services.voice.platforms.telephone import SAYS, number_of
from services.voice.platforms.twilio.call import Call
from services.voice.platforms.twilio.hints import Hints
from services.voice.understanding.fold import fold
from services.voice.understanding.question import Intent
from services.voice.understanding.spelled import codes_written

if TYPE_CHECKING:
    from twilio.twiml.voice_response import VoiceResponse

KEYS = {"1": Intent.OUTAGE_STATUS, "2": Intent.OUTAGE_RESTORATION, "3": Intent.REPORT_HAZARD, "4": Intent.REPORT_OUTAGE, "0": Intent.AGENT, "*": Intent.REPEAT}
OTHER_LANGUAGE = "9"
REPROMPTS_MAX = 2
"""Turns in a row that may lead nowhere; after one more, a person."""
HEARS = {"en": "en-CA", "fr": "fr-CA"}
LANGUAGE_OF: Mapping[str, Lang] = {"1": "en", "english": "en", "anglais": "en", "2": "fr", "french": "fr", "francais": "fr"}
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""A call that is over: Twilio only tells of it."""


class Phone:
    """Answers the webhooks of calls, in TwiML."""

    def __init__(self, conversation: Conversation, hints: Hints, clock: Clock, settings: Settings, url: str) -> None:
        """`url` is this webhook's address, as Twilio reaches it."""
        self._conversation, self._hints, self._clock, self._url = conversation, hints, clock, url
        self._words_max, self._silence_s, self._ring_s = settings.voice_text_max_chars, settings.twilio_silence_s, settings.twilio_ring_s
        self._agent = number_of(settings.twilio_agent_line or settings.outage_line)
        self._voices = {"en": settings.twilio_voice_en or None, "fr": settings.twilio_voice_fr or None}

    async def answer(self, form: Mapping[str, str], call: Call) -> str:
        """What the caller hears next, as XML."""
        if "DialCallStatus" in form:
            return str(self._after_agent(form, call))
        if form.get("CallStatus", "") in ENDED:
            self._conversation.ended(Platform.PHONE, call.lang or LANGS[0], form.get("CallSid", ""))
            return str(_response())
        pressed, heard = form.get("Digits", "").strip(), form.get("SpeechResult", "")[: self._words_max].strip()
        if call.lang is None:
            return str(self._language(form, call, pressed or fold(heard)))
        if pressed == OTHER_LANGUAGE:
            other: Lang = "fr" if call.lang == "en" else "en"
            return str(self._listening(replace(call, lang=other, missed=0), [self._line("phone-menu-again", other)]))
        turn = self._turn(form, call, call.lang, pressed, heard)
        if turn is None:
            said = "phone-wrong-key" if pressed else "phone-unheard"
            return str(self._missed(form, call, call.lang, [self._line(said, call.lang), self._line("phone-menu-again", call.lang)]))
        return str(self._replied(form, call, call.lang, await self._conversation.answer(turn)))

    def _language(self, form: Mapping[str, str], call: Call, chosen: str) -> "VoiceResponse":
        lang = next((LANGUAGE_OF[word] for word in chosen.split() if word in LANGUAGE_OF), None)
        if lang is not None:
            return self._listening(Call(lang, call.turn), [self._line("phone-menu", lang)])
        missed = call.missed + (call.turn > 0)
        if missed > REPROMPTS_MAX:
            return self._to_agent(form, call, LANGS, "phone-connecting")
        response = _response()
        words = ",".join(self._line("phone-language-hints", lang) for lang in LANGS)
        with self._gather(response, replace(call, missed=missed), "fr", words) as gather:
            for lang in LANGS:
                self._say(gather, self._line("phone-language", lang), lang)
        return self._and_on(response, replace(call, missed=missed))

    def _turn(self, form: Mapping[str, str], call: Call, lang: Lang, pressed: str, heard: str) -> Turn | None:
        """What was asked; None where nothing was, or a key was pressed that means nothing."""
        offered = pressed in ("1", "2", "3")[: len(call.memory.offered)]
        intent = None if offered else KEYS.get(pressed)
        words = pressed if offered else "" if pressed else codes_written(heard, lang)
        if intent is None and not words:
            return None
        asker, region, session = form.get("From", ""), form.get("FromZip", ""), form.get("CallSid", "")
        return Turn(platform=Platform.PHONE, lang=lang, words=words, intent=intent, region=region[:20], asker=asker, session=session, memory=call.memory)

    def _replied(self, form: Mapping[str, str], call: Call, lang: Lang, reply: Reply) -> "VoiceResponse":
        if reply.hands_over:
            return self._to_agent(form, call, (lang,), "phone-connecting")
        if reply.intent is Intent.STOP:
            return self._over(reply.answer, lang)
        now = replace(call, memory=reply.memory, answered=reply.outcome is Outcome.ANSWERED)
        if _led_nowhere(reply, call.memory):
            return self._missed(form, now, lang, [reply.answer, *self._prompts(reply, lang)])
        return self._listening(replace(now, missed=0), [reply.answer, *self._prompts(reply, lang)])

    def _prompts(self, reply: Reply, lang: Lang) -> list[str]:
        if reply.choices and reply.outcome is Outcome.UNSURE:
            return [self._conversation.line("phone-press", lang, count=min(len(reply.choices), 3))]
        return [] if reply.open else [self._line("phone-else", lang)]

    def _missed(self, form: Mapping[str, str], call: Call, lang: Lang, said: list[str]) -> "VoiceResponse":
        """Once more; in the end a person, or goodbye to somebody who had an answer and says nothing more."""
        if call.missed < REPROMPTS_MAX:
            return self._listening(replace(call, missed=call.missed + 1), said)
        if "Digits" not in form and "SpeechResult" not in form:
            self._conversation.ended(Platform.PHONE, lang, form.get("CallSid", ""), silent=True)
        if call.answered and "Digits" not in form and "SpeechResult" not in form:
            return self._over(self._line("voice-stop", lang), lang)
        return self._to_agent(form, call, (lang,), "phone-no-luck", "phone-connecting")

    def _to_agent(self, form: Mapping[str, str], call: Call, langs: tuple[Lang, ...], *lines: str) -> "VoiceResponse":
        response = _response()
        if not self._agent or self._agent == number_of(form.get("To", "")):  # our own number: it would ring us
            for lang in langs:
                self._say(response, self._line("phone-agent-away" if self._agent else "voice-agent", lang), lang)
            response.hangup()
            return response
        for lang in langs:
            self._say(response, " ".join(self._line(line, lang) for line in lines), lang)
        response.dial(self._agent, action=call.address(self._url, self._now()), timeout=self._ring_s)
        return response

    def _after_agent(self, form: Mapping[str, str], call: Call) -> "VoiceResponse":
        if form["DialCallStatus"] in ("completed", "answered"):
            response = _response()
            response.hangup()
            return response
        langs: tuple[Lang, ...] = (call.lang,) if call.lang else LANGS
        response = _response()
        for lang in langs:
            self._say(response, self._line("phone-agent-away", lang), lang)
        response.hangup()
        return response

    def _over(self, said: str, lang: Lang) -> "VoiceResponse":
        response = _response()
        self._say(response, said, lang)
        response.hangup()
        return response

    def _listening(self, call: Call, said: list[str]) -> "VoiceResponse":
        response, lang = _response(), call.lang or "en"
        words = ",".join((self._line("phone-hints", lang), *self._hints.places(lang)))
        with self._gather(response, call, lang, words) as gather:
            for text in said:
                self._say(gather, text, lang)
        return self._and_on(response, call)

    def _gather(self, response: "VoiceResponse", call: Call, lang: Lang, hints: str) -> Any:
        return response.gather(
            input="dtmf speech",
            num_digits=1,
            language=HEARS[lang],
            hints=plain(hints),
            speech_timeout="auto",
            timeout=self._silence_s,
            action=call.address(self._url, self._now()),
            method="POST",
        )

    def _and_on(self, response: "VoiceResponse", call: Call) -> "VoiceResponse":
        """Nothing was pressed or said: the same address, told so."""
        response.redirect(call.address(self._url, self._now()), method="POST")
        return response

    def _say(self, verb: Any, text: str, lang: Lang) -> None:
        verb.say(plain(text), voice=self._voices[lang], language=SAYS[lang])

    def _line(self, message: str, lang: Lang) -> str:
        return self._conversation.line(message, lang)

    def _now(self) -> datetime:
        return self._clock.now()


def _led_nowhere(reply: Reply, before: Memory) -> bool:
    asked_again = reply.outcome is Outcome.ASKED_BACK and before.waits is not None
    return asked_again or reply.outcome in (Outcome.UNMATCHED, Outcome.UNSURE)


def _response() -> "VoiceResponse":
    from twilio.twiml.voice_response import VoiceResponse  # only where Twilio is set up

    return VoiceResponse()
