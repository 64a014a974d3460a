"""What is old is said to be, by every intent that tells of outages and on every platform; and an empty mirror never says that there are none."""

import asyncio
import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.messages import LANGS, Lang
from services.kernel.views import Shown
from services.voice.conversation.turn import Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.contract.test_alexa import intent, posted, slot
from tests.contract.test_dialogflow import Stage
from tests.contract.test_twilio import Call, Line
from tests.examples import examples
from tests.simulators.issuer import issuer
from tests.voice_service import AREAS, Voice

AGE = {"en": "As of 5:04 p.m., the latest we have: ", "fr": "Sans mise à jour depuis 17 h 04, voici nos dernières nouvelles : "}
TELLING = (Intent.OUTAGE_STATUS, Intent.OUTAGE_RESTORATION, Intent.OUTAGE_CAUSE, Intent.OUTAGE_COUNTS, Intent.PLANNED_WORK)
PLACES = ("Orléans", "Trois-Rivières", "K2G", "")
NONE = ("no outage", "no planned work", "aucune panne", "aucuns travaux", "aucun travail")


@pytest.fixture(scope="module")
def voice() -> Voice:
    service = Voice()
    service.publish(AREAS)
    return service


def answer(voice: Voice, platform: Platform, lang: Lang, asked: Intent, place: str) -> Reply:
    return asyncio.run(voice.conversation.answer(Turn(platform=platform, lang=lang, intent=asked, place=place)))


@settings(max_examples=examples(25), deadline=None)
@given(
    platform=st.sampled_from(list(Platform)),
    lang=st.sampled_from(LANGS),
    asked=st.sampled_from(TELLING),
    place=st.sampled_from(PLACES),
    age_s=st.integers(0, 23 * 3600),
)
def test_an_answer_that_tells_of_outages_says_its_age_from_the_limit_on(
    voice: Voice, platform: Platform, lang: Lang, asked: Intent, place: str, age_s: int
) -> None:
    since = voice.mirror.shown.stamp.as_of
    assert since is not None
    voice.clock.moment = since + timedelta(seconds=age_s)
    reply = answer(voice, platform, lang, asked, place)
    if reply.outcome is Outcome.ANSWERED:
        said = re.match(r"(As of|Sans mise à jour depuis) [^:]*(:\d\d [^:]*)?: ?", reply.answer.replace(" :", ":"))
        assert (said is not None) == (age_s > voice.settings.stale_after_s), reply.answer
    else:
        assert (reply.outcome, place) == (Outcome.ASKED_BACK, "")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("asked", list(Intent))
def test_an_empty_mirror_never_says_that_there_are_none(lang: Lang, asked: Intent) -> None:
    empty = Voice()
    assert empty.mirror.shown == Shown()
    for place in PLACES:
        reply = answer(empty, Platform.SMS, lang, asked, place)
        assert not any(none in reply.answer for none in NONE), reply.answer


def _alexa(lang: Lang) -> str:
    service = Voice()
    service.publish(AREAS)
    service.clock.moment += timedelta(minutes=3)
    request = posted(intent("OutageStatusIntent", slot("area", "orléans", "Orléans")), locale=f"{lang}-CA")
    request["request"]["timestamp"] = service.clock.moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    answered = service.alexa(request).json()
    assert AGE[lang] in answered["response"]["card"]["content"]
    return str(answered["response"]["outputSpeech"]["ssml"])


def _ask(lang: Lang) -> str:
    service = Voice()
    service.publish(AREAS)
    service.clock.moment += timedelta(minutes=3)
    return str(service.ask("Orléans?", f"{lang}-CA")["answer"])


def _chat(lang: Lang) -> str:
    service = Voice()
    service.publish(AREAS)
    service.clock.moment += timedelta(minutes=3)
    return str(service.post("/voice/v1/chat", {"text": "Orléans?", "locale": f"{lang}-CA"}).json()["answer"])


def _text(lang: Lang) -> str:
    line = Line()
    line.voice.clock.moment += timedelta(minutes=3)
    return " ".join(line.text({"en": "is the power out in Orléans", "fr": "y a-t-il une panne à Orléans"}[lang]))


def _call(lang: Lang) -> str:
    line = Line()
    line.voice.clock.moment += timedelta(minutes=3)
    call = Call(line)
    call.press({"en": "1", "fr": "2"}[lang])
    return call.say("Orléans")


def _dialogflow(lang: Lang) -> str:
    with issuer() as idp:
        stage = Stage(idp)
        stage.voice.clock.moment += timedelta(minutes=3)
        return str(stage.cx(text="Orléans", languageCode=lang)["fulfillmentResponse"]["messages"][0]["text"]["text"][0])


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("platform", [_alexa, _ask, _chat, _text, _call, _dialogflow])
def test_three_minutes_without_redis_the_age_is_in_the_words_of_each_platform(platform: Callable[[Lang], str], lang: Lang) -> None:
    told = re.sub("<[^>]*>", "", html.unescape(platform(lang)))
    assert told.replace("\n", " ").startswith(AGE[lang]), told
