"""Calls and text messages by Twilio: its own library signs what we are sent and reads what we answer."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml import ElementTree as ET
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from services.kernel.ids import AreaId
from services.kernel.messages import Lang
from services.kernel.views import AreaBrief, Count
from services.kernel.waiting import Notice, Waiter
from services.voice.platforms.telephone import number_of
from services.voice.platforms.twilio.segments import parted, segments
from services.voice.understanding.language import guessed
from services.voice.understanding.spelled import codes_written
from tests.voice_service import AREAS, NOW, Voice

TOKEN, SHARED = "t0ken", "sh4red"
URL = "https://outages.example.ca/voice/v1/twilio"
FORM = "application/x-www-form-urlencoded"


class Line:
    """Twilio, in front of a voice service: signs, follows the addresses that it is given, keeps cookies."""

    def __init__(self, **settings: Any) -> None:
        self.voice = Voice(**{"twilio_auth_token": TOKEN, "twilio_url": URL, **settings})
        self.voice.publish(AREAS)
        self.cookie, self.sent = "", 0

    def post(self, form: dict[str, str], url: str = URL, *, signed: str | None = None, secret: str = TOKEN, **headers: str) -> httpx.Response:
        signature = RequestValidator(secret).compute_signature(url, form) if signed is None else signed
        head = {"Content-Type": FORM, **({"X-Twilio-Signature": signature} if signature else {}), **headers}
        parts = urlsplit(url)
        return self.voice.post(f"{parts.path}?{parts.query}" if parts.query else parts.path, urlencode(form).encode(), headers=head)

    def refused(self, answer: httpx.Response, status: int = 403) -> str:
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
        return str(answer.json()["detail"])

    def text(self, body: str, **form: str) -> list[str]:
        """What comes back to one text message."""
        self.sent += 1
        told = {"MessageSid": f"SM{self.sent}", "From": "+16135550111", "To": "+16135550199", "Body": body, "NumMedia": "0", **form}
        answer = self.post(told, Cookie=self.cookie) if self.cookie else self.post(told)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/xml"), answer.text
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        root = ET.fromstring(answer.content)
        assert {element.tag for element in root.iter()} <= {"Response", "Message"}
        return [message.text or "" for message in root]


class Call:
    """One call: what it hears, and where it is asked to go on."""

    def __init__(self, line: Line, **form: str) -> None:
        line.sent += 1
        self.line, self.form = line, {"CallSid": f"CA{line.sent}", "From": "+16135550111", "To": "+16135550199", "CallStatus": "in-progress", **form}
        self.heard: Element = self._ask(URL)

    def _ask(self, url: str, **more: str) -> Element:
        answer = self.line.post({**self.form, **more}, url)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/xml"), answer.text
        self.heard = ET.fromstring(answer.content)
        allowed = {"Response", "Gather", "Say", "Redirect", "Dial", "Hangup"}
        assert {element.tag for element in self.heard.iter()} <= allowed
        return self.heard

    @property
    def said(self) -> str:
        return " ".join(say.text or "" for say in self.heard.iter("Say"))

    @property
    def gather(self) -> dict[str, str]:
        found = self.heard.find("Gather")
        assert found is not None, "it doesn't listen"
        return dict(found.attrib)

    def press(self, key: str) -> str:
        self._ask(self.gather["action"], Digits=key)
        return self.said

    def say(self, words: str) -> str:
        self._ask(self.gather["action"], SpeechResult=words, Confidence="0.9")
        return self.said

    def silence(self) -> str:
        redirect = self.heard.find("Redirect")
        assert redirect is not None
        assert redirect.text
        self._ask(redirect.text)
        return self.said

    def dialled(self) -> tuple[str, str]:
        dial = self.heard.find("Dial")
        assert dial is not None, "it doesn't connect anybody"
        return dial.text or "", dial.attrib["action"]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture(scope="module")
def shared() -> Line:
    """For tests that change nothing of it."""
    return Line()


def test_a_call_chooses_its_language_first_and_hears_both(shared: Line) -> None:
    call = Call(shared)
    says = [(say.attrib["language"], say.text) for say in call.heard.iter("Say")]
    assert says == [("en-US", "For English, press 1."), ("fr-CA", "Pour le français, faites le 2.")]
    assert call.gather["input"] == "dtmf speech"
    for choose, lang, greeting in [
        (("press", "1"), "en-CA", "Example Hydro"),
        (("press", "2"), "fr-CA", "Hydro Exemple"),
        (("say", "Français."), "fr-CA", "Hydro"),
    ]:
        call = Call(shared)
        assert greeting in getattr(call, choose[0])(choose[1])
        assert (call.gather["language"], call.gather["numDigits"], call.gather["method"]) == (lang, "1", "POST")
    assert "Ottawa" not in call.said
    assert "power" in Call(shared, To="+1").press("1")
    assert "You can say" in call.press("9"), "9 is the other language"


def test_a_call_by_keys_and_by_words_remembers_where_it_is(shared: Line) -> None:
    call = Call(shared)
    call.press("1")
    assert "Which area" in call.press("2")
    assert "K2G" in call.say("K two G.")
    assert "back" in call.said
    assert "Anything else" in call.said
    assert "weather" in call.say("what caused it")
    before = call.said
    assert call.press("*") == before
    assert "911" in call.press("3")
    assert "Goodbye" in call.say("goodbye")
    assert call.heard.find("Hangup") is not None
    french = Call(shared)
    french.press("2")
    assert "secteur" in french.press("1")
    assert "Orléans" in french.say("Orléans")
    assert "clients" in french.said


def test_the_caller_s_own_postal_code_is_where_they_are_unless_they_say_otherwise(shared: Line) -> None:
    call = Call(shared, FromZip="K2G 3W2")
    call.press("1")
    assert "outages in K2G" in call.press("1")
    assert "Orléans" in call.say("and in Orléans?")
    stranger = Call(shared, FromZip="90210")
    stranger.press("1")
    assert "Which area" in stranger.press("1")
    assert "90210" not in stranger.said


def test_silence_and_what_is_not_understood_lead_to_a_person_after_two_reprompts(shared: Line) -> None:
    call = Call(shared)
    call.press("1")
    assert "didn't hear" in call.silence()
    assert "does nothing" in call.press("7")
    assert "putting you through" in call.say("zzzz zzzz")
    number, action = call.dialled()
    assert number == "+16135550100"
    call._ask(action, DialCallStatus="busy")
    assert "Nobody can take your call" in call.said
    call._ask(action, DialCallStatus="completed")
    assert [element.tag for element in call.heard] == ["Hangup"]
    quiet = Call(shared)
    quiet.silence()
    quiet.silence()
    assert "Je vous passe" in quiet.silence()
    assert quiet.dialled()[0] == "+16135550100"
    content = Call(shared)
    content.press("1")
    content.say("is the power out in K2G")
    content.silence()
    content.silence()
    assert content.silence() == "Goodbye.", "whoever has an answer and is silent needs nobody"


def test_a_person_is_asked_for_and_our_own_number_is_never_dialled() -> None:
    call = Call(Line())
    call.press("2")
    assert "Je vous passe" in call.press("0")
    assert call.dialled()[0] == "+16135550100"
    call = Call(Line(twilio_agent_line="+1 (613) 555-0142"))
    call.press("1")
    call.say("I want to talk to a person")
    assert call.dialled()[0] == "+16135550142"
    looped = Call(Line(), To="+16135550100")
    looped.press("1")
    assert "Nobody can take" in looped.press("0")
    without = Call(Line(line=""))
    without.press("1")
    assert "number on your bill" in without.press("0")
    assert [number_of(line) for line in ("", "613-555-0100", "1 613 555 0100", "+33 1 23", "911")] == ["", "+16135550100", "+16135550100", "+33123", "911"]


def test_speech_is_told_which_places_to_expect_those_with_outages_first() -> None:
    line = Line(twilio_hints_max=3)
    call = Call(line)
    call.press("2")
    assert call.gather["hints"].endswith("code postal,K2G,Vancouver,North Vancouver")
    assert len(call.gather["hints"].split(",")) <= 500


def test_a_call_that_ended_and_what_became_of_a_message_are_only_reports(shared: Line) -> None:
    for form in ({"CallSid": "CA1", "CallStatus": "completed"}, {"MessageSid": "SM1", "MessageStatus": "delivered"}):
        assert list(ET.fromstring(shared.post(form).content)) == []


def test_the_address_of_a_turn_is_good_for_a_while_and_changed_ones_never(line: Line) -> None:
    call = Call(line)
    call.press("1")
    action, form = call.gather["action"], {**call.form, "Digits": "1"}
    assert len(action) < 1_000
    signed = RequestValidator(TOKEN).compute_signature(action, form)
    assert "not good" in line.refused(line.post(form, action.replace("l=en", "l=fr"), signed=signed))
    line.voice.clock.moment += timedelta(seconds=301)
    assert "too long ago" in line.refused(line.post(form, action))


@pytest.mark.parametrize("memory", ["x", "a" * 600, "gA", "////", "é", "gaRsYXN0pGRyb3A", "-" * 511])
def test_an_address_that_nobody_of_us_made_begins_anew(shared: Line, memory: str) -> None:
    url = f"{URL}?{urlencode({'l': 'en', 'n': '9' * 40, 'q': '-1', 't': 'soon', 'm': memory})}"
    answer = shared.post({"CallSid": "CA1", "Digits": "2"}, url)
    assert answer.status_code == 200
    assert "Which area" in answer.text


def test_texts_are_answered_in_the_language_that_they_are_written_in(line: Line) -> None:
    assert "Which area" in line.text("is my power out?")[0]
    assert "outages in K2G" in line.text("K2G")[0], "it remembers the question and the language"
    assert "secteur K2G" in line.text("et chez nous, quand est-ce que ça revient?")[0]
    assert "secteur Orléans" in line.text("Orleans")[0]
    fresh = Line()
    both = fresh.text("K2G")
    assert "outages in K2G" in both[0]
    assert "dans le secteur K2G" in both[1]
    assert all(segments(message) <= 2 for message in both)
    assert "K2G" in Line().text("is the power out", FromZip="K2G3W2")[0]


def test_what_somebody_texts_in_doubt_can_be_picked_by_number(line: Line) -> None:
    from tests.contract.test_dialogflow import Unsure

    understanding = line.voice.conversation._understanding
    line.voice.conversation._understanding = Unsure(understanding.words)
    assert line.text("power bla")[-1].endswith("Reply 1 or 2.")
    line.voice.conversation._understanding = understanding
    assert "613-555-0100" in line.text("2")[0]


@pytest.fixture(scope="module")
def ours() -> Line:
    """Where Twilio was told to leave the keywords to us."""
    return Line(twilio_keywords="ours")


KEYWORDS = [
    ("STOP", "only when you write"),
    ("ARRÊT", "On vous écrit seulement"),
    ("arret", "On vous écrit"),
    ("Help", "STOP ends"),
    ("AIDE", "ARRET pour cesser"),
    ("START", "back"),
]


@pytest.mark.parametrize(("word", "said"), KEYWORDS)
def test_carrier_keywords_are_answered_once_by_twilio_or_by_us(shared: Line, ours: Line, word: str, said: str) -> None:
    shared.cookie = ours.cookie = ""
    (answer,) = ours.text(word)
    assert said in answer
    assert segments(answer) == 1
    assert shared.text(word, OptOutType="STOP") == []
    assert len(shared.text(word)) == (0 if word.isascii() and word.lower() in ("stop", "help", "start") else 1)
    assert len(shared.text(f"{word} {word}", FromZip="K2G")) >= 1, "only alone it is a keyword"


def test_a_picture_without_words_is_told_what_to_do_in_both_languages(line: Line) -> None:
    both = line.text("", NumMedia="1")
    assert "call 911" in both[0]
    assert "appelez le 911" in both[1]


def test_segments_are_counted_as_they_are_charged() -> None:
    counted = {
        "a" * 160: 1,
        "a" * 161: 2,
        "é" * 160: 1,
        "ç" * 70: 1,
        "ç" * 71: 2,
        "ê" * 134: 2,
        "ê" * 135: 3,
        "€" * 80: 1,
        "€" * 81: 2,
        "😀" * 35: 1,
        "😀" * 36: 2,
    }
    assert {text: segments(text) for text in counted} == counted
    assert segments("a" * 152 + "€" + "a" * 152) == 3, "a letter of two places is not cut in two"


def test_a_long_answer_keeps_its_accents_where_gsm_has_them_and_parts_between_sentences() -> None:
    assert parted("Ça va être réparé à 16 h 30…", 2) == ("Ça va être réparé à 16 h 30...",), "short: French as it is written"
    long = (
        "Dans le secteur Orléans, le retour du courant est prévu d'ici 16\u00a0h\u00a030; l'équipe est déjà arrivée. " * 2
        + "Ça a été causé par un chêne tombé, près du « Marché »."
    )
    first, *rest = parted(long, 2)
    assert "équipe est déjà" in first, "no é is given up"
    assert "ê" not in " ".join((first, *rest))
    assert all(segments(part) <= 2 for part in (first, *rest))
    sentences = "There are 3 outages at St. John. Power is expected back by 4:30 p.m. on Monday. " * 6
    parts = parted(sentences, 1)
    assert all(segments(part) == 1 and part.endswith(".") for part in parts)
    assert " ".join(parts) == sentences.strip()
    assert all(part.startswith(("There", "Power")) for part in parts)
    assert all(segments(part) <= 1 for part in parted("x" * 2_000, 1))


@pytest.mark.parametrize(
    ("heard", "lang", "written"),
    [
        ("K two G", "en", "K 2 G"),
        ("it's K 2 G three W two", "en", "it's K 2 G 3 W 2"),
        ("k deux g trois w deux", "fr", "k 2 g 3 w 2"),
        ("two outages near me", "en", "two outages near me"),
        ("j'en ai deux ou trois à Hull", "fr", "j'en ai deux ou trois à Hull"),
        ("", "en", ""),
    ],
)
def test_postal_codes_that_were_spelled_aloud_are_written_in_digits(heard: str, lang: Lang, written: str) -> None:
    assert codes_written(heard, lang) == written


@pytest.mark.parametrize(
    ("words", "lang"),
    [
        ("Is the power out in Orléans?", "en"),
        ("when will it be back", "en"),
        ("y a-t-il une panne à Kanata?", "fr"),
        ("j'ai pas de courant", "fr"),
        ("quand est-ce que ca revient", "fr"),
        ("my lights are out at 12 rue de la Paix", "en"),
        ("K2G", None),
        ("Trois-Rivières", None),
        ("", None),
    ],
)
def test_the_language_of_a_text_is_told_by_its_small_words(words: str, lang: str | None) -> None:
    assert guessed(words) == lang


def test_only_what_twilio_signed_for_this_address_is_answered(line: Line) -> None:
    form = {"MessageSid": "SM1", "Body": "is the power out in K2G", "From": "+16135550111"}
    good = RequestValidator(TOKEN).compute_signature(URL, form)
    for changed, signature in [
        (form, ""),
        (form, "bm90IGl0"),
        (form, "é"),
        ({**form, "Body": "is the power out in Orléans"}, good),
        ({**form, "Extra": "1"}, good),
        (form, RequestValidator("other").compute_signature(URL, form)),
        (form, RequestValidator("").compute_signature(URL, form)),
        (form, RequestValidator(TOKEN).compute_signature("https://elsewhere.example/voice/v1/twilio", form)),
        (form, RequestValidator(TOKEN).compute_signature(URL.replace("https", "http"), form)),
    ]:
        head = {} if signature.isascii() else {"X-Twilio-Signature": signature.encode("latin-1")}
        line.refused(line.post(changed, signed="" if head else signature, **head))  # type: ignore[arg-type]
    with_port = RequestValidator(TOKEN).compute_signature(URL.replace(".ca/", ".ca:443/"), form)
    for signature in (good, with_port):
        assert line.post(form, signed=signature).status_code == 200
        line.voice.clock.moment += timedelta(seconds=1)


def test_a_shared_key_signs_with_sha_256_and_neither_secret_stands_in_for_the_other() -> None:
    form = {"MessageSid": "SM1", "Body": "help me please", "From": "+16135550111"}
    told = {"X-Twilio-Webhooks-Signature-Settings": f"key=webhooks_sharedkey_1,algorithm={HMAC_SHA256}"}
    signatures = {(secret, way): RequestValidator(secret).compute_signature(URL, form, way) for secret in (TOKEN, SHARED) for way in (HMAC_SHA1, HMAC_SHA256)}
    both = Line(twilio_shared_key=SHARED)
    assert both.post(form, signed=signatures[SHARED, HMAC_SHA256], **told).status_code == 200
    assert both.post(form, signed=signatures[TOKEN, HMAC_SHA1]).status_code == 200
    for secret, way in ((TOKEN, HMAC_SHA256), (SHARED, HMAC_SHA1)):
        for head in (told, {}):
            both.refused(both.post(form, signed=signatures[secret, way], **head))
    for only in (Line(), Line(twilio_auth_token="", twilio_shared_key=SHARED)):
        refused = (SHARED, HMAC_SHA256, told) if only.voice.settings.twilio_auth_token.get_secret_value() else (TOKEN, HMAC_SHA1, {})
        only.refused(only.post(form, signed=signatures[refused[0], refused[1]], **refused[2]))
    unknown = {"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=NONE"}
    both.refused(both.post(form, signed=signatures[SHARED, HMAC_SHA256], **unknown))


def test_a_request_that_comes_again_gets_the_same_answer_and_much_later_none(line: Line) -> None:
    form = {"MessageSid": "SM1", "Body": "is the power out in K2G", "From": "+16135550111"}
    first = line.post(form)
    line.voice.publish([AREAS[2]], position="6-1")
    again = line.post(form)
    assert (again.text, again.headers["Set-Cookie"]) == (first.text, first.headers["Set-Cookie"])
    line.voice.clock.moment += timedelta(seconds=61)
    assert "longer than Twilio tries again" in line.refused(line.post(form))


def test_what_is_no_form_or_too_much_gets_a_problem(shared: Line) -> None:
    head = {"X-Twilio-Signature": "x"}
    sent = [
        (b"{}", "application/json", 415),
        (b"a=%ff", FORM, 400),
        (b"a=\xff", FORM, 400),
        (b"&".join(b"a%d=1" % number for number in range(300)), FORM, 400),
        (b"a=" + b"x" * 70_000, FORM, 413),
    ]
    for body, kind, status in sent:
        shared.refused(shared.voice.post("/voice/v1/twilio", body, headers={**head, "Content-Type": kind}), status)
    assert "CallSid" in shared.refused(shared.post({"Body": "hello"}), 422)
    assert "SURGECAST_TWILIO_AUTH_TOKEN" in shared.refused(Line(twilio_auth_token="").post({"CallSid": "CA1"}), 404)


@pytest.mark.parametrize(
    "name", ["</Say><Dial>+19005550000</Dial><Say>", 'K2G" action="https://evil.example', "a & b <c>", "\x00\x0bOrl\x1bans", "]]><Hangup/>"]
)
def test_no_place_name_can_become_markup(name: str) -> None:
    line = Line()
    line.voice.publish([*AREAS, AreaBrief(AreaId("evil"), name, 9, Count(9_000))])
    call = Call(line)
    call.press("1")
    for words in ("is the power out in evil", f"is the power out in {name}"):
        call.say(words)
        assert {element.tag for element in call.heard.iter()} <= {"Response", "Gather", "Say", "Redirect"}
        assert call.gather["action"].startswith(f"{URL}?")
    assert not re.search("[\x00-\x08\x0b]", call.gather["hints"])
    assert line.text(f"is the power out in {name}")
    assert line.text("is the power out in evil")


def test_yes_confirms_what_a_caller_asked_for_and_otherwise_means_what_it_means() -> None:
    line, number = Line(), "+16135550111"
    assert line.text("Yes") != [], "nobody was asked"

    def asked() -> None:
        waiter = Waiter("sms", number, "fr", AreaId("orleans"), NOW, NOW + timedelta(hours=72), confirmed=False)
        asyncio.run(line.voice.waiting.ask(Notice(waiter, "?", worth_until=NOW + timedelta(hours=12))))

    asked()
    line.voice.waiting.down = True
    assert "Please text YES again" in line.text("YES")[0]
    line.voice.waiting.down = False
    assert line.text("YES", From="+16135550112") != []
    assert line.voice.waiting.groups() == []
    assert line.text("Oui!")[0].startswith("Hydro Exemple : merci.")
    assert line.voice.waiting.groups() == ["orleans"]
    asyncio.run(line.voice.waiting.forget("sms", number))
    asked()
    line.text("STOP")
    assert line.voice.waiting.of("sms", number) == []


@pytest.mark.parametrize(("word", "form"), [("STOP", {}), ("arrêt", {}), ("anything", {"OptOutType": "STOP"})])
def test_who_says_stop_is_not_told_when_power_is_back_whoever_answers_it(word: str, form: dict[str, str]) -> None:
    line = Line()
    line.text("notify me when the power is back in Orléans")
    line.text("notify me when the power is back in Orléans", From="+16135550112")
    assert len(line.voice.waiting.waiting(AreaId("orleans"), 9)) == 2
    line.text(word, **form)
    assert [waiter.address for waiter in line.voice.waiting.waiting(AreaId("orleans"), 9)] == ["+16135550112"]
    line.voice.waiting.down = True
    told = " ".join(line.text(word, **form))
    assert "We write only when" not in told
    assert "On vous écrit seulement" not in told
    assert word != "arrêt" or "Retextez ARRET" in told, "nobody is told that they are off the list while they are on it"
