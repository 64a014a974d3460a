"""Every sentence of sentences/{lang}/*.yaml is understood as it says there: `tests: [{sentences: [...], intent: {name, slots?, scope?}}]`."""

import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.kernel.areas import AreaName
from services.kernel.messages import LANGS, Lang
from services.voice.understanding.danger import Dangers
from services.voice.understanding.fold import fold
from services.voice.understanding.learnt import learnt
from services.voice.understanding.phrases import Grammar, Phrases
from services.voice.understanding.places import Gazetteer
from services.voice.understanding.question import Intent
from services.voice.understanding.templates import FOLDER, read, sentences
from tests.voice_service import LEARNT, understands

HERE = Path(__file__).parent / "sentences"
FILES = sorted(HERE.glob("*/*.yaml"))
PHRASINGS_MIN = 300
SAMPLES = 8
HARMLESS = (Intent.REPORT_HAZARD, Intent.SAFETY_ADVICE, Intent.OUTAGE_CAUSE, Intent.PLANNED_WORK, Intent.UNKNOWN)
"""Intents in whose sentences wires and fires may well be named."""


@cache
def blocks(path: Path) -> list[dict[str, Any]]:
    return list(read(path)["tests"])


@cache
def gazetteer() -> Gazetteer:
    named = {str(block["intent"].get("slots", {}).get("place", "")) for path in FILES for block in blocks(path)} - {""}
    return Gazetteer({fold(name).replace(" ", "-"): AreaName(name) for name in named}, understands().words)  # type: ignore[misc]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sentences_are_understood(path: Path) -> None:
    wrong = []
    for block in blocks(path):
        wanted = block["intent"]
        slots = dict(wanted.get("slots", {}))
        place = fold(slots.pop("place", "")).replace(" ", "-")
        for sentence in block["sentences"]:
            found = gazetteer().find(fold(sentence))
            understood = understands().understand(found.marked, path.parent.name)  # type: ignore[arg-type]
            told = (understood.intent, found.area or "", dict(understood.slots) if slots else {})
            if told != (wanted["name"], place, slots) or understood.scope != wanted.get("scope", understood.scope):
                wrong.append(f"{sentence}: {told}, {understood.scope}, {understood.confidence}")
    assert not wrong


@pytest.mark.parametrize("lang", LANGS)
def test_there_are_hundreds_of_phrasings(lang: Lang) -> None:
    said = [fold(sentence) for path in FILES if path.parent.name == lang for block in blocks(path) for sentence in block["sentences"]]
    assert len(set(said)) >= PHRASINGS_MIN
    assert {path.stem for path in FILES if path.parent.name == lang} == set(Intent)


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_template_stands_for_is_known_for_its_intent_and_no_other(lang: Lang) -> None:
    grammar, draw = Grammar(sentences(lang)), random.Random(4)
    phrases, dangers = Phrases(learnt(lang, LEARNT).automaton), Dangers(read(FOLDER / lang / "_danger.yaml"))
    taken, alarms = [], []
    for known, expressions in grammar.known:
        for expression in expressions:
            for words in {grammar.sampled(expression, draw) for _ in range(SAMPLES)}:
                found = phrases.match(words.split())
                if found is None or found.intent is not known.intent:
                    taken.append(f"{words}: {known.intent}, but found {found}")
                if known.intent not in HARMLESS and dangers.told(words.split()):
                    alarms.append(f"{words}: {known.intent}")
    assert not taken
    assert not alarms
