"""A text message: in the language that it is written in, answered in as few segments as it takes."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from msgspec import Struct

from services.kernel.messages import LANGS, Lang
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import WaitingList
from services.kit.logs import log
from services.kit.settings import Settings
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Memory, Outcome, Platform, Turn
from services.voice.platforms.carried import packed, unpacked
from services.voice.platforms.speech import plain
from services.voice.platforms.twilio.segments import parted
from services.voice.understanding.fold import fold
from services.voice.understanding.language import guessed

COOKIE = "surgecast"
COOKIE_S = 4 * 3600
"""Twilio keeps the cookies of a conversation for four hours of silence."""
KEYWORDS: Mapping[str, tuple[str, Lang]] = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), ("sms-stopped", "en")),
    **dict.fromkeys(("start", "unstop"), ("sms-started", "en")),
    **dict.fromkeys(("help", "info"), ("sms-help", "en")),
    **dict.fromkeys(("arret", "arrete", "arreter", "arretez", "desabonner"), ("sms-stopped", "fr")),
    **dict.fromkeys(("reprendre", "reprise", "recommencer"), ("sms-started", "fr")),
    "aide": ("sms-help", "fr"),
}
"""What a carrier expects to be obeyed, where it is all of a message; folded, so that ARRÊT is ARRET."""
TWILIOS_OWN = frozenset(word for word, (_, lang) in KEYWORDS.items() if lang == "en")
"""What Twilio answers by itself unless it was told not to. YES, too, lifts a block; here it picks what was offered, and Twilio passes it on."""


YES: Mapping[str, Lang] = {"yes": "en", "oui": "fr"}
"""What whoever was asked whether they asked answers (`WaitingList.confirm`), where it is all of a message."""


class Texted(Struct, frozen=True):
    """An answer: messages, none of them where somebody else has answered; and the cookie that carries the conversation."""

    messages: tuple[str, ...] = ()
    cookie: str = ""


class Texts:
    """Answers text messages."""

    def __init__(self, conversation: Conversation, settings: Settings, clock: Clock, waiting: WaitingList | None = None) -> None:
        """`waiting` has those who are to be told when power is back: STOP takes them off, whoever answers it."""
        self._waiting, self._clock = waiting, clock
        self._conversation, self._words_max = conversation, settings.voice_text_max_chars
        self._segments_max, self._messages_max = settings.twilio_segments_max, settings.twilio_messages_max
        self._keywords_are_ours = settings.twilio_keywords == "ours"

    async def answer(self, form: Mapping[str, str], cookies: str) -> Texted:
        """The answer to one message. One that Twilio has answered itself gets none (`OptOutType`, or a keyword of its own)."""
        words, known, memory = form.get("Body", "").strip()[: self._words_max], *_remembered(cookies)
        keyword, left = KEYWORDS.get(said := fold(words)), True
        if form.get("OptOutType") == "STOP" or (keyword is not None and keyword[0] == "sms-stopped"):
            left = await self._leave(form.get("From", ""))
        if said in YES and (answer := await self._confirmed(form, YES[said], memory)):
            return answer
        if form.get("OptOutType") or (said in TWILIOS_OWN and not self._keywords_are_ours):
            return Texted(cookie=_cookie(known, Memory()))
        if keyword is not None:
            message, lang = keyword
            lang = known or lang if lang == "en" else lang
            return self._texted([self._conversation.line(message if left else "sms-not-stopped", lang)], lang, Memory())
        if not words:
            return self._texted([self._conversation.line("sms-picture", lang) for lang in ((known,) if known else LANGS)], known, memory)
        spoken = guessed(words) or known
        told = [await self._told(form, words, lang, memory) for lang in ((spoken,) if spoken else LANGS)]
        return self._texted([text for text, _ in told], spoken, told[0][1])

    async def _confirmed(self, form: Mapping[str, str], lang: Lang, memory: Memory) -> Texted | None:
        """The answer to whoever says that it was they who asked by telephone; None where nobody had asked them, and yes means something else."""
        if self._waiting is None:
            return None
        try:
            waiters = await self._waiting.confirm(Platform.SMS, form.get("From", ""), self._clock.now())
        except Unavailable as error:
            log.warning("voice.waiting_not_confirmed", reason=str(error))
            return None if memory.offered else self._texted([self._conversation.line("sms-not-confirmed", lang)], lang, memory)
        if not waiters:
            return None
        lang = waiters[0].lang
        return self._texted([self._conversation.line("sms-confirmed", lang)], lang, memory)

    async def _leave(self, number: str) -> bool:
        """Take `number` off the waiting list; whether it surely is off. Twilio's block list, which stands before ours, knows English words alone."""
        if self._waiting is None:
            return True
        try:
            await self._waiting.forget(Platform.SMS, number)
        except Unavailable as error:
            log.warning("voice.waiting_not_forgotten", reason=str(error))
            return False
        return True

    async def _told(self, form: Mapping[str, str], words: str, lang: Lang, memory: Memory) -> tuple[str, Memory]:
        asker, region = form.get("From", ""), form.get("FromZip", "")[:20]
        reply = await self._conversation.answer(Turn(platform=Platform.SMS, lang=lang, words=words, region=region, asker=asker, memory=memory))
        pick = reply.choices and reply.outcome is Outcome.UNSURE
        text = f"{reply.answer} {self._conversation.line('sms-pick', lang, count=min(len(reply.choices), 3))}" if pick else reply.answer
        return text, reply.memory

    def _texted(self, texts: list[str], lang: Lang | None, memory: Memory) -> Texted:
        """One message a language at least; sentences beyond the most messages of a language are left out, the last first."""
        messages = [part for text in texts for part in parted(plain(text), self._segments_max)[: self._messages_max]]
        return Texted(tuple(messages), _cookie(lang, memory))


def _remembered(cookies: str) -> tuple[Lang | None, Memory]:
    """The language and the memory that the cookie carries."""
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        morsel = None
    said, _, memory = (morsel.value if morsel else "").partition(".")
    return next((lang for lang in LANGS if lang == said), None), unpacked(memory)


def _cookie(lang: Lang | None, memory: Memory) -> str:
    return f"{lang or ''}.{packed(memory)}"
