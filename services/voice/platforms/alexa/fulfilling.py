"""Whether we could answer a question that somebody asked without naming the skill: told without answering it, and without a trace."""

from services.voice.conversation.conversation import Conversation
from services.voice.platforms.alexa.envelope import AlexaIntent, Slot
from services.voice.platforms.alexa.response import CanFulfill, SlotAbility
from services.voice.platforms.alexa.turns import BUILT_IN, INTENTS, PLACE_SLOTS, WORDS_SLOT, meant
from services.voice.understanding.question import Intent

_OURS_ALONE = frozenset({Intent.ACCOUNT_BALANCE, Intent.NEXT_PAYMENT, Intent.SUBSCRIBE})
"""For those who know us: they need a linked account, or change something."""


def can_fulfill(asked: AlexaIntent, conversation: Conversation) -> CanFulfill:
    """Yes for a question that we answer about a place that we serve; maybe where it names none, or only our customers get an answer."""
    slots = {name: _slot(name, slot, conversation) for name, slot in (asked.slots or {}).items()}
    intent = INTENTS.get(asked.name)
    if intent is None or asked.name in BUILT_IN or any(slot.can_understand == "NO" for slot in slots.values()):
        return CanFulfill("NO", slots)
    named = any(name in PLACE_SLOTS and slot.value for name, slot in (asked.slots or {}).items())
    return CanFulfill("YES" if named and intent not in _OURS_ALONE else "MAYBE", slots)


def _slot(name: str, slot: Slot, conversation: Conversation) -> SlotAbility:
    if not slot.value or name == WORDS_SLOT:
        return SlotAbility("MAYBE", "YES")
    if name in PLACE_SLOTS and not conversation.knows(meant(slot)):
        return SlotAbility("NO", "NO")
    return SlotAbility("YES", "YES")
