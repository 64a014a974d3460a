"""What a turn means in its conversation: a bare place answers 'which area?', 'the second' picks from what was offered, 'again' repeats."""

from msgspec import Struct
from msgspec.structs import replace

from services.kernel.answers import ANSWERS
from services.voice.conversation.turn import Memory, Said, Turn
from services.voice.understanding.question import Intent, Understood

_RANKS = (
    {"1", "one", "first", "un", "une", "premier", "premiere", "yes", "yeah", "yep", "sure", "ok", "okay", "oui", "ouais"},
    {"2", "two", "second", "deux", "deuxieme", "seconde"},
    {"3", "three", "third", "last", "trois", "troisieme", "dernier", "derniere"},
)
"""Words that pick the first, second or third of what was offered; folded."""
_REPORTS = (Intent.REPORT_HAZARD, Intent.REPORT_OUTAGE)
_WAYS_OUT = (Intent.STOP, Intent.HELP, Intent.REPEAT, Intent.AGENT)
_AROUND = {"the", "le", "la", "l", "number", "numero", "option", "please", "svp", "that", "celui", "celle"}


class Meant(Struct, frozen=True):
    """A turn in its conversation."""

    understood: Understood
    place: str = ""
    """The place carried over from the turn before, where this one names none."""


def picked(folded: str, memory: Memory) -> Intent | None:
    """The intent that these words pick from what the last turn offered; None where they don't."""
    if not memory.offered:
        return None
    words = [word for word in folded.split() if word not in _AROUND]
    if len(words) == 2 and words[1] == "one":  # 'the second one'
        words.pop()
    return next((intent for intent, rank in zip(memory.offered, _RANKS, strict=False) if len(words) == 1 and words[0] in rank), None)


def says_where(understood: Understood, memory: Memory) -> bool:
    """Whether words that name no place we know are one all the same: they answer a report's 'where is it?'."""
    return memory.waits in _REPORTS and understood.intent is not Intent.OUTAGE_STATUS and _answers(understood, memory)


def _answers(understood: Understood, memory: Memory) -> bool:
    """Whether words understood so answer the question that waits for a place. Where a danger is, people tell at length: only a way out is no answer."""
    if memory.waits is Intent.REPORT_HAZARD:
        return understood.intent not in _WAYS_OUT
    return memory.waits is not None and understood.intent in (Intent.UNKNOWN, Intent.OUTAGE_STATUS, memory.waits)


def meant(understood: Understood, turn: Turn, *, names_place: bool) -> Meant:
    """`understood`, in the light of what this conversation remembers."""
    memory = turn.memory
    if understood.intent is Intent.REPEAT and memory.last is not None:
        return Meant(replace(understood, intent=memory.last), memory.place)
    if names_place and memory.waits is not None and _answers(understood, memory):
        return Meant(replace(understood, intent=memory.waits, choices=()))
    return Meant(understood, memory.place if understood.intent in ANSWERS and not names_place else "")


def remembered(intent: Intent, choices: tuple[Intent, ...], said: Said, place: str, before: Memory) -> Memory:
    """What to remember after saying `said`."""
    if intent is Intent.STOP:
        return Memory()
    last = before.last if intent in (Intent.UNKNOWN, Intent.REPEAT, Intent.HELP) else intent
    waits = intent if said.waits_for_place else None
    return Memory(last, place or before.place, waits, choices)
