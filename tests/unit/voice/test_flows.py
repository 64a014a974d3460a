"""Multiple-choice flows: what ships is whole, what can't be used is refused with all its faults, and people are led, answered in between, and led on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.messages import LANGS, Lang
from services.voice.conversation.turn import Memory, Platform, Reply, Turn
from services.voice.flows.flow import TITLE_MAX, Flow, Step
from services.voice.flows.library import FlowError, library
from services.voice.platforms.carried import packed, unpacked
from services.voice.understanding.question import Intent
from tests.examples import examples
from tests.voice_service import Voice

FLOWS = library()


def turn(voice: Voice, memory: Memory, lang: Lang = "en", platform: Platform = Platform.WEB, **said: Any) -> Reply:
    return asyncio.run(voice.conversation.answer(Turn(platform=platform, lang=lang, memory=memory, **said)))


def pressed(voice: Voice, reply: Reply, title: str, lang: Lang = "en") -> Reply:
    button = next(button for button in reply.buttons if button.title == title)
    return turn(voice, reply.memory, lang, choice=button.payload, words=button.title)


def test_the_three_flows_ship() -> None:
    assert set(FLOWS) == {"help_finder", "outage_steps", "safety_quiz"}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", FLOWS)
def test_every_button_of_every_step_is_answered(voice: Voice, name: str, lang: Lang) -> None:
    flow: Flow = FLOWS[name]
    start = turn(voice, Memory(), lang, words=flow.title.of(lang))
    assert (start.memory.flow, start.memory.step, start.open) == (name, flow.start, True)
    for here, step in flow.steps.items():
        at = Memory(flow=name, step=here)
        for number, choice in enumerate(step.choices, 1):
            by_button = turn(voice, at, lang, choice=f"flow:{name}/{here}/{number}")
            by_words = turn(voice, at, lang, words=choice.title.of(lang).upper())
            assert by_button == by_words == turn(voice, at, lang, words=str(number))
            assert all(0 < len(button.title) <= TITLE_MAX for button in by_button.buttons)
            if choice.intent:
                assert (by_button.intent, by_button.memory.flow) == (choice.intent, "")
            elif choice.to:
                assert flow.steps[choice.to].ask.of(lang) in by_button.answer
                assert (choice.says.of(lang) if choice.says else "") in by_button.answer


@pytest.mark.parametrize(("lang", "title", "asked"), [("en", "A wire is down", "Call 911 now"), ("fr", "Un fil est tombé", "Appelez le 911")])
def test_a_wire_on_the_ground_ends_every_guidance_with_safety_first(voice: Voice, lang: Lang, title: str, asked: str) -> None:
    first = turn(voice, Memory(), lang, words="quoi faire" if lang == "fr" else "what should I do?")
    for reply in (
        pressed(voice, first, title, lang),
        turn(voice, first.memory, lang, words=title),
        turn(voice, Memory(flow="safety_quiz", step="food"), lang, words=title),
    ):
        assert (reply.intent, reply.memory.flow) == (Intent.REPORT_HAZARD, "")
        assert asked in reply.answer


def test_another_question_in_the_middle_is_answered_and_the_flow_goes_on(voice: Voice) -> None:
    first = turn(voice, Memory(), words="safety quiz")
    second = pressed(voice, first, "10 metres")
    between = turn(voice, second.memory, words="is the power out in orleans?")
    assert between.intent is Intent.OUTAGE_STATUS
    assert "Orléans" in between.answer
    assert between.answer.endswith(FLOWS["safety_quiz"].steps["car"].ask.en)
    assert [button.title for button in between.buttons] == [button.title for button in second.buttons]
    assert "Right. Inside you are safe." in turn(voice, between.memory, words="stay in, call 911").answer


def test_a_question_that_asks_back_comes_before_the_flow_which_is_not_forgotten(voice: Voice) -> None:
    quiz = turn(voice, Memory(), words="quiz")
    asked_back = turn(voice, quiz.memory, words="when will my power be back?")
    assert (asked_back.open, asked_back.buttons) == (True, ())
    answered = turn(voice, asked_back.memory, words="orleans")
    assert answered.intent is Intent.OUTAGE_RESTORATION
    assert FLOWS["safety_quiz"].steps["wire"].ask.en in answered.answer


def test_what_is_not_understood_is_asked_again_and_goodbye_leaves(voice: Voice) -> None:
    quiz = turn(voice, Memory(), words="quiz")
    puzzled = turn(voice, quiz.memory, words="purple elephants sing loudly")
    assert puzzled.intent is Intent.UNKNOWN
    assert FLOWS["safety_quiz"].steps["wire"].ask.en in puzzled.answer
    assert turn(voice, puzzled.memory, words="stop").memory == Memory()


def test_where_there_are_no_buttons_the_choices_are_said(voice: Voice) -> None:
    reply = turn(voice, Memory(), platform=Platform.SMS, words="safety quiz")
    assert reply.answer.endswith("Tell me: 2 metres, 10 metres or Any, if it's silent.")
    assert turn(voice, Memory(), platform=Platform.ASK, words="safety quiz").memory.flow == "", "nobody could answer it"


def test_a_choice_may_fill_in_what_an_intent_needs(voice: Voice) -> None:
    reply = turn(voice, Memory(), choice="flow:help_finder/charging/2")
    assert reply.intent is Intent.NEAREST_CENTRE


@pytest.fixture(scope="module")
def unfilled() -> Voice:
    return Voice()


@settings(max_examples=examples(20), deadline=None)
@given(choice=st.one_of(st.text(max_size=40), st.from_regex(r"(flow|intent):\w{0,20}(/\w{0,9}/\d{0,3})?", fullmatch=True)), flow=st.text(max_size=9))
def test_no_payload_and_no_memory_breaks_a_conversation(unfilled: Voice, choice: str, flow: str) -> None:
    reply = turn(unfilled, Memory(flow=flow, step=choice), choice=choice)
    assert reply.answer
    assert unpacked(packed(reply.memory)) == reply.memory


def test_a_button_of_a_flow_that_changed_starts_it_anew_and_one_that_is_gone_is_understood_by_its_title(voice: Voice) -> None:
    assert turn(voice, Memory(), choice="flow:safety_quiz/gone/1").memory.step == "wire"
    assert turn(voice, Memory(), choice="flow:safety_quiz/wire/99").memory.step == "wire"
    assert turn(voice, Memory(), choice="flow:gone", words="how many are out").intent is Intent.OUTAGE_COUNTS


def _broken(**change: Any) -> dict[str, Any]:
    both = {"en": "A text", "fr": "Un texte"}
    leads = [{"title": {"en": "Yes", "fr": "Oui"}, "to": "end"}]
    return {"title": both, "intent": "help", "start": "first", "steps": {"first": {"ask": both, "choices": leads}, "end": {"ask": both}}} | change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start": "nowhere"}, "start: there is no step 'nowhere'"),
        ({"title": {"en": "Only English"}}, "missing required field `fr`"),
        ({"title": {"en": "A", "fr": "!"}}, r"title says nothing \(fr\)"),
        ({"title": {"en": "T" * 21, "fr": "T"}}, r"title has 21 characters, of at most 20 \(en\)"),
        ({"steps": {"first": {"ask": {"en": "A", "fr": "B"}}, "end": {"ask": {"en": "A", "fr": "B"}}}}, "end: no choice leads here"),
        ({"steps": {"first": {"ask": {"en": "A", "fr": "B"}, "choices": [{"title": {"en": "A", "fr": "B"}, "to": "first"}]}}}, "first: leads to no end"),
        ({"steps": {"first": {"ask": {"en": "A", "fr": "B"}, "choices": [{"title": {"en": "A", "fr": "B"}}]}}}, "leads to one of: to, flow, intent"),
        ({"steps": {"first": {"ask": {"en": "A", "fr": "B"}, "choices": [{"title": {"en": "A", "fr": "B"}, "flow": "x"}]}}}, "there is no flow 'x'"),
        ({"steps": {"first": {"ask": {"en": "A", "fr": "B"}, "choices": [{"title": {"en": "A", "fr": "B"}, "intent": "x"}]}}}, "Invalid enum value 'x'"),
        ({"extra": 1}, "unknown field `extra`"),
    ],
)
def test_a_flow_that_can_not_be_used_is_refused_and_says_why(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(_broken(**change)), "utf-8")
    with pytest.raises(FlowError, match=f"mine: .*{told}"):
        library(tmp_path)


def test_all_faults_are_told_at_once_and_a_good_flow_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(_broken()), "utf-8")
    assert isinstance(library(tmp_path)["good"].steps["end"], Step)
    (tmp_path / "bad.yaml").write_text("a: [", "utf-8")
    (tmp_path / "worse-.yaml").write_text("{}", "utf-8")
    library.cache_clear()
    with pytest.raises(FlowError) as error:
        library(tmp_path)
    assert "bad:" in str(error.value)
    assert "worse-:" in str(error.value)
