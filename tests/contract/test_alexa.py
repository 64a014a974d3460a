"""The Alexa endpoint against requests in the shape that Alexa sends, and responses within what Alexa takes."""

import re
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from services.kernel.views import AreaBrief
from tests.alexa_judge import judge_response
from tests.alexa_pki import SKILL, stamp
from tests.voice_service import AREAS, NOW, Voice

APPLICATION = {"applicationId": SKILL}


def posted(request: dict[str, Any], attributes: dict[str, Any] | None = None, locale: str = "en-CA") -> dict[str, Any]:
    """What Alexa posts around a request."""
    user = {"userId": "amzn1.ask.account.x", "permissions": {"scopes": {"alexa::devices:all:geolocation:read": {"status": "GRANTED"}}}}
    device = {"deviceId": "amzn1.ask.device.x", "persistentEndpointId": "amzn1.alexa.endpoint.x", "supportedInterfaces": {"Geolocation": {}}}
    system = {"application": APPLICATION, "user": user, "device": device, "apiEndpoint": "https://api.amazonalexa.com", "apiAccessToken": "eyJ..."}
    return {
        "version": "1.0",
        "session": {
            "new": attributes is None,
            "sessionId": "amzn1.echo-api.session.x",
            "application": APPLICATION,
            "attributes": attributes or {},
            "user": user,
        },
        "context": {"System": system, "Geolocation": {"timestamp": "2026-11-23T15:59:00Z", "coordinate": {"latitudeInDegrees": 45.42}}},
        "request": {"requestId": "amzn1.echo-api.request.x", "timestamp": stamp(NOW), "locale": locale, **request},
    }


def intent(name: str, slots: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "IntentRequest",
        "dialogState": "STARTED",
        "intent": {"name": name, "confirmationStatus": "NONE", **({"slots": slots} if slots is not None else {})},
    }


def slot(name: str, value: str | None, resolved: str | None = None) -> dict[str, Any]:
    """A slot as it was heard, and as a list of entities resolved it."""
    filled: dict[str, Any] = {"name": name, "confirmationStatus": "NONE", "source": "USER"}
    if value is not None:
        filled |= {"value": value, "slotValue": {"type": "Simple", "value": value}}
        code, values = ("ER_SUCCESS_MATCH", [{"value": {"name": resolved, "id": "x"}}]) if resolved else ("ER_SUCCESS_NO_MATCH", [])
        filled["resolutions"] = {
            "resolutionsPerAuthority": [{"authority": "amzn1.er-authority.echo-sdk.x.COMMUNITY", "status": {"code": code}, "values": values}]
        }
    return {name: filled}


@pytest.fixture
def voice() -> Voice:
    service = Voice()
    service.publish(AREAS)
    return service


def alexa(voice: Voice, body: dict[str, Any]) -> dict[str, Any]:
    response = voice.alexa(body)
    assert response.status_code == 200, response.text
    assert len(response.content) < 24_000
    answer = dict(response.json())
    judge_response(answer)
    return answer


def spoken(answer: dict[str, Any]) -> str:
    """The speech, which must be well-formed SSML."""
    speech = answer["response"]["outputSpeech"]
    assert speech["type"] == "SSML"
    return "".join(ElementTree.fromstring(speech["ssml"]).itertext())  # noqa: S314 - our own words, a few hundred bytes


def test_launch_welcomes_and_waits_for_an_answer(voice: Voice) -> None:
    answer = alexa(voice, posted({"type": "LaunchRequest"}))
    assert spoken(answer).startswith("Hello, this is Example Hydro.")
    assert answer["version"] == "1.0"
    assert answer["response"]["shouldEndSession"] is False
    assert answer["response"]["reprompt"]["outputSpeech"]["ssml"] == "<speak>Which area are you in?</speak>"


def test_launch_in_french_is_french(voice: Voice) -> None:
    assert spoken(alexa(voice, posted({"type": "LaunchRequest"}, locale="fr-CA"))).startswith("Bonjour, ici Hydro Exemple.")


@pytest.mark.parametrize("name", ["area", "city"])
def test_an_area_in_a_slot_is_answered_and_the_session_ends(voice: Voice, name: str) -> None:
    answer = alexa(voice, posted(intent("OutageStatusIntent", slot(name, "orleans"))))
    assert spoken(answer).startswith("There is a power outage in Orléans. It affects fewer than 5 customers.")
    assert answer["response"]["shouldEndSession"] is True
    assert "reprompt" not in answer["response"]


def test_what_our_own_list_resolved_goes_before_what_was_heard(voice: Voice) -> None:
    answer = alexa(voice, posted(intent("OutageStatusIntent", slot("city", "or lay on", "Orléans")), locale="fr-CA"))
    assert spoken(answer).startswith("Il y a une panne dans le secteur Orléans.")


def test_without_an_area_it_asks_and_the_next_area_answers_the_question_asked(voice: Voice) -> None:
    first = alexa(voice, posted(intent("OutageRestorationIntent", slot("city", None))))
    assert spoken(first).startswith("Which area are you in?")
    assert first["response"]["shouldEndSession"] is False
    second = alexa(voice, posted(intent("OutageStatusIntent", slot("city", "Orléans")), first["sessionAttributes"]))
    assert spoken(second) == "Power is expected back in Orléans by 6:04 p.m."


def test_repeat_says_the_last_answer_again(voice: Voice) -> None:
    first = alexa(voice, posted(intent("OutageStatusIntent", slot("city", "Orléans"))))
    assert spoken(alexa(voice, posted(intent("AMAZON.RepeatIntent"), first["sessionAttributes"]))) == spoken(first)
    assert spoken(alexa(voice, posted(intent("AMAZON.RepeatIntent")))).startswith("I have nothing to repeat yet.")


def test_free_words_are_understood_by_us(voice: Voice) -> None:
    assert "911" in spoken(alexa(voice, posted(intent("CatchAllIntent", slot("text", "there is a wire down")))))


@pytest.mark.parametrize("name", ["AMAZON.StopIntent", "AMAZON.CancelIntent"])
def test_stop_ends_the_session(voice: Voice, name: str) -> None:
    answer = alexa(voice, posted(intent(name)))
    assert (spoken(answer), answer["response"]["shouldEndSession"]) == ("Goodbye.", True)


@pytest.mark.parametrize("name", ["AMAZON.HelpIntent", "AMAZON.FallbackIntent", "AMAZON.NavigateHomeIntent", "AnIntentOfTomorrow"])
def test_help_and_what_is_not_understood_leave_the_session_open(voice: Voice, name: str) -> None:
    answer = alexa(voice, posted(intent(name)))
    assert "You can ask whether the power is out" in spoken(answer)
    assert answer["response"]["shouldEndSession"] is False


def test_nothing_is_said_when_a_session_has_ended(voice: Voice) -> None:
    ended = {"type": "SessionEndedRequest", "reason": "ERROR", "error": {"type": "INVALID_RESPONSE", "message": ""}}
    assert alexa(voice, posted(ended)) == {"version": "1.0", "response": {}}


def test_events_without_a_session_are_taken_note_of_and_no_more(voice: Voice) -> None:
    event = posted({"type": "AlexaSkillEvent.SkillEnabled", "body": {}})
    del event["session"]
    assert alexa(voice, event) == {"version": "1.0", "response": {}}


def test_markup_in_a_name_is_read_out_and_not_obeyed() -> None:
    service = Voice()
    service.publish([msgspec.structs.replace(AREAS[1], name='<audio src="x"/> & Sons')])
    answer = alexa(service, posted(intent("OutageStatusIntent", slot("city", "audio src x sons"))))
    assert '<audio src="x"/> & Sons' in spoken(answer)


@pytest.mark.parametrize("heard", ["\u0000\u0008<break/>", "x" * 5_000, "&amp;" * 400, "\ud83d\ude00" * 50])
def test_any_slot_value_gets_a_response_that_alexa_takes(voice: Voice, heard: str) -> None:
    answer = alexa(voice, posted(intent("OutageStatusIntent", slot("city", heard.encode("utf-16", "surrogatepass").decode("utf-16")))))
    assert len(spoken(answer)) < 8_000


@pytest.mark.parametrize("attributes", [{"intent": "rate_now"}, {"intent": 5, "place": []}, {"waits": {}}, {"intent": "outage_status", "place": {"a": 1}}])
def test_session_attributes_of_another_version_do_no_harm(voice: Voice, attributes: dict[str, Any]) -> None:
    for name in ("AMAZON.RepeatIntent", "OutageStatusIntent"):
        assert spoken(alexa(voice, posted(intent(name, slot("city", "Orléans")), attributes)))


def test_the_metric_of_turns_knows_platform_language_intent_and_no_words(voice: Voice) -> None:
    alexa(voice, posted(intent("OutageCauseIntent", slot("city", "Orléans"))))
    page = voice.get("/metrics").text
    assert re.search(r'surgecast_turns_total\{intent="outage_cause",lang="en",outcome="answered",platform="alexa"\} [1-9]', page)
    assert "Orl" not in page


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"{}", 422), ({"request": {}}, 422), ({"request": {"type": "IntentRequest", "intent": {}}}, 422)])
def test_what_is_no_alexa_request_is_refused_with_the_field(voice: Voice, body: Any, status: int) -> None:
    response = voice.alexa(body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_every_answer_fits_in_alexas_limits() -> None:
    service = Voice()
    service.publish([AreaBrief(area.area, (area.name + " ") * 30, area.outages, area.customers, unestimated=area.outages) for area in AREAS])
    for area in AREAS:
        for name in ("OutageStatusIntent", "OutageRestorationIntent", "OutageCauseIntent", "OutageCountsIntent"):
            alexa(service, posted(intent(name, slot("city", area.area))))
