"""Flows in a conversation: where somebody is in one, what they choose there, and the way back to it after another question."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from services.kernel.answers import ANSWERS
from services.kernel.messages import LANGS, Lang, Wording
from services.voice.conversation.turn import Button, Memory, Platform, Reply, Turn
from services.voice.flows.flow import Choice, Flow, Step
from services.voice.understanding.fold import fold
from services.voice.understanding.question import Intent

SHOWS_BUTTONS = (Platform.MESSENGER, Platform.WEB, Platform.DIALOGFLOW)
"""Elsewhere the choices are said in words."""
_FORGETS = (Platform.ASK, Platform.MCP)
"""They carry no memory: nobody could answer a step."""
_INTENTS = frozenset(Intent)
_INTENT = re.compile(r"intent:([a-z_]{1,30})")
_FLOW = re.compile(r"flow:(\w{1,40})(?:/(\w{1,40})/(\d{1,2}))?", re.ASCII)
_LEAVES = (Intent.STOP, Intent.AGENT, Intent.REPORT_HAZARD)
"""After these nobody is called back into a flow."""
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
_NEXT = {
    Intent.OUTAGE_STATUS: (Intent.OUTAGE_RESTORATION, Intent.OUTAGE_CAUSE),
    Intent.OUTAGE_RESTORATION: (Intent.OUTAGE_CAUSE, Intent.OUTAGE_COUNTS),
    Intent.OUTAGE_CAUSE: (Intent.OUTAGE_RESTORATION, Intent.OUTAGE_COUNTS),
    Intent.OUTAGE_COUNTS: (Intent.OUTAGE_STATUS, Intent.OUTAGE_RESTORATION),
}
_FIRST = (Intent.OUTAGE_STATUS, Intent.OUTAGE_RESTORATION, Intent.REPORT_HAZARD)
"""What a menu begins with; the flows follow, and a person."""


class At(Struct, frozen=True):
    """A step of a flow, arrived at; `says` goes before it."""

    flow: str
    step: str
    says: str = ""


class Guide:
    """The flows, as a conversation uses them. Holds nothing of any conversation."""

    def __init__(self, flows: Mapping[str, Flow], wordings: Mapping[Lang, Wording]) -> None:
        self._flows, self._wordings = flows, wordings
        self._made: dict[tuple[Intent, Lang], Button] = {}
        self._starts = {lang: {fold(phrase): name for name, flow in flows.items() for phrase in (flow.title.of(lang), *flow.words.of(lang))} for lang in LANGS}

    def taken(self, turn: Turn) -> tuple[Turn, At | None]:
        """The turn as what was chosen makes it, or the step that it leads to. What can't be made out is left to be understood as words."""
        if turn.choice:
            return self._pressed(turn)
        if turn.intent is not None or turn.platform in _FORGETS:
            return turn, None
        folded, memory = fold(turn.words), turn.memory
        if (step := self._step(memory)) and memory.waits is None and not memory.offered and (choice := _named(folded, step.choices, turn.lang)):
            return self._follow(turn, memory.flow, choice)
        start = self._starts[turn.lang].get(folded)
        return turn, At(start, self._flows[start].start) if start else None

    def reply(self, at: At, turn: Turn) -> Reply:
        """What is said at a step."""
        flow, lang = self._flows[at.flow], turn.lang
        step = flow.steps[at.step]
        buttons, told = self._choices(at.flow, at.step, lang), " ".join(filter(None, (at.says, step.ask.of(lang))))
        if buttons and turn.platform not in SHOWS_BUTTONS:
            told = self._wordings[lang].say("flow-choices", question=told, choices=self._wordings[lang].choice([button.title for button in buttons]))
        memory = replace(turn.memory, last=None, waits=None, offered=(), flow=at.flow if buttons else "", step=at.step if buttons else "")
        return Reply(told, flow.intent, open=bool(buttons), buttons=buttons or self.menu(lang), memory=memory)

    def resumed(self, reply: Reply, turn: Turn) -> Reply:
        """`reply`, with its buttons; where it was an answer to another question in the middle of a flow, with the way back to that."""
        step, lang = self._step(turn.memory), turn.lang
        if step is None and turn.platform not in SHOWS_BUTTONS:
            return reply
        if step is None or reply.intent in _LEAVES or turn.choice or turn.platform in _FORGETS:
            return replace(reply, buttons=self._after(reply, lang))
        memory = replace(reply.memory, flow=turn.memory.flow, step=turn.memory.step)
        if (reply.intent is not Intent.UNKNOWN and reply.open) or reply.choices:  # that question comes first
            return replace(reply, buttons=self._after(reply, lang), memory=memory)
        message = "flow-not-understood" if reply.intent is Intent.UNKNOWN else "flow-again"
        again = self.reply(At(turn.memory.flow, turn.memory.step), turn)
        args = {"question": again.answer} if reply.intent is Intent.UNKNOWN else {"answer": reply.answer, "question": again.answer}
        told = self._wordings[lang].say(message, **args)
        return replace(reply, answer=told, open=True, buttons=again.buttons, memory=memory)

    def menu(self, lang: Lang) -> tuple[Button, ...]:
        """What can be asked here, for who doesn't know yet."""
        flows = tuple(Button(flow.title.of(lang), f"flow:{name}") for name, flow in self._flows.items())
        return (*self._chips(_FIRST, lang), *flows, *self._chips((Intent.AGENT,), lang))

    def _after(self, reply: Reply, lang: Lang) -> tuple[Button, ...]:
        """What to ask after an answer. None where the answer is a question that words answer."""
        if reply.choices:
            return self._chips(reply.choices, lang)
        if reply.open and reply.intent not in (Intent.UNKNOWN, Intent.HELP, Intent.REPEAT):
            return ()
        return self._chips(_NEXT[reply.intent], lang) if reply.intent in ANSWERS else self.menu(lang)

    def _chips(self, intents: Sequence[Intent], lang: Lang) -> tuple[Button, ...]:
        return tuple(self._chip(intent, lang) for intent in intents)

    def _chip(self, intent: Intent, lang: Lang) -> Button:
        button = self._made.get((intent, lang))
        if button is None:
            button = self._made[intent, lang] = Button(self._wordings[lang].say("chip", intent=intent), f"intent:{intent}")
        return button

    def _choices(self, flow: str, name: str, lang: Lang) -> tuple[Button, ...]:
        step = self._flows[flow].steps[name]
        return tuple(Button(choice.title.of(lang), f"flow:{flow}/{name}/{number}") for number, choice in enumerate(step.choices, 1))

    def _step(self, memory: Memory) -> Step | None:
        """Where somebody is; None where they are in no flow, or in one that is no more."""
        flow = self._flows.get(memory.flow)
        return flow.steps.get(memory.step) if flow else None

    def _pressed(self, turn: Turn) -> tuple[Turn, At | None]:
        if (asked := _INTENT.fullmatch(turn.choice)) and asked[1] in _INTENTS:
            return replace(turn, intent=Intent(asked[1])), None
        led = _FLOW.fullmatch(turn.choice)
        flow = self._flows.get(led[1]) if led else None
        if led is None or flow is None:  # a button of another time: its title may still say what was meant
            return replace(turn, choice=""), None
        step = flow.steps.get(led[2] or "")
        if step is None or not 0 < int(led[3]) <= len(step.choices):
            return turn, At(led[1], flow.start)
        return self._follow(turn, led[1], step.choices[int(led[3]) - 1])

    def _follow(self, turn: Turn, flow: str, choice: Choice) -> tuple[Turn, At | None]:
        says = choice.says.of(turn.lang) if choice.says else ""
        if choice.intent is not None:
            memory = replace(turn.memory, flow="", step="")
            return replace(turn, intent=choice.intent, slots={**turn.slots, **choice.slots}, memory=memory), None
        into = choice.flow or flow
        return turn, At(into, choice.to or self._flows[into].start, says)


def _named(folded: str, choices: Sequence[Choice], lang: Lang) -> Choice | None:
    """The choice whose title or number these words are, or whose title alone begins so: 'no' for 'No danger'."""
    titles = [fold(choice.title.of(lang)) for choice in choices]
    if folded in titles:
        return choices[titles.index(folded)]
    number = int(folded) if folded.isdecimal() and len(folded) < 3 else _NUMBERS.get(folded, 0)
    if 0 < number <= len(choices):
        return choices[number - 1]
    begun = [choice for choice, title in zip(choices, titles, strict=True) if folded and title.startswith(f"{folded} ")]
    return begun[0] if len(begun) == 1 else None
