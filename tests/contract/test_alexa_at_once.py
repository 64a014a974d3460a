"""Most questions are answered in the turn in which they are read (`AlexaSkill.at_once`): verified, limited, counted and worded as on the other way."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response

from services.kit.prompt import Posted, Prompt
from services.voice.api import ALEXA
from tests.alexa_pki import encoded, signed, stamp
from tests.contract.test_alexa import intent, posted, slot
from tests.voice_service import AREAS, NOW, Voice

ORLEANS = intent("OutageStatusIntent", slot("area", "orleans", "Orléans"))


def served() -> Voice:
    voice = Voice(voice_asker_burst=3)
    voice.publish(AREAS)
    return voice


def at_once(voice: Voice, body: bytes, headers: dict[str, str]) -> Response | None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Prompt("voice", {ALEXA: voice.skill.at_once}).answer(Posted(ALEXA, raw, body))


def question(request: dict[str, Any] = ORLEANS, attributes: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
    """`request`, from a device that doesn't tell where it is."""
    made = posted(request, attributes)
    del made["context"]["Geolocation"]
    made["context"].update(context)
    return made


def spoiled(request: dict[str, Any], **changes: Any) -> tuple[bytes, dict[str, str]]:
    body = encoded(request)
    return changes.get("body", body), {**signed(body), **changes.get("headers", {})}


OTHER = question()
OTHER["session"]["application"] = {"applicationId": "amzn1.ask.skill.another"}
FORGED = encoded(question()).replace(b"leans", b"LEANS")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        spoiled(question()),
        spoiled(question(intent("OutageCountsIntent", slot("area", "k2g", "K2G")))),
        spoiled(question(intent("OutageRestorationIntent", slot("area", "narnia")))),
        spoiled(question(intent("OutageCauseIntent"), {"memory": {"last": "outage_status"}, "home": "K2G"})),
        spoiled(question(), headers={"Signature-256": "QUJD"}),
        spoiled(question(), body=FORGED),
        spoiled(question({**ORLEANS, "timestamp": stamp(NOW - timedelta(seconds=151))})),
        spoiled(question({**ORLEANS, "timestamp": stamp(NOW + timedelta(seconds=151))})),
        spoiled(OTHER),
        spoiled({"request": {"type": "IntentRequest"}}),
        spoiled(question(), headers={"SignatureCertChainUrl": "https://s3.amazonaws.com.evil.example/echo.api/x.pem"}),
    ],
)
def test_both_ways_say_the_same(body: bytes, headers: dict[str, str]) -> None:
    voice, other = served(), served()
    voice.alexa(question())  # by now its key is proved
    other.alexa(question())
    mine, theirs = at_once(voice, body, headers), other.post(ALEXA, body, headers=headers)
    assert mine is not None
    assert (mine.status_code, bytes(mine.body)) == (theirs.status_code, theirs.content)
    assert {name.decode() for name, _ in mine.raw_headers} == {*theirs.headers, "x-request-id"}


@pytest.mark.parametrize(
    "asked",
    [
        question(intent("AgentIntent")),
        question(intent("AccountBalanceIntent")),
        question(intent("ReportOutageIntent", slot("area", "orleans", "Orléans"))),
        question(intent("OutageStatusIntent")),
        question(ORLEANS, {"memory": {"last": "report_outage", "waits": "report_hazard"}}),
        question(intent("AMAZON.RepeatIntent"), {"memory": {"last": "report_outage", "place": "K2G"}}),
        question(ORLEANS, None, Geolocation={"coordinate": {"latitudeInDegrees": 45.4, "longitudeInDegrees": -75.5}}),
        question({"type": "LaunchRequest"}),
        question({"type": "AlexaSkillEvent.SkillDisabled"}),
    ],
)
def test_what_may_wait_for_anything_takes_the_other_way_and_has_changed_nothing(asked: dict[str, Any]) -> None:
    voice = served()
    voice.alexa(question())
    body = encoded(asked)
    assert voice.conversation._limited is not None
    shares = voice.conversation._limited._shares.questions
    before = dict(shares._full_at)
    assert at_once(voice, body, signed(body)) is None
    assert shares._full_at == before
    assert voice.post(ALEXA, body, headers=signed(body)).status_code == 200


def test_a_linked_account_takes_the_other_way_too() -> None:
    voice, asked = served(), question()
    voice.alexa(question())
    asked["context"]["System"]["user"]["accessToken"] = "a"
    body = encoded(asked)
    assert at_once(voice, body, signed(body)) is None


def test_a_key_that_is_not_proved_is_never_trusted_and_an_askers_limit_holds_over_both_ways() -> None:
    voice = served()
    body = encoded(question())
    assert at_once(voice, body, signed(body)) is None
    voice.alexa(body)
    told = [at_once(voice, body, signed(body)) for _ in range(3)]
    assert [b"great deal" in bytes(answer.body) for answer in told if answer] == [False, False, True]
    assert b"great deal" in voice.alexa(body).content
    assert at_once(voice, b" " * (voice.settings.voice_body_max_bytes + 1), signed(body)) is None, "the other way says 413"
