"""An Alexa custom skill as a web service: its requests in, its responses out.

NOT VERIFIED YET: the request's signature and its certificate chain, its timestamp, and whether it is for our skill. Until they
are, this answers only what is public anyway, keeps nothing, and takes no one's word for who they are. Amazon certifies no skill
without them.
"""

import html
import re
from typing import Any

import msgspec
from msgspec import Struct, field

from services.kernel.messages import Lang
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.turn import Memory, Platform, Turn
from services.voice.understanding.question import Intent

SPEECH_MAX = 7_500
"""Characters of speech: Alexa takes 8,000, and 24,000 bytes for all of a response."""
INTENTS = {
    "OutageStatusIntent": Intent.OUTAGE_STATUS,
    "OutageRestorationIntent": Intent.OUTAGE_RESTORATION,
    "OutageCauseIntent": Intent.OUTAGE_CAUSE,
    "OutageCountsIntent": Intent.OUTAGE_COUNTS,
    "ReportOutageIntent": Intent.REPORT_OUTAGE,
    "ReportHazardIntent": Intent.REPORT_HAZARD,
    "AgentIntent": Intent.AGENT,
    "AMAZON.HelpIntent": Intent.HELP,
    "AMAZON.NavigateHomeIntent": Intent.HELP,
    "AMAZON.RepeatIntent": Intent.REPEAT,
    "AMAZON.StopIntent": Intent.STOP,
    "AMAZON.CancelIntent": Intent.STOP,
    "AMAZON.FallbackIntent": Intent.UNKNOWN,
}
PLACE_SLOTS = ("area", "city", "place", "postal_code")
WORDS_SLOT = "text"
"""A slot of free words (AMAZON.SearchQuery): understood by us."""
_MATCH = "ER_SUCCESS_MATCH"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Code(Struct, frozen=True):
    """How an entity was resolved."""

    code: str = ""


class Name(Struct, frozen=True):
    """An entity of a slot's type."""

    name: str = ""
    id: str | None = None


class Resolved(Struct, frozen=True):
    """One candidate."""

    value: Name = Name()


class Authority(Struct, frozen=True):
    """What one list of entities makes of a slot."""

    status: Code = Code()
    values: list[Resolved] = field(default_factory=list)


class Resolutions(Struct, frozen=True):
    """What all lists make of it."""

    authorities: list[Authority] = field(default_factory=list, name="resolutionsPerAuthority")


class Slot(Struct, frozen=True):
    """A part of what was said."""

    value: str | None = None
    resolutions: Resolutions | None = None


class AlexaIntent(Struct, frozen=True):
    """What Alexa understood."""

    name: str
    slots: dict[str, Slot] | None = None


class AlexaRequest(Struct, frozen=True):
    """The request proper. Unknown fields, of which Alexa adds more each year, are passed over."""

    type: str
    locale: str = "en-CA"
    intent: AlexaIntent | None = None


class Session(Struct, frozen=True):
    """What we said to remember until this session ends."""

    attributes: dict[str, Any] | None = None


class Envelope(Struct, frozen=True):
    """All that Alexa posts. `session` is absent from events that nobody spoke."""

    request: AlexaRequest
    session: Session | None = None


async def answer(envelope: Envelope, conversation: Conversation, words_max: int) -> dict[str, Any]:
    """The response; an empty one where nobody asked anything (a session ended, an event)."""
    request = envelope.request
    lang: Lang = "fr" if request.locale.lower().startswith("fr") else "en"
    if request.type == "LaunchRequest":
        return _spoken(conversation.line("voice-welcome", lang), conversation.line("voice-reprompt", lang), Memory())
    if request.type != "IntentRequest" or request.intent is None:
        return {"version": "1.0", "response": {}}
    reply = await conversation.answer(_turn(request.intent, memory_of(envelope), lang, words_max))
    reprompt = conversation.line("voice-reprompt", lang) if reply.open else ""
    return _spoken(reply.answer, reprompt, reply.memory)


def _turn(asked: AlexaIntent, memory: Memory, lang: Lang, words_max: int) -> Turn:
    slots = asked.slots or {}
    if words := slots[WORDS_SLOT].value if WORDS_SLOT in slots else None:
        return Turn(platform=Platform.ALEXA, lang=lang, words=words[:words_max], memory=memory)
    intent = INTENTS.get(asked.name, Intent.UNKNOWN)
    return Turn(platform=Platform.ALEXA, lang=lang, intent=intent, place=place_of(slots)[:words_max], memory=memory)


def memory_of(envelope: Envelope) -> Memory:
    """What we said to remember, unless someone else did."""
    try:
        return msgspec.convert((envelope.session.attributes if envelope.session else None) or {}, Memory)
    except msgspec.ValidationError:
        return Memory()


def place_of(slots: dict[str, Slot]) -> str:
    """The place that the slots name: as our own list of areas resolved it, else as it was heard."""
    filled = [slots[name] for name in PLACE_SLOTS if name in slots and slots[name].value]
    for slot in filled:
        for authority in slot.resolutions.authorities if slot.resolutions else ():
            if authority.status.code == _MATCH and authority.values:
                return authority.values[0].value.name
    return (filled[0].value or "") if filled else ""


def ssml(text: str) -> str:
    """`text` as SSML: whatever is in it is read out, never obeyed."""
    return f"<speak>{html.escape(_NOT_XML.sub('', text)[:SPEECH_MAX], quote=False)}</speak>"


def _spoken(text: str, reprompt: str, memory: Memory) -> dict[str, Any]:
    """Speech; with a reprompt the session stays open, without it ends."""
    response: dict[str, Any] = {"outputSpeech": {"type": "SSML", "ssml": ssml(text)}, "shouldEndSession": not reprompt}
    if reprompt:
        response["reprompt"] = {"outputSpeech": {"type": "SSML", "ssml": ssml(reprompt)}}
    return {"version": "1.0", "sessionAttributes": msgspec.to_builtins(memory), "response": response}
