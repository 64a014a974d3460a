"""What a flow is, and what is wrong with one.

title: {en: Find help, fr: Trouver de l'aide}    what a button that starts it says
intent: nearest_centre                           what its turns are counted as
start: need                                      its first step
words: {en: [find help], fr: [qui appeler]}      what else starts it
steps:
  need:
    ask: {en: What do you need?, fr: ...}        said at this step; without choices it is the last word
    choices:
      - title: {en: Warmth, fr: De la chaleur}   a button
        says: {en: All right., fr: Bien.}        said first where it is chosen; may be left out
        to: cold                                 leads to a step; or `flow: <name>`; or `intent: <name>`, which is answered, with `slots`
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from services.kernel.messages import LANGS, Lang
from services.voice.understanding.fold import fold
from services.voice.understanding.question import Intent

TITLE_MAX = 20
"""Characters of a button: Messenger cuts off what is longer."""
CHOICES_MAX = 10
"""Of 13 quick replies of Messenger's, three are left for ways out."""
NAME = re.compile(r"\w{1,40}", re.ASCII)
"""Of a flow and of a step: buttons and memories carry them."""
TEXT_MAX = 500
"""Characters of a step: it is read on a telephone, or heard."""


class Both(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in each language."""

    en: str
    fr: str

    def of(self, lang: Lang) -> str:
        """The text in `lang`."""
        return self.fr if lang == "fr" else self.en


class Phrases(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody may say, in each language."""

    en: tuple[str, ...] = ()
    fr: tuple[str, ...] = ()

    def of(self, lang: Lang) -> tuple[str, ...]:
        """The phrases in `lang`."""
        return self.fr if lang == "fr" else self.en


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """A button of a step, and where it leads."""

    title: Both
    says: Both | None = None
    to: str = ""
    flow: str = ""
    intent: Intent | None = None
    slots: dict[str, str] = field(default_factory=dict)


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing said, and what can be chosen then."""

    ask: Both
    choices: tuple[Choice, ...] = ()


class Flow(Struct, frozen=True, forbid_unknown_fields=True):
    """A conversation by multiple choice."""

    title: Both
    intent: Intent
    start: str
    steps: dict[str, Step]
    words: Phrases = Phrases()


def faults(flows: Mapping[str, Flow]) -> list[str]:
    """All that is wrong with these flows, each in a sentence that says where."""
    return [f"{name}: {fault}" for name, flow in flows.items() for fault in _of_flow(flow, flows)] + list(_said_twice(flows))


def _said_twice(flows: Mapping[str, Flow]) -> Iterator[str]:
    for lang in LANGS:
        said: dict[str, str] = {}
        for name, flow in flows.items():
            for phrase in {fold(phrase) for phrase in (flow.title.of(lang), *flow.words.of(lang))}:
                if said.setdefault(phrase, name) != name:
                    yield f"{name}: {phrase!r} ({lang}) starts {said[phrase]} too"


def _of_flow(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[str]:
    yield from _of_text("title", flow.title, TITLE_MAX)
    if flow.start not in flow.steps:
        yield f"start: there is no step {flow.start!r}"
        return
    for name, step in flow.steps.items():
        if not NAME.fullmatch(name):
            yield f"{name}: name steps in at most 40 letters, digits and _"
        yield from _of_text(f"{name}: ask", step.ask, TEXT_MAX)
        if len(step.choices) > CHOICES_MAX:
            yield f"{name}: {len(step.choices)} choices, of at most {CHOICES_MAX}"
        for lang in LANGS:
            titles = [fold(choice.title.of(lang)) for choice in step.choices]
            if len(set(titles)) < len(titles):
                yield f"{name}: two choices have the same title ({lang})"
        for number, choice in enumerate(step.choices, 1):
            for fault in _of_choice(choice, flow, flows):
                yield f"{name}: choice {number}: {fault}"
    reached = _reached(flow)
    yield from (f"{name}: no choice leads here" for name in flow.steps if name not in reached)
    yield from (f"{name}: leads to no end" for name in flow.steps if name not in _ending(flow))


def _of_choice(choice: Choice, flow: Flow, flows: Mapping[str, Flow]) -> Iterator[str]:
    yield from _of_text("title", choice.title, TITLE_MAX)
    if choice.says is not None:
        yield from _of_text("says", choice.says, TEXT_MAX)
    if sum((bool(choice.to), bool(choice.flow), choice.intent is not None)) != 1:
        yield "it leads to one of: to, flow, intent"
    if choice.to and choice.to not in flow.steps:
        yield f"there is no step {choice.to!r}"
    if choice.flow and choice.flow not in flows:
        yield f"there is no flow {choice.flow!r}"
    if choice.slots and choice.intent is None:
        yield "slots go with an intent"


def _of_text(what: str, text: Both, most: int) -> Iterator[str]:
    for lang in LANGS:
        told = text.of(lang)
        if not fold(told):
            yield f"{what} says nothing ({lang})"
        elif len(told) > most:
            yield f"{what} has {len(told)} characters, of at most {most} ({lang})"


def _reached(flow: Flow) -> set[str]:
    reached, ahead = set[str](), [flow.start]
    while ahead:
        name = ahead.pop()
        if name in flow.steps and name not in reached:
            reached.add(name)
            ahead += [choice.to for choice in flow.steps[name].choices if choice.to]
    return reached


def _ending(flow: Flow) -> set[str]:
    """The steps from which the last word, an intent or another flow can be reached."""
    ending = {name for name, step in flow.steps.items() if not step.choices or any(not choice.to for choice in step.choices)}
    while more := {name for name, step in flow.steps.items() if name not in ending and any(choice.to in ending for choice in step.choices)}:
        ending |= more
    return ending
