"""What Alexa understood, as a turn of a conversation."""

from collections.abc import Mapping

from services.kernel.messages import Lang
from services.voice.conversation.turn import Platform, Turn
from services.voice.platforms.alexa.envelope import AlexaIntent, Envelope, Slot, Slots, point_of, raw_as
from services.voice.platforms.alexa.response import Kept
from services.voice.understanding.question import Intent

BUILT_IN = {
    "AMAZON.HelpIntent": Intent.HELP,
    "AMAZON.NavigateHomeIntent": Intent.HELP,
    "AMAZON.RepeatIntent": Intent.REPEAT,
    "AMAZON.StopIntent": Intent.STOP,
    "AMAZON.CancelIntent": Intent.STOP,
    "AMAZON.NoIntent": Intent.STOP,
    "AMAZON.FallbackIntent": Intent.UNKNOWN,
}
YES = "AMAZON.YesIntent"
"""Picks the first of what was offered, as the word does."""
_YES: Mapping[Lang, str] = {"en": "yes", "fr": "oui"}


def skill_intent(intent: Intent) -> str:
    """What `intent` is called in the skill's interaction models: OutageStatusIntent."""
    return "".join(part.title() for part in intent.split("_")) + "Intent"


INTENTS: Mapping[str, Intent] = {skill_intent(intent): intent for intent in Intent if intent not in BUILT_IN.values()} | BUILT_IN
PLACE_SLOTS = ("area", "city", "place", "postal_code")
WORDS_SLOT = "text"
"""A slot of free words (AMAZON.SearchQuery): understood by us."""
_MATCH = "ER_SUCCESS_MATCH"


def lang_of(envelope: Envelope) -> Lang:
    """The language that the device speaks."""
    return "fr" if (envelope.request.locale or "").lower().startswith("fr") else "en"


def kept_of(envelope: Envelope) -> Kept:
    """What we said to remember, unless someone else did."""
    kept: Kept = raw_as(envelope.session.attributes, Kept, _NOTHING_KEPT) if envelope.session else _NOTHING_KEPT
    return kept


def turn_of(envelope: Envelope, asked: AlexaIntent, kept: Kept, words_max: int) -> Turn:
    """The turn that `asked` is. Texts of the asker are cut at `words_max` characters."""
    slots, lang = asked.slots or {}, lang_of(envelope)
    words = slots[WORDS_SLOT].value if WORDS_SLOT in slots else None
    if asked.name == YES:
        words = _YES[lang]
    intent = None if words else Intent.STOP if asked.confirmation_status == "DENIED" else INTENTS.get(asked.name, Intent.UNKNOWN)
    user = envelope.context.system.user
    return Turn(
        platform=Platform.ALEXA,
        lang=lang,
        words=(words or "")[:words_max],
        intent=intent,
        place="" if words else place_of(slots)[:words_max],
        home=kept.home,
        point=point_of(envelope.context),
        slots={name: meant(slot)[:words_max] for name, slot in slots.items() if slot.value and name not in PLACE_SLOTS and name != WORDS_SLOT},
        asker=user.user_id or "",
        account=user.access_token or "",
        session=envelope.session.session_id if envelope.session else "",
        memory=kept.memory,
    )


def place_of(slots: Slots) -> str:
    """The place that the slots name: as our own list of areas resolved it, else as it was heard."""
    heard = ""
    for name in PLACE_SLOTS:
        slot = slots.get(name)
        if slot is not None and slot.value:
            if resolved := _resolved(slot):
                return resolved
            heard = heard or slot.value
    return heard


def meant(slot: Slot) -> str:
    """What a slot means: the entity that a list made of it, else what was heard."""
    return _resolved(slot) or slot.value or ""


def _resolved(slot: Slot) -> str:
    for authority in slot.resolutions.authorities if slot.resolutions else ():
        if authority.status.code == _MATCH and authority.values:
            return authority.values[0].value.name
    return ""


_NOTHING_KEPT = Kept()
