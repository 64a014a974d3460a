"""One event, answered: in whose language, with what is remembered of them, and never without saying what answers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from services.kernel.messages import Lang
from services.kernel.ports.clock import Clock
from services.kernel.ports.messenger import MessengerApi, Sending
from services.kit import metrics
from services.kit.bounded import Bounded
from services.kit.logs import log
from services.kit.settings import Settings
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Memory, Platform, Turn
from services.voice.platforms.carried import unpacked
from services.voice.platforms.messenger.events import Event
from services.voice.platforms.messenger.messages import messages, payload, read
from services.voice.understanding.language import guessed
from services.voice.understanding.question import Intent

WINDOW = timedelta(hours=24)
"""From somebody's last word on, for this long, a page may answer (Messenger Platform policy)."""
START, SAY = "GET_STARTED", "say:"
"""Payloads: 'Get started', and a question that waited for its language."""
_STICKERS, _LINK = "sticker", "fallback"


class Known(Struct, frozen=True):
    """What this process remembers of somebody, for as long as there is room: what taps bring along, for words, which don't."""

    lang: Lang | None = None
    memory: Memory = Memory()
    heard: datetime | None = None


class Heard(Struct, frozen=True):
    """An event as it is understood before it is answered."""

    lang: Lang | None
    memory: Memory
    words: str = ""
    choice: str = ""
    attached: str = ""
    point: tuple[float, float] | None = None


class Talk:
    """Answers events, one at a time for each person."""

    def __init__(self, conversation: Conversation, api: MessengerApi, settings: Settings, clock: Clock) -> None:
        self._conversation, self._api, self._clock = conversation, api, clock
        self._words_max, self._gap, self._line = settings.voice_text_max_chars, timedelta(seconds=settings.messenger_gap_s), settings.outage_line
        self._people: Bounded[Known] = Bounded(settings.messenger_people_max)

    async def answer(self, event: Event) -> None:
        """Answer one event. Raises nothing for what Messenger does."""
        now, person = self._clock.now(), event.sender.id
        if now - datetime.fromtimestamp(event.timestamp / 1_000, UTC) > WINDOW:
            metrics.MESSENGER_SENDINGS.labels(Sending.CLOSED).inc()
            return
        await self._api.typing(person)
        before = self._people.get(person) or Known()
        heard = self._heard(event, before)
        lang = heard.lang or before.lang or _lang_of(await self._api.locale(person))
        greeted = before.heard is not None and now - before.heard <= self._gap
        if lang is None:
            memory, told = heard.memory, [self._which_language(heard)]
        else:
            memory, told = await self._told(heard, lang, person, greeted)
        if await self._send(person, told):
            self._people.put(person, Known(lang, memory, now if lang else before.heard))

    def _heard(self, event: Event, before: Known) -> Heard:
        pressed, words = "", ""
        message = event.message
        if message is not None:
            words, pressed = message.text.strip()[: self._words_max], message.quick_reply.payload if message.quick_reply else ""
        elif event.postback is not None:
            words, pressed = event.postback.title[: self._words_max], event.postback.payload
        lang, kept, choice = read(pressed)
        if choice.startswith(SAY):
            words, choice = choice.removeprefix(SAY), ""
        memory = unpacked(kept) if lang is not None else before.memory
        attached = message.attachments[0] if message is not None and message.attachments and not words else None
        place = attached.payload and attached.payload.coordinates if attached else None
        sticker = attached is not None and attached.payload is not None and attached.payload.sticker_id is not None
        return Heard(
            lang or (None if choice else guessed(words)),
            memory,
            words,
            choice,
            _STICKERS if sticker else attached.type if attached else "",
            (place.long, place.lat) if place else None,
        )

    async def _told(self, heard: Heard, lang: Lang, person: str, greeted: bool) -> tuple[Memory, list[dict[str, Any]]]:
        line, call = self._conversation.line, None
        memory, buttons = heard.memory, self._conversation.menu(lang)
        if heard.choice == START:
            text, memory, greeted = line("messenger-welcome", lang), Memory(), False
        elif heard.attached and heard.point is None and not heard.choice:
            text = line("messenger-attachment", lang, kind="sticker" if heard.attached == _STICKERS else "link" if heard.attached == _LINK else "file")
        else:
            turn = Turn(platform=Platform.MESSENGER, lang=lang, words=heard.words, choice=heard.choice, point=heard.point, asker=person, memory=memory)
            reply = await self._conversation.answer(replace(turn, intent=Intent.OUTAGE_STATUS) if heard.point else turn)
            text, memory = reply.answer, reply.memory
            buttons = reply.buttons or (() if reply.open else buttons)
            call = (line("messenger-call", lang), self._line) if reply.hands_over else None
        if not greeted:
            text = f"{line('messenger-bot', lang)}\n\n{text}"
        return memory, messages(text, buttons, lang, memory, call)

    def _which_language(self, heard: Heard) -> dict[str, Any]:
        """Asked in both, as neither is known: what was said waits in the buttons."""
        langs: Sequence[Lang] = ("en", "fr")
        text = "\n\n".join(f"{self._conversation.line('messenger-bot', lang)} {self._conversation.line('messenger-language', lang)}" for lang in langs)
        waits = heard.choice or (f"{SAY}{heard.words}" if heard.words else START)
        replies = [{"content_type": "text", "title": name, "payload": payload(lang, waits)} for lang, name in (("en", "English"), ("fr", "Français"))]  # type: ignore[arg-type]
        return {"text": text, "quick_replies": replies}

    async def _send(self, person: str, told: Sequence[Mapping[str, Any]]) -> bool:
        """Send these in their order; whether all went."""
        for message in told:
            sending = await self._api.send(person, message)
            metrics.MESSENGER_SENDINGS.labels(sending).inc()
            if sending is not Sending.SENT:
                report = log.error if sending in (Sending.LOCKED_OUT, Sending.REFUSED) else log.warning
                report("voice.messenger_not_sent", outcome=sending)
                return False
        return True


def _lang_of(locale: str) -> Lang | None:
    return "fr" if locale.startswith("fr") else "en" if locale.startswith("en") else None
