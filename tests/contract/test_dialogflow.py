"""Dialogflow's webhooks, CX and ES: who calls is proven by real tokens of a simulated issuer, what is said goes through the one conversation."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from defusedxml import ElementTree as ET

from services.kernel.messages import LANGS, Lang
from services.kit.settings import Settings
from services.voice.main import doors
from services.voice.understanding.question import Intent, Understood, Words
from tests.simulators.issuer import Fault, SimulatedIssuer, forged, issuer
from tests.voice_service import AREAS, Voice

PATH = "/voice/v1/dialogflow"
AUDIENCE = "https://outages.example.ca/voice/v1/dialogflow"
CALLER = "service-42@gcp-sa-dialogflow.iam.gserviceaccount.com"
SESSION = "projects/p/locations/northamerica-northeast1/agents/a/sessions/s1"
ES_SESSION = "projects/p/agent/sessions/s1"


class Stage:
    """A voice service that trusts a simulated Google, and an agent that posts to it."""

    def __init__(self, idp: SimulatedIssuer, **settings: Any) -> None:
        told = {"dialogflow_audience": AUDIENCE, "dialogflow_callers": (CALLER,), "dialogflow_issuer": idp.url, "dialogflow_jwks_url": f"{idp.url}/jwks"}
        self.idp, self.voice, self.turns = idp, Voice(**{**told, **settings}), 0
        self.voice.publish(AREAS)

    def token(self, **claims: Any) -> str:
        return self.idp.token(**{"aud": AUDIENCE, "email": CALLER, "email_verified": True, **claims})

    def post(self, body: Any, token: str | None = None) -> httpx.Response:
        return self.voice.post(PATH, body, headers={"Authorization": f"Bearer {self.token() if token is None else token}"})

    def cx(self, **asked: Any) -> dict[str, Any]:
        self.turns += 1
        base = {"detectIntentResponseId": f"r{self.turns}", "languageCode": "en", "sessionInfo": {"session": SESSION}, "somethingNew": {"x": [1]}}
        answer = self.post({**base, **asked})
        assert answer.status_code == 200, answer.text
        assert len(answer.content) < 64 * 1024
        return dict(answer.json())

    def es(self, query: dict[str, Any], **more: Any) -> dict[str, Any]:
        self.turns += 1
        answer = self.post({"responseId": f"r{self.turns}", "session": ES_SESSION, "queryResult": {"languageCode": "en", **query}, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def refused(self, token: str, status: int = 403) -> str:
        answer = self.post({"sessionInfo": {"session": SESSION}, "text": "is the power out"}, token)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
        return str(answer.json()["detail"])


@pytest.fixture
def stage() -> Iterator[Stage]:
    with issuer() as idp:
        yield Stage(idp)


@pytest.fixture(scope="module")
def shared() -> Iterator[Stage]:
    """For tests that change nothing of it: its keys take a while to make."""
    with issuer() as idp:
        yield Stage(idp)


def text(answer: dict[str, Any]) -> str:
    messages = answer["fulfillmentResponse"]["messages"]
    (told,) = (message["text"]["text"] for message in messages if "text" in message)
    (ssml,) = (message["outputAudioText"]["ssml"] for message in messages if "outputAudioText" in message)
    (one,) = told
    assert "".join(ET.fromstring(ssml).itertext()) == one, "it says aloud what it shows"
    return str(one)


def payloads(answer: dict[str, Any], kind: str) -> list[Any]:
    return [message[kind] for message in answer["fulfillmentResponse"]["messages"] if kind in message]


def test_cx_an_intent_goes_by_its_tag_its_name_or_an_event_and_words_are_ours_to_understand(shared: Stage) -> None:
    orleans = {"place": {"originalValue": "orléans", "resolvedValue": "Orléans"}}
    by_tag = shared.cx(fulfillmentInfo={"tag": "outage_status"}, intentInfo={"displayName": "whatever", "parameters": orleans}, languageCode="fr-ca")
    assert "Orléans" in text(by_tag)
    assert "panne" in text(by_tag)
    for name in ("outage.status", "Outage Status", "OutageStatusIntent"):
        assert "outage in Orléans" in text(shared.cx(intentInfo={"displayName": name, "parameters": orleans}))
    assert "Which area" in text(shared.cx(triggerEvent="welcome"))
    for field in ("text", "transcript"):
        assert "in K2G" in text(shared.cx(**{field: "is the power out in K2G"}))
        assert "in K2G" in text(shared.cx(**{field: "is the power out in K2G"}, intentInfo={"displayName": "Default Negative Intent"}))
    assert "in K2G" in text(shared.cx(transcript="is the power out in k two g"))
    location = {"location": {"resolvedValue": {"city": "Orléans", "country": "Canada"}}}
    assert "Orléans" in text(shared.cx(fulfillmentInfo={"tag": "restoration"}, intentInfo={"parameters": location}))
    kept = {"session": SESSION, "parameters": {"ville": "Orléans", "n": 7}}
    assert "Orléans" in text(shared.cx(fulfillmentInfo={"tag": "restoration"}, sessionInfo=kept))
    assert "Orléans" in text(shared.cx(text="when will the power be back", sessionInfo=kept))


def test_cx_the_session_carries_the_memory_and_an_empty_one_is_removed(shared: Stage) -> None:
    asked = shared.cx(fulfillmentInfo={"tag": "outage_restoration"})
    assert "Which area" in text(asked)
    session = {"session": SESSION, **asked["sessionInfo"]}
    answered = shared.cx(text="K2G", sessionInfo=session)
    assert "back" in text(answered)
    assert "K2G" in text(answered)
    also = shared.cx(fulfillmentInfo={"tag": "outage_cause"}, sessionInfo={"session": SESSION, **answered["sessionInfo"]})
    assert "weather" in text(also), "'and why?' is about the same place"
    ended = shared.cx(fulfillmentInfo={"tag": "stop"}, sessionInfo={"session": SESSION, **also["sessionInfo"]})
    assert ended["sessionInfo"]["parameters"] == {"surgecast": None}


@pytest.mark.parametrize("memory", [7, "x", {"last": "drop table"}, {"place": 7}, {"offered": ["agent"] * 500}, {"place": "<&" * 9_000}])
def test_a_memory_that_was_made_into_something_else_does_no_harm(shared: Stage, memory: Any) -> None:
    assert text(shared.cx(fulfillmentInfo={"tag": "help"}, sessionInfo={"session": SESSION, "parameters": {"surgecast": memory}})).startswith("You can ask")


class Unsure:
    """Understands nothing surely."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def understand(self, words: str, lang: Lang) -> Understood:
        return Understood(Intent.UNKNOWN, 0.4, (Intent.RATE_NOW, Intent.AGENT))

    def tells_danger(self, words: str, lang: Lang) -> bool:
        return False


def test_choices_are_buttons_and_pressing_one_picks_it(stage: Stage) -> None:
    stage.voice.conversation._understanding = Unsure(stage.voice.conversation._understanding.words)
    unsure = stage.cx(text="bla", languageCode="fr-CA")
    assert payloads(unsure, "payload") == [{"richContent": [[{"type": "chips", "options": [{"text": "Tarif en ce moment?"}, {"text": "Parler à quelqu'un"}]}]]}]
    assert unsure["sessionInfo"]["parameters"]["surgecast"]["offered"] == ["rate_now", "agent"]
    quick = stage.es({"queryText": "bla"})
    assert quick["fulfillmentMessages"][1]["quickReplies"]["quickReplies"] == ["Is power cheap now?", "Talk to a person"]
    assert all(len(stage.voice.conversation.line("chip", lang, intent=intent)) <= 20 for lang in LANGS for intent in Intent)


def test_whoever_wants_a_person_is_handed_over(shared: Stage) -> None:
    assert payloads(shared.cx(fulfillmentInfo={"tag": "agent"}), "liveAgentHandoff") == [{"metadata": {"reason": "asked", "intent": "agent"}}]
    called = shared.cx(fulfillmentInfo={"tag": "agent"}, payload={"telephony": {"caller_id": "+16135550111"}})
    assert payloads(called, "telephonyTransferCall") == [{"phoneNumber": "+16135550100"}]


def test_es_answers_in_its_own_shape(shared: Stage) -> None:
    answer = shared.es({"intent": {"displayName": "outage.restoration"}, "queryText": "when", "parameters": {"area": ""}})
    assert "Which area" in answer["fulfillmentText"]
    assert answer["fulfillmentMessages"][0] == {"text": {"text": [answer["fulfillmentText"]]}}
    (context,) = answer["outputContexts"]
    assert context["name"] == f"{ES_SESSION}/contexts/surgecast"
    assert context["lifespanCount"] > 0
    next_one = shared.es({"queryText": "Orléans", "intent": {"displayName": "Default Fallback Intent"}, "outputContexts": [context], "languageCode": "fr"})
    assert "Orléans" in next_one["fulfillmentText"]
    assert "courant" in next_one["fulfillmentText"]
    ended = shared.es({"queryText": "bye", "action": "stop", "outputContexts": next_one["outputContexts"]})
    assert ended["outputContexts"] == [{"name": f"{ES_SESSION}/contexts/surgecast", "lifespanCount": 0}]
    assert "Which area" in shared.es({"action": "input.welcome"})["fulfillmentText"]
    assert all(value not in (None, [], {}, "") for value in ended.values())


def test_the_agent_s_own_names_are_a_table_and_a_wrong_one_is_refused_at_the_start() -> None:
    with issuer() as idp:
        stage = Stage(idp, dialogflow_intents={"Panne.Etat": "outage_status"})
        assert "K2G" in text(stage.cx(intentInfo={"displayName": "panne etat", "parameters": {"place": {"resolvedValue": "K2G"}}}))
    with pytest.raises(ValueError, match="DIALOGFLOW_INTENTS names what is no intent: outage_state"):
        doors(stage.voice.conversation, stage.voice.mirror, Settings(_env_file=None, dialogflow_intents={"x": "outage_state"}), stage.voice.clock)


def test_a_request_that_comes_again_gets_the_same_answer_and_much_later_none(stage: Stage) -> None:
    body = {"detectIntentResponseId": "same", "languageCode": "en", "sessionInfo": {"session": SESSION}, "text": "is the power out in K2G"}
    first = stage.post(body).json()
    stage.voice.publish([AREAS[2]], position="6-1")
    stage.voice.clock.moment += timedelta(seconds=20)
    assert stage.post(body).json() == first
    assert stage.post({**body, "detectIntentResponseId": "another"}).json() != first
    assert stage.post({**body, "fulfillmentInfo": {"tag": "help"}}).json() != first, "one answer of CX may call several webhooks"
    stage.voice.clock.moment += timedelta(seconds=60)
    answer = stage.post(body)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:surgecast:problem:not-verified")


def test_retries_that_come_together_are_answered_once(stage: Stage) -> None:
    body = {"detectIntentResponseId": "t", "languageCode": "en", "sessionInfo": {"session": SESSION}, "text": "is the power out in K2G"}

    async def both() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(stage.voice.app), base_url="http://voice") as client:
            return await asyncio.gather(*(client.post(PATH, json=body, headers={"Authorization": f"Bearer {stage.token()}"}) for _ in range(5)))

    assert {answer.text for answer in asyncio.run(both())} == {stage.post(body).text}


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": 1_000}, "has expired"),
        ({"aud": "https://elsewhere.example"}, "aud: this token is not for"),
        ({"iss": "https://accounts.example"}, "iss: this token is not of"),
        ({"email": "service-43@gcp-sa-dialogflow.iam.gserviceaccount.com"}, "somebody else"),
        ({"email": [CALLER]}, "email: "),
        ({"email_verified": False}, "email: "),
        ({"email_verified": "true"}, "email: "),
        ({"without": "email"}, "email: "),
        ({"without": "exp"}, "exp: "),
    ],
)
def test_a_token_that_is_not_the_agent_s_is_refused_and_told_why(shared: Stage, claims: dict[str, Any], said: str) -> None:
    assert said in shared.refused(shared.token(**claims))


def test_forged_tokens_are_refused(stage: Stage) -> None:
    good = stage.token()
    claims, (head, body, signature) = jwt.decode(good, options={"verify_signature": False}), good.split(".")
    hmac = jwt.api_jws.PyJWS()
    hmac._algorithms["HS256"].prepare_key = lambda key: key  # type: ignore[method-assign] # it would not use a public key as a secret
    other = SimulatedIssuer(stage.idp.url)
    for token in [
        "",
        "a.b.c",
        forged(claims, {"alg": "none", "kid": "rsa-1"}),
        forged(claims, {"alg": "none", "kid": "rsa-1"}, b"x"),
        hmac.encode(json.dumps(claims).encode(), stage.idp.public_pem(), "HS256", {"kid": "rsa-1"}),
        other.token(aud=AUDIENCE, email=CALLER, email_verified=True),
        f"{head}.{forged({**claims, 'exp': claims['exp'] + 9_000}, {}).split('.')[1]}.{signature}",
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
    ]:
        stage.refused(token, 403 if token else 401)
    stage.idp.rotate("es-1", "ES256", keep=True)
    stage.voice.clock.moment += timedelta(seconds=11)
    assert "algorithm" in stage.refused(stage.token())
    assert stage.post({"sessionInfo": {"session": SESSION}, "text": "help"}, good).status_code == 200


def test_keys_rotate_and_an_issuer_that_is_down_is_no_reason_to_answer_unverified(stage: Stage) -> None:
    old = stage.token()
    stage.cx(text="help")
    stage.idp.rotate("rsa-2", "RS256")
    stage.voice.clock.moment += timedelta(seconds=31)
    stage.cx(text="help")
    assert "does not publish" in stage.refused(old)
    with issuer() as idp:
        fresh = Stage(idp)
        idp.fault = Fault.DOWN
        fresh.refused(fresh.token(), 503)


@pytest.mark.parametrize(("settings", "missing"), [({"dialogflow_audience": ""}, "AUDIENCE"), ({"dialogflow_callers": ()}, "CALLERS")])
def test_what_is_not_set_up_is_not_served(settings: dict[str, Any], missing: str) -> None:
    with issuer() as idp:
        stage = Stage(idp, **settings)
        assert f"SURGECAST_DIALOGFLOW_{missing}" in stage.refused(stage.token(), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        ([], 422),
        ({}, 422),
        ({"sessionInfo": {"session": 7}}, 422),
        ({"queryResult": {"outputContexts": {}}}, 422),
        ({"sessionInfo": {"parameters": [1]}}, 422),
        ({"sessionInfo": {}, "text": "x" * 70_000}, 413),
        (b'{"sessionInfo": {"parameters": {"a": ' + b"[" * 60_000, 400),
    ],
)
def test_bodies_that_do_not_do_get_a_problem(shared: Stage, body: Any, status: int) -> None:
    answer = shared.post(body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    assert shared.voice.post(PATH, body).status_code == 401, "nothing is looked at before the caller is known"


HOSTILE: list[Callable[[str], dict[str, Any]]] = [
    lambda said: {"text": f"is the power out in {said}"},
    lambda said: {"fulfillmentInfo": {"tag": "outage_status"}, "intentInfo": {"parameters": {"place": {"resolvedValue": said}}}},
]


@pytest.mark.parametrize("asked", HOSTILE)
@pytest.mark.parametrize("said", ["</speak><audio src='https://evil.example/x.mp3'/>", "a & b < c", "\x00\x08narnia\ud7ff", "]]><break time='10s'/>"])
def test_what_is_said_back_can_not_become_markup(shared: Stage, asked: Callable[[str], dict[str, Any]], said: str) -> None:
    answer = shared.cx(**asked(said))
    (ssml,) = (message["ssml"] for message in payloads(answer, "outputAudioText"))
    assert [element.tag for element in ET.fromstring(ssml).iter()] == ["speak"]
