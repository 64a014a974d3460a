"""Reports of outages and hazards: safety first and always, one report a person, place and kind, and only what is kept is said to be passed on."""

import asyncio
from typing import Any

import pytest

from services.kernel.reports import Kind, Report, said_of
from services.voice.conversation.turn import Memory, Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.voice_service import AREAS, NOW, Voice

NEW = Memory()
EPOCH = NOW.replace(year=2000)


def say(voice: Voice, words: str, memory: Memory = NEW, **more: Any) -> Reply:
    told = {"platform": Platform.SMS, "lang": "en", "asker": "+16135550123", "memory": memory, **more}
    return asyncio.run(voice.conversation.answer(Turn(words=words, **told)))


def kept(voice: Voice) -> list[Report]:
    return list(asyncio.run(voice.reports.newest(EPOCH, 99)))


def test_a_hazard_is_safety_then_where_then_passed_on(voice: Voice) -> None:
    asked = say(voice, "there is a wire down")
    assert asked.answer.startswith("Stay at least 10 metres away")
    assert "911" in asked.answer
    assert asked.answer.index("911") < asked.answer.index("Where is it?")
    assert (asked.outcome, asked.open, kept(voice)) == (Outcome.ASKED_BACK, True, [])
    told = say(voice, "at the corner of Bank and Gladstone by the church, call me at 613-555-0199", asked.memory)
    assert told.intent is Intent.REPORT_HAZARD
    assert told.answer.startswith("Stay at least 10 metres away"), "again: who answers may be another listener"
    assert told.answer.endswith("I've passed it on to our crew desk.")
    (report,) = kept(voice)
    assert (report.kind, report.platform, report.lang, report.at, report.area) == (Kind.HAZARD, "sms", "en", NOW, None)
    assert report.said == "at the corner of Bank and Gladstone by the church, call me at …"
    assert report.asker
    assert "555" not in report.asker


@pytest.mark.parametrize(("words", "lang"), [("a wire is down in Orléans", "en"), ("un fil est tombé à Orléans", "fr")])
def test_whatever_is_away_safety_is_first_and_nothing_is_said_to_be_passed_on(words: str, lang: str) -> None:
    for voice in (Voice(), Voice(reports=False)):
        voice.publish(AREAS)
        voice.reports.down = True
        answer = say(voice, words, lang=lang)
        assert answer.outcome is Outcome.UNABLE
        assert answer.answer.index("911") < answer.answer.index("613-555-0100")
        assert "crew desk" not in answer.answer
        assert "équipes" not in answer.answer


def test_an_outage_needs_a_place_and_said_twice_is_one_report(voice: Voice) -> None:
    asked = say(voice, "I want to report an outage", region="K2G")
    assert (asked.outcome, kept(voice)) == (Outcome.ASKED_BACK, []), "where a telephone number is from is a guess"
    told = say(voice, "Orléans", asked.memory)
    assert (told.intent, told.outcome) == (Intent.REPORT_OUTAGE, Outcome.ANSWERED)
    assert "passed it on to our crew desk" in told.answer
    again = say(voice, "I want to report an outage in Orléans")
    assert "already" in again.answer
    assert [(report.kind, report.area) for report in kept(voice)] == [(Kind.OUTAGE, "orleans")]
    assert say(voice, "I want to report an outage", Memory(place="K2G")).outcome is Outcome.ANSWERED, "the place that they spoke of before"


def test_the_crew_desk_is_not_flooded_by_one_asker(voice: Voice) -> None:
    places = ["Orléans", "K2G", "Trois-Rivières", "North Vancouver", "Vancouver", "Narnia"]
    outcomes = [say(voice, f"I want to report an outage in {place}").outcome for place in places]
    assert outcomes == [Outcome.ANSWERED] * 5 + [Outcome.SHED]
    assert say(voice, "a wire is down in Orléans").outcome is Outcome.ANSWERED


def test_another_question_is_no_answer_to_where(voice: Voice) -> None:
    asked = say(voice, "there is a wire down")
    assert say(voice, "help", asked.memory).intent is Intent.HELP
    assert kept(voice) == []


def test_what_was_said_is_kept_on_one_line_and_short_without_numbers_to_reach_anybody() -> None:
    assert said_of("12 Bank\n\tSt\u202e, K1P 5N2, +1 (613) 555-0199 or a@b.ca", 200) == "12 Bank St, K1P 5N2, … or …"
    assert len(said_of("x" * 5_000, 200)) == 200


@pytest.mark.parametrize("words", ["there is a wire down in K2G", "I want to report that my power is out in K2G"])
def test_an_assistant_reports_nothing_and_hears_what_to_do(voice: Voice, words: str) -> None:
    told = say(voice, words, platform=Platform.MCP)
    assert kept(voice) == []
    assert "passed it on" not in told.answer
    assert ("911" in told.answer) is (told.intent is Intent.REPORT_HAZARD)
