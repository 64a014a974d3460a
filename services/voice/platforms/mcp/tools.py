"""The tools: each is one question of the conversation's, with the few words that go into it. None changes anything."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from services.kernel.messages import Lang
from services.voice.conversation.outages import ECHO_MAX
from services.voice.conversation.turn import Platform, Turn
from services.voice.platforms.mcp.plain import plain
from services.voice.understanding.language import guessed
from services.voice.understanding.question import Intent, Scope

PLAN_MAX = 40
QUESTION_MAX = 500
"""Letters that the schema allows; the settings may allow fewer."""

Language = Annotated[Lang, Meta(description="Language of the answer: English or French.")]
Place = Annotated[
    str, Meta(max_length=ECHO_MAX, description="A town, neighbourhood or postal code, as people name it. Without one: everywhere that the utility serves.")
]


class Alone(Struct, frozen=True, forbid_unknown_fields=True):
    """Arguments of a question that is only asked in a language."""

    language: Language = "en"


class Near(Alone, frozen=True, forbid_unknown_fields=True):
    """Of one about a place."""

    place: Place = ""


class Advice(Alone, frozen=True, forbid_unknown_fields=True):
    """Of one for safety advice."""

    topic: Annotated[Literal["", "generator", "medical", "food", "water", "cold"], Meta(description="What the advice is about; empty: in general.")] = ""


class Centre(Near, frozen=True, forbid_unknown_fields=True):
    """Of one for a place that helps."""

    help: Annotated[Literal["", "warming", "cooling", "charging"], Meta(description="What is needed there; empty: any.")] = ""


class Rate(Alone, frozen=True, forbid_unknown_fields=True):
    """Of one for the price of electricity."""

    plan: Annotated[str, Meta(max_length=PLAN_MAX, description="Name of the price plan, such as tou, ulo or tiered; empty: the usual one.")] = ""


class Free(Struct, frozen=True, forbid_unknown_fields=True):
    """Of one in free words."""

    question: Annotated[str, Meta(min_length=1, max_length=QUESTION_MAX, description="The customer's question, in their own words, English or French.")]
    place: Annotated[str, Meta(max_length=ECHO_MAX, description="Where they live, for a question that names no place.")] = ""
    language: Annotated[Literal["", "en", "fr"], Meta(description="Language of the answer; empty: that of the question.")] = ""


class Tool(Struct, frozen=True, kw_only=True):
    """One tool."""

    name: str
    intent: Intent | None
    """None: the conversation makes it out."""
    arguments: type[Struct]
    title: str
    description: str
    needs_account: bool = False


_OUTAGES = (
    (Intent.OUTAGE_STATUS, "Is the power out?", "Whether the power is out at a place, how many customers are without it, and when it should be back."),
    (Intent.OUTAGE_RESTORATION, "When will the power be back?", "When the power is expected back at a place; where there is no estimate yet, it says so."),
    (Intent.OUTAGE_CAUSE, "What happened?", "What caused the outages at a place, and how far the crew is."),
    (Intent.OUTAGE_COUNTS, "How many are out?", "How many outages there are, and how many customers are out, at a place or everywhere."),
    (Intent.PLANNED_WORK, "Planned work", "Planned work on the grid that is under way, at a place or everywhere."),
)
_ACCOUNT = (
    (Intent.ACCOUNT_BALANCE, "My balance", "What the customer owes, and by when. Only for a customer who has linked their account."),
    (Intent.NEXT_PAYMENT, "My next payment", "When the customer's next payment is due, and how much. Only for a customer who has linked their account."),
)
_ASK = (
    "Answers any question about outages, electricity prices, safety or the utility, in the customer's own words. It changes nothing: whoever reports a "
    "hazard or an outage, or wants to be told, hears what to do. Words of danger are answered with what keeps people safe: tell those first, word for word."
)
TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        *(Tool(name=intent.value, intent=intent, arguments=Near, title=title, description=told) for intent, title, told in _OUTAGES),
        Tool(
            name="safety_advice",
            intent=Intent.SAFETY_ADVICE,
            arguments=Advice,
            title="Safety advice",
            description="What to do and what to leave alone while the power is out.",
        ),
        Tool(
            name="nearest_centre",
            intent=Intent.NEAREST_CENTRE,
            arguments=Centre,
            title="Nearest centre",
            description="Where to warm up, cool down or charge a phone: centres that are open now.",
        ),
        Tool(
            name="rate_now",
            intent=Intent.RATE_NOW,
            arguments=Rate,
            title="Price of electricity now",
            description="What electricity costs now, until when, and when the next cheap period begins.",
        ),
        Tool(name="ask", intent=None, arguments=Free, title="Ask in words", description=_ASK),
        *(Tool(name=intent.value, intent=intent, arguments=Alone, title=title, description=told, needs_account=True) for intent, title, told in _ACCOUNT),
    )
}


class Wrong(ValueError):
    """Arguments that a tool does not take; the text names the field and says what to send."""


def read(tool: Tool, arguments: dict[str, Any], text_max: int) -> Any:
    """The arguments, as `tool.arguments`; those that are null are as if not given. Raises `Wrong`."""
    try:
        told = msgspec.convert({name: value for name, value in arguments.items() if value is not None}, tool.arguments)
    except msgspec.ValidationError as error:
        raise Wrong(f"{plain(str(error), 300)}. This tool takes: {', '.join(tool.arguments.__struct_fields__)}.") from None
    if isinstance(told, Free):
        if not plain(told.question):
            raise Wrong("`question` is empty; send the question in words.")
        if len(told.question) > text_max:
            raise Wrong(f"`question` has {len(told.question)} characters; send at most {text_max}.")
    return told


def turn_of(tool: Tool, told: Any, account: str) -> Turn:
    """The turn of the conversation that `told`, the arguments of `tool`, ask for. `account` is the caller's token, '' for none."""
    place = plain(getattr(told, "place", ""), ECHO_MAX)
    if tool.intent is None:
        words = plain(told.question, QUESTION_MAX)
        lang: Lang = told.language or guessed(words) or "en"
        return Turn(platform=Platform.MCP, lang=lang, words=words, home=place, account=account)
    named = {"topic": getattr(told, "topic", "") or getattr(told, "help", ""), "plan": plain(getattr(told, "plan", ""), PLAN_MAX)}
    slots = {slot: value for slot, value in named.items() if value}
    scope = Scope.NEAR if account and not place else Scope.GENERAL
    return Turn(platform=Platform.MCP, lang=told.language, intent=tool.intent, scope=scope, place=place, slots=slots, account=account)
