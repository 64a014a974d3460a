"""What a turn means in its conversation."""

import asyncio

import pytest

from services.kernel.messages import Lang
from services.voice.conversation.dialogue import picked
from services.voice.conversation.turn import Memory, Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.voice_service import AREAS, Voice


@pytest.fixture
def voice() -> Voice:
    voice = Voice()
    voice.publish(AREAS)
    return voice


def said(voice: Voice, *lines: str, lang: Lang = "en") -> Reply:
    """The reply to the last of `lines`, said one after the other in one conversation."""
    memory, reply = Memory(), None
    for line in lines:
        reply = asyncio.run(voice.conversation.answer(Turn(platform=Platform.WEB, lang=lang, words=line, memory=memory)))
        memory = reply.memory
    assert reply is not None
    return reply


def test_a_place_answers_the_question_that_waited_for_one(voice: Voice) -> None:
    asked = said(voice, "when will the power be back?")
    assert (asked.outcome, asked.open) == (Outcome.ASKED_BACK, True)
    reply = said(voice, "when will the power be back?", "orleans")
    assert (reply.intent, reply.outcome) == (Intent.OUTAGE_RESTORATION, Outcome.ANSWERED)
    assert "Orléans" in reply.answer


def test_the_next_question_is_about_the_same_place(voice: Voice) -> None:
    assert "North Vancouver" in said(voice, "is the power out in north vancouver", "when will it be back").answer
    assert "North Vancouver" in said(voice, "une panne à north vancouver?", "ça revient quand?", lang="fr").answer


def test_again_says_the_last_answer_again(voice: Voice) -> None:
    first = said(voice, "is the power out in orleans")
    assert said(voice, "is the power out in orleans", "say that again").answer == first.answer
    assert said(voice, "say that again").intent is Intent.REPEAT


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("1", Intent.HELP),
        ("the second one", Intent.AGENT),
        ("la deuxieme", Intent.AGENT),
        ("yes please", Intent.HELP),
        ("3", None),
        ("one two", None),
        ("no", None),
    ],
)
def test_an_offer_is_picked_from_by_number_or_word(words: str, intent: Intent | None) -> None:
    assert picked(words, Memory(offered=(Intent.HELP, Intent.AGENT))) is intent


def test_what_was_offered_is_answered_when_it_is_picked(voice: Voice) -> None:
    unsure = said(voice, "about the outage and my bill")
    assert unsure.outcome is Outcome.UNSURE
    assert unsure.memory.offered == unsure.choices
    for number, choice in enumerate(unsure.choices, 1):
        assert said(voice, "about the outage and my bill", str(number)).intent is choice


def test_nothing_is_remembered_after_goodbye(voice: Voice) -> None:
    assert said(voice, "is the power out in orleans", "goodbye").memory == Memory()
