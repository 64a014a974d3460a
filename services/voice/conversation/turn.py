"""One turn of a conversation: what a platform hands in, and what it gets to say. No platform's own words are in it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from services.kernel.messages import Lang
from services.kernel.views import ORIGIN, Position
from services.voice.understanding.question import Intent, Scope


class Platform(StrEnum):
    """Where people ask: path (platforms/), metric label and ledger column carry this name."""

    ASK = "ask"
    ALEXA = "alexa"
    DIALOGFLOW = "dialogflow"
    MESSENGER = "messenger"
    PHONE = "phone"
    SMS = "sms"
    WEB = "web"
    MCP = "mcp"


class Memory(Struct, frozen=True, omit_defaults=True):
    """What a conversation remembers from one turn to the next. The platform carries it, through hands that may change it.

    So it names only what anybody may ask for, and is no proof of anything.
    """

    last: Intent | None = None
    """What was answered last: said again by 'repeat'."""
    place: str = ""
    """The place that it was about, as it was said: what 'and when will it be back?' is about."""
    waits: Intent | None = None
    """The question that waits for a place: 'which area?' was asked back."""
    offered: tuple[Intent, ...] = ()
    """What 'do you mean...' offered, in its order."""
    flow: str = ""
    """The multiple-choice flow that goes on, by its name, and where in it they are."""
    step: str = ""


class Button(Struct, frozen=True):
    """Something to choose, for platforms that show buttons: chosen, its `payload` is the next turn's `choice`."""

    title: str
    """At most 20 characters; typed in its place, it means the same."""
    payload: str


class Turn(Struct, frozen=True, kw_only=True):
    """One thing said or chosen: in free `words`, by a button (`choice`), or as an `intent` that the platform has understood itself."""

    platform: Platform
    lang: Lang
    words: str = ""
    intent: Intent | None = None
    choice: str = ""
    """The payload of the button that was pressed; `words` may hold its title."""
    scope: Scope = Scope.NEAR
    """About how much of the territory `intent` is, where it names no place."""
    place: str = ""
    """The place that goes with `intent`, as it was said."""
    home: str = ""
    """Where the asker lives, for questions that name no place: a town, a neighbourhood, a postal code."""
    region: str = ""
    """Where the asker's telephone number is from, by its postal code: taken only where it is an area that we know and nothing better is there."""
    point: tuple[float, float] | None = None
    """Where the asker's device is: longitude and latitude in degrees, WGS 84."""
    slots: Mapping[str, str] = {}
    """What else was named: `appliance`, `plan`."""
    asker: str = ""
    """The platform's own id for the asker, where it has one: for limits and counts, never kept as it is."""
    address: str = ""
    """Whose client address asks (`shares.sharer`), where anybody may: for the share of what is kept, never kept itself."""
    limited: bool = False
    """Whether that address has asked too much already: then only a danger is still heard of."""
    account: str = ""
    """The access token of a linked account, not verified yet."""
    session: str = ""
    """The platform's own id for the conversation, where it has one."""
    memory: Memory = Memory()

    @property
    def only_reads(self) -> bool:
        """Whether nothing may come of this turn but words: an assistant may have been talked into it by something that it read."""
        return self.platform is Platform.MCP


class Outcome(StrEnum):
    """How a turn ended: a closed set, for counts."""

    ANSWERED = "answered"
    ASKED_BACK = "asked_back"
    """The question was understood and something is missing: the place, a linked account."""
    UNSURE = "unsure"
    """'Do you mean...'"""
    UNMATCHED = "unmatched"
    """'I didn't get that.'"""
    UNABLE = "unable"
    """Understood, and what would answer it is away or was never set up."""
    SHED = "shed"
    """Too many at once: an apology."""


class Said(Struct, frozen=True):
    """What an answerer says."""

    text: str
    outcome: Outcome = Outcome.ANSWERED
    waits_for_place: bool = False
    """It asks which area: the next place that is named answers it."""
    open: bool = False
    """It ends in a question: the platform listens on."""
    needs_link: bool = False
    """Only for somebody with a linked account: the platform offers to link one."""
    needs_leave: bool = False
    """Only for somebody who lets us notify them: the platform offers to allow it."""
    hands_over: bool = False
    """The asker wants a person: the platform connects them where it can."""
    choices: tuple[Intent, ...] = ()
    """What to ask next, for platforms that show buttons."""
    dated: bool = False
    """It tells what outages there are, or that there are none, where the intent is of something else: where that is old, it is said."""


class Reply(Struct, frozen=True):
    """An answer, what it was an answer to, and how old the facts in it are."""

    answer: str
    intent: Intent
    confidence: float = 1.0
    choices: tuple[Intent, ...] = ()
    position: Position = ORIGIN
    as_of: datetime | None = None
    outcome: Outcome = Outcome.ANSWERED
    open: bool = False
    """It ends in a question: the platform listens on."""
    needs_link: bool = False
    needs_leave: bool = False
    hands_over: bool = False
    buttons: tuple[Button, ...] = ()
    """What to choose from now, for platforms that show buttons."""
    memory: Memory = Memory()
    """To be handed in again with the next turn of this conversation."""
