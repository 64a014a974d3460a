"""What a question can be, and who understands it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from services.kernel.messages import Lang

PLACE = "thatplace"
"""Stands for a place that was found, in folded words. Nobody says it."""


class Intent(StrEnum):
    """What people ask for: the contract's closed list, and the label of the questions metric."""

    OUTAGE_STATUS = "outage_status"
    OUTAGE_RESTORATION = "outage_restoration"
    OUTAGE_CAUSE = "outage_cause"
    OUTAGE_COUNTS = "outage_counts"
    REPORT_OUTAGE = "report_outage"
    REPORT_HAZARD = "report_hazard"
    SUBSCRIBE = "subscribe"
    PLANNED_WORK = "planned_work"
    SAFETY_ADVICE = "safety_advice"
    NEAREST_CENTRE = "nearest_centre"
    RATE_NOW = "rate_now"
    ACCOUNT_BALANCE = "account_balance"
    NEXT_PAYMENT = "next_payment"
    AGENT = "agent"
    HELP = "help"
    REPEAT = "repeat"
    STOP = "stop"
    UNKNOWN = "unknown"


class Scope(StrEnum):
    """About how much of the territory a question is."""

    NEAR = "near"
    """The asker's own area: it must be known."""
    GENERAL = "general"
    """An area if one is known, else all of them ('are there any outages?')."""
    EVERYWHERE = "everywhere"
    """All areas together, wherever the asker lives ('how many customers are out in total?')."""


class Understood(Struct, frozen=True):
    """What a question was taken to mean."""

    intent: Intent
    confidence: float
    """0 to 1. 1: said in words that are known to mean it."""
    choices: tuple[Intent, ...] = ()
    """Up to three intents that it may have meant, likeliest first, where it was not understood surely."""
    scope: Scope = Scope.NEAR
    slots: Mapping[str, str] = {}
    """What else was named, by the lists of the templates: `appliance`, `plan`."""


class Words(Struct, frozen=True):
    """What an understanding knows of words, in all its languages; folded."""

    common: frozenset[str]
    """What questions are made of: no place is guessed from one of them."""
    before_a_place: frozenset[str]
    """What stands before a place name: in, near, à."""


class Understanding(Protocol):
    """Takes words to an intent. Never fails: what it can't make out is `unknown`."""

    @property
    def words(self) -> Words:
        """The words that it knows: the same for its whole life."""
        ...

    def understand(self, words: str, lang: Lang) -> Understood:
        """The intent of `words`, which are folded (see `fold`) and have `PLACE` where a place was named."""
        ...

    def tells_danger(self, words: str, lang: Lang) -> bool:
        """Whether folded `words` tell of a danger, as far as a glance shows: for whoever asks too much to be understood."""
        ...
