"""What a conversation replies, as Alexa says and shows it."""

from collections.abc import Callable

from services.kernel.messages import LANGS, Lang
from services.kernel.ports.outputs import ViewMirror
from services.voice.conversation.turn import Outcome, Reply
from services.voice.platforms.alexa.listening import Listening
from services.voice.platforms.alexa.response import (
    VERSION,
    Answer,
    Card,
    ConsentCard,
    ElicitSlot,
    Image,
    Kept,
    LinkAccountCard,
    Reprompt,
    Response,
    SimpleCard,
    Speech,
    StandardCard,
    UpdateDynamicEntities,
)
from services.voice.platforms.alexa.speech import shown, ssml
from services.voice.understanding.question import Intent

AREA_SLOT = "area"
CONSENT = ("read::alexa:device:all:address:country_and_postal_code",)
"""What the customer may let us know: no more of their address than we need."""
LEAVE = ("alexa::devices:all:notifications:write",)
"""And that we may notify them."""
_NOT_SHOWN = frozenset(
    {Intent.HELP, Intent.REPEAT, Intent.STOP, Intent.UNKNOWN, Intent.ACCOUNT_BALANCE, Intent.NEXT_PAYMENT}  # the app's cards are the whole household's
)


class Replies:
    """Makes responses. `line` says a line of the conversation in a language."""

    def __init__(self, line: Callable[[str, Lang], str], mirror: ViewMirror, image_url: str) -> None:
        """`image_url`: of the picture on cards; empty: they have none."""
        self._line, self._listening = line, Listening(mirror)
        self._image = Image(image_url, image_url) if image_url else None
        self._titles = {lang: line("alexa-card-title", lang) for lang in LANGS}
        self._spoken: dict[tuple[str, Lang], Speech] = {}

    def welcome(self, lang: Lang, kept: Kept) -> Answer:
        """To somebody who opens the skill and asks nothing."""
        response = Response(
            Speech(ssml(self._line("voice-welcome", lang))),
            reprompt=self._reprompt("voice-reprompt", lang),
            directives=self._names(lang),
            should_end_session=False,
        )
        return Answer(VERSION, kept, response)

    def answer(self, reply: Reply, lang: Lang, kept: Kept, *, elicits: bool, asks_consent: bool) -> Answer:
        """`reply`, and what to remember after it. `elicits`: Alexa can be told to listen for an area. `asks_consent`: the device would have told where it
        is, had its owner allowed that.
        """
        asks_area = reply.memory.waits is not None
        directives: tuple[UpdateDynamicEntities | ElicitSlot, ...] = ()
        if asks_area:
            directives = (*self._names(lang), *((ElicitSlot(AREA_SLOT),) if elicits else ()))
        response = Response(
            Speech(ssml(reply.answer)),
            self._card(reply, lang, asks_consent=asks_consent and asks_area),
            self._reprompt("voice-reprompt" if asks_area else "alexa-reprompt", lang) if reply.open else None,
            directives,
            not reply.open,
        )
        return Answer(VERSION, kept, response)

    def meanwhile(self, lang: Lang) -> str:
        """SSML of what is said while an answer takes long."""
        return ssml(self._line("alexa-meanwhile", lang))

    def _card(self, reply: Reply, lang: Lang, *, asks_consent: bool) -> Card | None:
        if reply.needs_link:
            return LinkAccountCard()
        if reply.needs_leave:
            return ConsentCard(LEAVE)
        if asks_consent:
            return ConsentCard(CONSENT)
        if reply.outcome is not Outcome.ANSWERED or reply.intent in _NOT_SHOWN:
            return None
        title, text = self._titles[lang], shown(reply.answer)
        return StandardCard(title, text, self._image) if self._image else SimpleCard(title, text)

    def _reprompt(self, message: str, lang: Lang) -> Reprompt:
        speech = self._spoken.get((message, lang))
        if speech is None:
            speech = self._spoken[message, lang] = Speech(ssml(self._line(message, lang)))
        return Reprompt(speech)

    def _names(self, lang: Lang) -> tuple[UpdateDynamicEntities, ...]:
        types = self._listening.names(lang)
        return (UpdateDynamicEntities(types),) if types else ()
