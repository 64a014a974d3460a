"""What surrounds an answer on Alexa: cards, what to listen for next, where the asker lives, linked accounts, words meanwhile, and events that nobody spoke."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.views import AreaBrief
from services.kit import metrics
from services.voice.conversation.answerer import Asked
from services.voice.conversation.turn import Memory, Outcome, Reply, Said
from services.voice.platforms.alexa.replies import Replies
from services.voice.platforms.alexa.response import Kept, encoded
from services.voice.platforms.alexa.turns import INTENTS
from services.voice.platforms.alexa.whereabouts import half
from services.voice.understanding.question import Intent
from tests.alexa_judge import judge_response
from tests.alexa_pki import stamp
from tests.contract.test_alexa import alexa, intent, posted, slot, spoken
from tests.examples import examples
from tests.voice_service import AREAS, NOW, Voice

DEVICE = "amzn1.ask.device.x"


@pytest.fixture
def voice() -> Voice:
    service = Voice()
    service.publish(AREAS)
    return service


def again(voice: Voice, answer: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """The next request of the same session."""
    return alexa(voice, posted(request, answer["sessionAttributes"]))


class TestWhereTheAskerLives:
    def test_is_asked_once_where_the_answer_hangs_on_it_and_only_the_first_half_is_remembered(self, voice: Voice) -> None:
        voice.alexa_api.addresses[DEVICE] = "K2G 1V8"
        first = alexa(voice, posted(intent("OutageStatusIntent")))
        assert spoken(first).startswith("There are 3 power outages in K2G.")
        assert "1V8" not in str(first)
        assert spoken(again(voice, first, intent("OutageRestorationIntent"))).startswith("Where there is an estimate in K2G")
        assert voice.alexa_api.asked == 1

    def test_a_place_that_is_named_goes_before_it_and_nobody_is_asked(self, voice: Voice) -> None:
        voice.alexa_api.addresses[DEVICE] = "K2G 1V8"
        for request in (intent("OutageStatusIntent", slot("area", "Vancouver")), intent("AMAZON.HelpIntent"), intent("CatchAllIntent", slot("text", "help"))):
            assert "K2G" not in spoken(alexa(voice, posted(request)))
        assert voice.alexa_api.asked == 0

    def test_without_leave_the_area_is_asked_back_and_the_app_offers_to_allow_it(self, voice: Voice) -> None:
        voice.alexa_api.addresses[DEVICE] = None
        first = alexa(voice, posted(intent("OutageStatusIntent", slot("area", None))))
        assert spoken(first).startswith("Which area are you in?")
        assert first["response"]["card"] == {
            "type": "AskForPermissionsConsent",
            "permissions": ["read::alexa:device:all:address:country_and_postal_code"],
        }
        second = again(voice, first, intent("OutageRestorationIntent", slot("area", None)))
        assert "card" not in second["response"]
        assert voice.alexa_api.asked == 1, "not asked again in this session"

    def test_an_api_that_fails_is_left_alone_and_the_area_is_asked_back(self, voice: Voice) -> None:
        voice.alexa_api.down = True
        for _ in range(3):
            assert spoken(alexa(voice, posted(intent("OutageStatusIntent")))).startswith("Which area are you in?")
        assert voice.alexa_api.asked == 1
        voice.alexa_api.down, voice.alexa_api.addresses[DEVICE] = False, "K2G 1V8"
        voice.clock.moment += timedelta(seconds=11)
        assert "K2G" in spoken(alexa(voice, posted(intent("OutageStatusIntent"))))

    @pytest.mark.parametrize(("code", "kept"), [("K2G 1V8", "K2G"), ("K2G1V8", "K2G"), ("12345-6789", "12345"), ("", ""), ("X" * 40, "X" * 10)])
    def test_half_of_a_postal_code(self, code: str, kept: str) -> None:
        assert half(code) == kept

    @pytest.mark.parametrize(
        ("told", "point"),
        [
            ({"coordinate": {"latitudeInDegrees": 45.42, "longitudeInDegrees": -75.69, "accuracyInMeters": 12.1}}, (-75.69, 45.42)),
            ({"coordinate": {"latitudeInDegrees": 145.42, "longitudeInDegrees": -75.69}}, None),
            ({"coordinate": {"latitudeInDegrees": "45"}}, None),
            ({"locationServices": {"access": "DISABLED"}}, None),
            (None, None),
            ([1], None),
        ],
    )
    def test_a_point_that_the_device_tells_goes_with_the_turn(self, voice: Voice, told: Any, point: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        turns: list[Any] = []

        async def heard(turn: Any) -> Reply:
            turns.append(turn)
            return Reply("ok", Intent.HELP)

        monkeypatch.setattr(voice.conversation, "answer", heard)
        request = posted(intent("OutageStatusIntent", slot("area", "K2G")))
        request["context"]["Geolocation"] = told
        alexa(voice, request)
        assert turns[0].point == point


class TestWhatToListenFor:
    def test_asked_back_alexa_listens_for_an_area_of_those_that_are_out(self, voice: Voice) -> None:
        answer = alexa(voice, posted(intent("OutageStatusIntent", slot("area", None)), locale="fr-CA"))
        names, elicit = answer["response"]["directives"]
        assert [value["name"]["value"] for value in names["types"][0]["values"]] == ["K2G", "Vancouver", "North Vancouver", "Orléans"]
        assert elicit == {"type": "Dialog.ElicitSlot", "slotToElicit": "area"}

    def test_no_slot_is_elicited_of_an_intent_that_has_none(self, voice: Voice) -> None:
        answer = alexa(voice, posted(intent("OutageStatusIntent")))
        assert [directive["type"] for directive in answer["response"]["directives"]] == ["Dialog.UpdateDynamicEntities"]

    def test_there_are_never_more_names_than_alexa_takes(self) -> None:
        service = Voice()
        service.publish([AreaBrief(f"ward-{number}", f"Ward {number} " * 20, 1, AREAS[0].customers) for number in range(300)])
        answer = alexa(service, posted({"type": "LaunchRequest"}))
        assert len(answer["response"]["directives"][0]["types"][0]["values"]) == 100


class TestCards:
    def test_an_answer_is_shown_and_a_goodbye_is_not(self, voice: Voice) -> None:
        card = alexa(voice, posted(intent("OutageStatusIntent", slot("area", "Orléans"))))["response"]["card"]
        assert (card["type"], card["title"]) == ("Simple", "Example Hydro")
        assert card["content"].startswith("There is a power outage in Orléans.")
        assert "card" not in alexa(voice, posted(intent("AMAZON.StopIntent")))["response"]

    def test_with_a_picture_where_one_is_set(self) -> None:
        service = Voice(alexa_card_image_url="https://hydro.example/storm.png")
        service.publish(AREAS)
        card = alexa(service, posted(intent("OutageStatusIntent", slot("area", "Orléans"))))["response"]["card"]
        assert card["image"] == {"smallImageUrl": "https://hydro.example/storm.png", "largeImageUrl": "https://hydro.example/storm.png"}

    def test_what_needs_an_account_offers_to_link_one_and_a_balance_is_never_shown(self, voice: Voice) -> None:
        accounts(voice, Said("Please link your account.", Outcome.ASKED_BACK, needs_link=True))
        assert alexa(voice, posted(intent("AccountBalanceIntent")))["response"]["card"] == {"type": "LinkAccount"}
        accounts(voice, Said("Your balance is 84 dollars."))
        assert "card" not in alexa(voice, posted(intent("AccountBalanceIntent")))["response"]


class Accounts:
    """Answers about accounts, in a while."""

    intents = (Intent.ACCOUNT_BALANCE, Intent.NEXT_PAYMENT)

    def __init__(self, said: Said, takes_s: float) -> None:
        self.said, self.takes_s, self.tokens = said, takes_s, list[str]()

    async def answer(self, asked: Asked) -> Said:
        self.tokens.append(asked.turn.account)
        await asyncio.sleep(self.takes_s)
        return self.said


def accounts(voice: Voice, said: Said, takes_s: float = 0.0) -> Accounts:
    answerer = Accounts(said, takes_s)
    voice.conversation._answerers |= dict.fromkeys(Accounts.intents, answerer)
    return answerer


def linked(request: dict[str, Any]) -> dict[str, Any]:
    body = posted(request)
    body["context"]["System"]["user"] = body["session"]["user"] | {"accessToken": "linked-token"}
    return body


class TestLinkedAccounts:
    def test_the_token_goes_with_the_turn(self, voice: Voice) -> None:
        answerer = accounts(voice, Said("Your balance is 84 dollars."))
        assert spoken(alexa(voice, linked(intent("AccountBalanceIntent")))) == "Your balance is 84 dollars."
        assert answerer.tokens == ["linked-token"]
        assert voice.alexa_api.said == []

    def test_what_takes_long_is_announced_meanwhile_in_the_right_language(self) -> None:
        service = Voice(alexa_meanwhile_after_s=0.01)
        service.publish(AREAS)
        accounts(service, Said("Votre solde est de 84 dollars."), takes_s=0.1)
        body = linked(intent("NextPaymentIntent"))
        body["request"]["locale"] = "fr-CA"
        alexa(service, body)
        assert service.alexa_api.said == [("amzn1.echo-api.request.x", "<speak>Un instant, je regarde.</speak>")]

    def test_the_answer_comes_though_the_word_meanwhile_does_not(self) -> None:
        service = Voice(alexa_meanwhile_after_s=0.01)
        service.publish(AREAS)
        accounts(service, Said("Your balance is 84 dollars."), takes_s=0.1)
        service.alexa_api.down = True
        assert spoken(alexa(service, linked(intent("AccountBalanceIntent")))) == "Your balance is 84 dollars."


class TestDialogues:
    def test_yes_picks_what_was_offered_first_and_no_ends_it(self, voice: Voice) -> None:
        offered = {"memory": {"offered": ["outage_cause", "outage_counts"], "place": "Orléans"}}
        assert "caused" in spoken(alexa(voice, posted(intent("AMAZON.YesIntent"), offered)))
        assert spoken(alexa(voice, posted(intent("AMAZON.NoIntent"), offered))) == "Goodbye."

    def test_what_is_denied_is_not_done(self, voice: Voice) -> None:
        request = intent("ReportOutageIntent", slot("area", "K2G"))
        request["intent"]["confirmationStatus"] = "DENIED"
        assert spoken(alexa(voice, posted(request))) == "Goodbye."

    @pytest.mark.parametrize("name", INTENTS)
    @pytest.mark.parametrize("state", ["STARTED", "IN_PROGRESS", "COMPLETED", None])
    def test_every_intent_is_answered_in_every_state_of_its_dialogue(self, voice: Voice, name: str, state: str | None) -> None:
        request = intent(name, slot("area", "Orléans")) | {"dialogState": state}
        assert spoken(alexa(voice, posted(request)))


class TestCanFulfill:
    @pytest.mark.parametrize(
        ("name", "slots", "answer", "understands"),
        [
            ("OutageStatusIntent", slot("area", "Orléans"), "YES", "YES"),
            ("OutageStatusIntent", slot("area", "Narnia"), "NO", "NO"),
            ("OutageStatusIntent", slot("area", None), "MAYBE", "MAYBE"),
            ("AccountBalanceIntent", slot("area", "Orléans"), "MAYBE", "YES"),
            ("AnIntentOfTomorrow", slot("area", "Orléans"), "NO", "YES"),
            ("AMAZON.StopIntent", {}, "NO", None),
        ],
    )
    def test_is_told_without_answering(self, voice: Voice, name: str, slots: dict[str, Any], answer: str, understands: str | None) -> None:
        counted = metrics.TURNS.labels("alexa", "en", "outage_status", "answered")
        before = counted._value.get()
        told = alexa(voice, posted({**intent(name, slots), "type": "CanFulfillIntentRequest"}))
        assert set(told["response"]) == {"canFulfillIntent"}
        can = told["response"]["canFulfillIntent"]
        assert (can["canFulfill"], can["slots"].get("area", {}).get("canUnderstand")) == (answer, understands)
        assert counted._value.get() == before


EVENTS = "AlexaSkillEvent."
USER = "amzn1.ask.account.x"


def event(kind: str, body: Any = None, at: Any = NOW, request_id: str = "amzn1.event.1") -> dict[str, Any]:
    made = posted({"type": EVENTS + kind, "body": body, "eventCreationTime": stamp(at), "eventPublishingTime": stamp(at), "requestId": request_id})
    del made["session"], made["request"]["locale"]
    return made


def chosen(voice: Voice) -> frozenset[str]:
    return asyncio.run(voice.subscribers.events_of(USER))


ON = {"subscriptions": [{"eventName": "AMAZON.MessageAlert.Activated"}]}


class TestEvents:
    @pytest.mark.parametrize(
        "kind",
        [
            "SkillEnabled", "SkillDisabled", "SkillPermissionAccepted", "SkillPermissionChanged",
            "SkillAccountLinked", "ProactiveSubscriptionChanged", "NotificationSubscriptionChanged", "SomethingOfTomorrow",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("body", [None, {}, {"accessToken": "secret"}, {"acceptedPermissions": [{"scope": "x"}]}, {"subscriptions": 5}])
    def test_every_kind_is_taken_and_answered_with_nothing(self, voice: Voice, kind: str, body: Any) -> None:
        assert alexa(voice, event(kind, body)) == {"version": "1.0", "response": {}}

    def test_whoever_subscribes_is_known_until_they_opt_out_or_leave(self, voice: Voice) -> None:
        alexa(voice, event("ProactiveSubscriptionChanged", ON))
        assert chosen(voice) == {"AMAZON.MessageAlert.Activated"}
        alexa(voice, event("ProactiveSubscriptionChanged", {"subscriptions": []}, NOW + timedelta(seconds=1)))
        assert chosen(voice) == frozenset()
        alexa(voice, event("ProactiveSubscriptionChanged", ON, NOW + timedelta(seconds=2)))
        alexa(voice, event("SkillDisabled", None, NOW + timedelta(seconds=3)))
        assert chosen(voice) == frozenset()

    def test_an_event_that_comes_again_and_late_changes_nothing_and_is_counted_once(self, voice: Voice) -> None:
        count = metrics.ALEXA_EVENTS.labels("ProactiveSubscriptionChanged")
        before = count._value.get()
        on, off = event("ProactiveSubscriptionChanged", ON), event("ProactiveSubscriptionChanged", {}, NOW + timedelta(seconds=1), "amzn1.event.2")
        for each in (on, off, on, off, on):
            alexa(voice, each)
        assert chosen(voice) == frozenset()
        assert count._value.get() == before + 2

    def test_one_that_can_not_be_kept_is_sent_again_later(self, voice: Voice) -> None:
        voice.subscribers.down = True
        answer = voice.alexa(event("ProactiveSubscriptionChanged", ON))
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        voice.subscribers.down = False
        alexa(voice, event("ProactiveSubscriptionChanged", ON))
        assert chosen(voice) == {"AMAZON.MessageAlert.Activated"}


@pytest.mark.parametrize("reason", ["USER_INITIATED", "ERROR", "EXCEEDED_MAX_REPROMPTS", "OF_TOMORROW", None])
def test_why_a_session_ended_is_counted(voice: Voice, reason: str | None) -> None:
    label = reason.lower() if reason and "TOMORROW" not in reason else "other"
    before = metrics.ALEXA_SESSIONS_ENDED.labels(label)._value.get()
    alexa(voice, posted({"type": "SessionEndedRequest", "reason": reason}))
    assert metrics.ALEXA_SESSIONS_ENDED.labels(label)._value.get() == before + 1


@pytest.mark.parametrize("kind", ["System.ExceptionEncountered", "AudioPlayer.PlaybackStarted", "Connections.Response", "Of.Tomorrow"])
def test_what_is_not_a_question_is_answered_with_nothing(voice: Voice, kind: str) -> None:
    more = {"error": {"type": "INVALID_RESPONSE", "message": "x"}, "cause": {"requestId": "amzn1.echo-api.request.y"}}
    assert alexa(voice, posted({"type": kind, **more})) == {"version": "1.0", "response": {}}


REPLIES = Replies(lambda message, lang: f"{message} {lang}", Voice().mirror, "")
AWKWARD = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from('&<>"\\\n\u0000é😀 ')), max_size=200)


@given(st.lists(AWKWARD, max_size=3), st.integers(1, 300), AWKWARD, st.booleans())
@settings(max_examples=examples(25), deadline=None)
def test_whatever_is_said_fits_and_is_well_formed(parts: list[str], times: int, place: str, opens: bool) -> None:
    replies, reply = REPLIES, Reply(" ".join(parts) * times, Intent.OUTAGE_STATUS, open=opens, memory=Memory(place=place * 3))
    body = encoded(replies.answer(reply, "fr", Kept(reply.memory), elicits=False, asks_consent=False))
    assert len(body) < 24_000
    answer = json.loads(body)
    judge_response(answer)
    assert not re.search(r"&(?!amp;|lt;|gt;)", answer["response"]["outputSpeech"]["ssml"])
    spoken(answer)
