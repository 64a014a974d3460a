"""`POST /voice/v1/ask`, as its contract has it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive

from services.kernel.ids import SourceName
from services.kernel.sources import Source
from services.kit.http import Problem
from services.voice import bodies
from services.voice.conversation.outages import ECHO_MAX
from services.voice.linking.addresses import ADDRESSES
from tests.voice_service import AREAS, NOW, Voice

SAID = {"text": "is my power out", "locale": "en-CA"}


def test_the_answer_has_the_fields_of_the_contract_and_no_others(voice: Voice) -> None:
    answer = voice.ask("is the power out in k2g?")
    assert answer == {
        "answer": "There are 3 power outages in K2G. Together they affect 1,250 customers. "
        "Where there is an estimate, power is expected back by 7:04 p.m.; other parts are still waiting for one.",
        "intent": "outage_status",
        "confidence": 1.0,
        "choices": [],
        "position": "5-1",
        "as_of": "2018-09-21T21:04:00Z",
    }


def test_the_same_question_in_french_has_the_same_facts(voice: Voice) -> None:
    assert voice.ask("y a-t-il une panne à K2G?", "fr-CA")["answer"] == (
        "Il y a 3 pannes dans le secteur K2G. En tout, 1 250 clients sont touchés. "
        "Là où l'heure est connue, le retour du courant est prévu d'ici 19 h 04; ailleurs, on l'attend encore."
    )


@pytest.mark.parametrize("place", ["K2G", "k2g 1a1", "K2G1A1", "k 2 g"])
def test_a_postal_code_finds_its_area(voice: Voice, place: str) -> None:
    assert "K2G" in voice.ask("is my power out", place=place)["answer"]
    assert "K2G" in voice.ask(f"is my power out at {place}")["answer"]


@pytest.mark.parametrize("name", ["Orléans", "orleans", "ORLEANS", "Orleens"])
def test_a_name_is_found_whatever_its_accents_case_or_slip(voice: Voice, name: str) -> None:
    assert "fewer than 5 customers" in voice.ask(f"How many customers are out in {name}?")["answer"]


def test_the_longest_name_is_meant(voice: Voice) -> None:
    assert "North Vancouver" in voice.ask("why is the power out in north vancouver")["answer"]


def test_the_place_in_the_words_goes_before_the_place_of_the_asker(voice: Voice) -> None:
    assert "Orléans" in voice.ask("is the power out in Orléans", place="K2G")["answer"]


def test_it_asks_for_the_area_when_the_question_needs_one(voice: Voice) -> None:
    assert voice.ask("when will the power be back?")["answer"].startswith("Which area are you in?")
    assert voice.ask("quand le courant va revenir?", "fr-CA")["answer"].startswith("Vous êtes dans quel secteur?")


def test_a_question_about_everywhere_needs_no_area(voice: Voice) -> None:
    assert voice.ask("how many customers are out?")["answer"].startswith("There are 8 outages")
    assert voice.ask("how many customers are out in total?", place="K2G")["answer"].startswith("There are 8 outages")
    assert voice.ask("how many customers are out?", place="K2G")["answer"].startswith("In K2G, 3 outages")


def test_an_unknown_place_is_never_told_that_it_has_no_outage(voice: Voice) -> None:
    for answer in (voice.ask("is my power out", place="Narnia"), voice.ask("is the power out in Narnia")):
        assert answer["answer"].startswith("I have no outage on record under the name Narnia. The area may go by another name")


def test_a_known_place_without_outages_is_told_so_by_name(voice: Voice) -> None:
    assert "aucune panne dans le secteur Trois-Rivières" in voice.ask("y a-t-il une panne à trois-rivieres", "fr-CA")["answer"]


def test_outages_without_a_place_are_not_an_area_to_ask_for(voice: Voice) -> None:
    assert "unplaced" not in voice.ask("is the power out in unplaced")["answer"]


def test_a_place_alone_is_a_question(voice: Voice) -> None:
    assert voice.ask("Vancouver")["intent"] == "outage_status"


@pytest.mark.parametrize(("text", "locale", "number"), [("there is a wire down in Orléans", "en-CA", "911"), ("un fil est tombé dans ma rue", "fr-CA", "911")])
def test_safety_comes_first_even_when_nothing_is_known(empty: Voice, text: str, locale: str, number: str) -> None:
    answer = empty.ask(text, locale)
    assert answer["intent"] == "report_hazard"
    assert "10 m" in answer["answer"]
    assert number in answer["answer"]


def test_what_is_not_surely_understood_is_asked_back(voice: Voice) -> None:
    answer = voice.ask("about the outage and my bill")
    assert answer["intent"] == "unknown"
    assert 1 <= len(answer["choices"]) <= 3
    assert answer["confidence"] < voice.settings.voice_confident


def test_what_is_none_of_ours_is_not_guessed_at(voice: Voice) -> None:
    answer = voice.ask("sing me a song")
    assert (answer["intent"], answer["choices"], answer["confidence"]) == ("unknown", [], 0.0)


def test_an_old_answer_says_that_it_is_old(voice: Voice) -> None:
    voice.clock.moment = NOW + timedelta(minutes=3)
    assert voice.ask("is the power out in Orléans")["answer"].startswith("As of 5:04 p.m., the latest we have: There is a power outage in Orléans.")
    assert voice.ask("une panne à Orléans?", "fr-CA")["answer"].startswith("Sans mise à jour depuis 17 h 04, voici nos dernières nouvelles : Il y a")


def test_an_estimate_passes_while_nothing_is_heard(voice: Voice) -> None:
    voice.clock.moment = NOW + timedelta(hours=2)
    assert "Power was expected back at 6:04 p.m.; that time has passed" in voice.ask("is the power out in Orléans")["answer"]


def test_a_service_that_knows_nothing_says_so_and_is_not_ready(empty: Voice) -> None:
    answer = empty.ask("is the power out in K2G")
    assert answer["answer"].startswith("I can't see the outage information just now.")
    assert (answer["position"], answer["as_of"]) == ("0-0", None)
    assert empty.get("/readyz").status_code == 503
    assert "mirror" in empty.get("/readyz").json()["reasons"]


def test_a_service_that_knows_something_is_ready(voice: Voice) -> None:
    assert voice.get("/readyz").status_code == 200


def test_where_no_outage_has_a_place_the_whole_is_told() -> None:
    voice = Voice()
    voice.publish([AREAS[-1]])
    assert voice.ask("is my power out?")["answer"].startswith("There are 8 outages")


def test_renamed_areas_are_found_by_their_new_name(voice: Voice) -> None:
    import msgspec

    voice.publish([msgspec.structs.replace(AREAS[1], name="Cumberland")], "6-1")
    assert "Cumberland" in voice.ask("is the power out in cumberland")["answer"]


@pytest.mark.parametrize(
    ("body", "status", "field", "hint"),
    [
        (b"{", 400, None, "Send one JSON object"),
        (b"\xff\xfe", 400, None, "UTF-8"),
        ([SAID], 422, "", "Expected `object`"),
        ({"locale": "en-CA"}, 422, "text", "missing required field `text`"),
        ({"text": "x"}, 422, "locale", "`locale`"),
        ({**SAID, "text": 5}, 422, "text", "Expected `str`"),
        ({**SAID, "text": "  "}, 422, "text", "send the question in words"),
        ({**SAID, "text": "x" * 501}, 422, "text", "at most 500"),
        ({**SAID, "place": "x" * 501}, 422, "place", "at most 500"),
        ({**SAID, "place": 7}, 422, "place", "Expected"),
        ({**SAID, "locale": "de-DE"}, 422, "locale", "en-CA, fr-CA"),
        (b" " * 70_000, 413, None, "at most 65536 bytes"),
    ],
)
def test_bad_input_is_a_problem_that_names_the_field(voice: Voice, body: Any, status: int, field: str | None, hint: str) -> None:
    response = voice.post("/voice/v1/ask", body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert hint in problem["detail"]
    assert problem.get("field") == field


def test_fields_of_newer_askers_are_passed_over(voice: Voice) -> None:
    assert voice.ask("is the power out in K2G", session="x")["intent"] == "outage_status"


def test_only_post_asks(voice: Voice) -> None:
    assert voice.get("/voice/v1/ask").status_code == 405


@pytest.mark.parametrize("text", ["\u0000\u202e", "😀" * 100, "K2G " * 100, "in in in", "'\"<>&", "İ" * 50, "a" * 500, "?!?"])
def test_any_words_get_an_answer(voice: Voice, text: str) -> None:
    assert voice.ask(text, "fr-CA")["answer"]


def test_a_method_that_is_not_taken_is_told_those_that_are(voice: Voice) -> None:
    assert voice.get("/voice/v1/ask").headers["allow"] == "POST"


def test_an_unknown_place_is_said_back_short_and_without_characters_that_steer_a_terminal_or_turn_text(voice: Voice) -> None:
    answer = voice.ask("is my power out", place="Nar\u202enia\x1b[2J\u2066" + "x" * 400)["answer"]
    assert not {"\u202e", "\x1b", "\u2066"} & set(answer)
    assert "Narnia [2Jxxx" in answer
    assert "x" * ECHO_MAX not in answer


def asked_with(receive: Receive) -> tuple[int, Any]:
    """The status and problem that a request comes to whose body is received so."""

    async def ask() -> None:
        await bodies.read(Request({"type": "http", "method": "POST", "headers": []}, receive), 100, 0.01)

    with pytest.raises(Problem) as told:
        asyncio.run(ask())
    return told.value.body["status"], told.value.body["type"]


def begun(*then: Message) -> Receive:
    """The first piece of a body, and what comes then: nothing more, if not told."""
    pieces = iter(({"type": "http.request", "body": b"{", "more_body": True}, *then))

    async def receive() -> Message:
        if (piece := next(pieces, None)) is None:
            await asyncio.Event().wait()
        return piece or {}

    return receive


def test_a_body_that_does_not_come_is_given_up() -> None:
    assert asked_with(begun()) == (408, "urn:surgecast:problem:slow")


def test_an_asker_who_leaves_is_no_error_of_ours() -> None:
    assert asked_with(begun({"type": "http.disconnect"})) == (400, "urn:surgecast:problem:cut-off")


def test_a_body_that_grows_too_large_is_refused_as_it_comes() -> None:
    more = {"type": "http.request", "body": b"x" * 60, "more_body": True}
    assert asked_with(begun(more, more)) == (413, "urn:surgecast:problem:too-large")


def test_answers_say_that_a_source_is_silent_from_the_moment_on_that_it_is(voice: Voice) -> None:
    sources = [Source(SourceName("hydro"), NOW, NOW + timedelta(seconds=60))]
    voice.publish(AREAS, "5-2", sources)
    for text, locale, said in (
        ("how many are out in vancouver", "en-CA", " Information from hydro has not been updated since 5:04 p.m."),
        ("combien de clients sont en panne", "fr-CA", " Aucune mise à jour reçue depuis 17 h 04 pour hydro."),
    ):
        voice.clock.moment = NOW + timedelta(seconds=59)
        before = voice.ask(text, locale)["answer"]
        voice.clock.moment = NOW + timedelta(seconds=60)  # and nothing was published since
        assert voice.ask(text, locale)["answer"] == before + said
    assert "hydro" not in voice.ask("help")["answer"]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_where_no_accounts_are_linked_the_addresses_for_it_say_so(voice: Voice, method: str, path: str) -> None:
    answer = voice._send(method, path)
    assert (answer.status_code, answer.json()["setting"]) == (404, "SURGECAST_LINKING_URL")
    other = voice._send("TRACE", path)
    assert (other.status_code, method in other.headers["Allow"]) == (405, True)
