"""Messenger: signed and tampered posts, what is answered and to whom, and what the Send API makes of it: in memory and over HTTP alike."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from services.adapters.messenger_http import HttpMessenger
from services.adapters.messenger_memory import MemoryMessenger
from services.kernel.messages import LANGS
from services.kernel.ports.messenger import MessengerApi, Sending
from services.kit.http import Problem, problem_response
from services.kit.metrics import MESSENGER_SENDINGS
from services.kit.settings import Settings
from services.voice.conversation.turn import Button, Memory
from services.voice.platforms.messenger import messages as written
from services.voice.platforms.messenger.door import Messenger
from tests.simulators.messenger_api import TOKEN, MessengerSim, error, gibberish, running, wrong
from tests.voice_service import AREAS, NOW, Voice

SECRET, WORD = "app-secret", "a word of ours"
SET_UP = {"messenger_app_secret": SECRET, "messenger_verify_token": WORD, "messenger_page_token": TOKEN}
MILLIS = int(NOW.timestamp() * 1_000)


@pytest.fixture(scope="module")
def voice() -> Voice:
    voice = Voice()
    voice.publish(AREAS)
    return voice


class Page:
    """A page with people who write to it."""

    def __init__(self, voice: Voice, api: MessengerApi | None = None, **settings: Any) -> None:
        self.voice, self.api = voice, api or MemoryMessenger()
        self.door = Messenger(voice.conversation, self.api, Settings(_env_file=None, outage_line="613-555-0100", **{**SET_UP, **settings}), voice.clock)
        self.app = Starlette(exception_handlers={Problem: lambda _request, fault: problem_response("voice", fault)})
        for (method, path), handler in self.door.routes().items():
            self.app.add_route(path, handler, methods=[method])
        self.mids = 0

    def event(self, person: str = "ada", **said: Any) -> dict[str, Any]:
        self.mids += 1
        return {"sender": {"id": person}, "recipient": {"id": "PAGE"}, "timestamp": MILLIS, "message": {"mid": f"m_{self.mids}", **said}}

    def deliver(self, *events: Any, signature: str | None = None, body: bytes | None = None) -> httpx.Response:
        """Post `events` in one batch; the work that comes after the answer is done when this is back."""
        body = body if body is not None else json.dumps({"object": "page", "entry": [{"id": "PAGE", "messaging": [event]} for event in events]}).encode()
        signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() if signature is None else signature

        async def post() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://voice") as client:
                answer = await client.post("/voice/v1/messenger", content=body, headers={"X-Hub-Signature-256": signed.encode()})
                await self.door._lanes.close(10)
                return answer

        return asyncio.run(post())

    def get(self, **asked: str) -> httpx.Response:
        async def get() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://voice") as client:
                return await client.get("/voice/v1/messenger", params=asked)

        return asyncio.run(get())

    def say(self, person: str = "ada", **said: Any) -> dict[str, Any]:
        """The last message that answers this."""
        assert isinstance(self.api, MemoryMessenger)
        before = len(self.api.sent)
        assert self.deliver(self.event(person, **said)).text == "EVENT_RECEIVED"
        assert len(self.api.sent) > before, "nothing was answered"
        to, told = self.api.sent[-1]
        assert (to, wrong(dict(told))) == (person, "")
        return dict(told)

    def tap(self, told: dict[str, Any], title: str, person: str = "ada") -> dict[str, Any]:
        payload = next(reply["payload"] for reply in told["quick_replies"] if reply["title"] == title)
        return self.say(person, text=title, quick_reply={"payload": payload})


@pytest.fixture
def page(voice: Voice) -> Page:
    return Page(voice)


def shed() -> float:
    return MESSENGER_SENDINGS.labels(Sending.SHED)._value.get()  # type: ignore[no-any-return]


class TestWhoPosts:
    def test_the_webhook_is_verified_by_our_word(self, page: Page) -> None:
        asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
        answer = page.get(**asked)
        assert (answer.status_code, answer.text, answer.headers["content-type"].split(";")[0]) == (200, "1158201444", "text/plain")
        for change in ({"hub.verify_token": "wrong"}, {"hub.verify_token": "é"}, {"hub.mode": "other"}, {"hub.verify_token": ""}):
            assert page.get(**{**asked, **change}).status_code == 403

    @pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "é"])
    def test_what_is_not_signed_is_not_heard(self, page: Page, signature: str) -> None:
        answer = page.deliver(page.event(text="hello"), signature=signature)
        assert (answer.status_code, page.api.sent) == (403, [])  # type: ignore[attr-defined]

    def test_one_byte_changed_is_a_forgery(self, page: Page) -> None:
        body = json.dumps({"object": "page", "entry": [{"messaging": [page.event(text="caf\u00e9")]}]}).encode()
        good = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert b"\\u00e9" in body, "signed as escaped, as Meta does"
        assert page.deliver(body=body, signature=good).status_code == 200
        assert page.deliver(body=body.replace(b"caf", b"cag"), signature=good).status_code == 403

    @pytest.mark.parametrize("missing", SET_UP)
    def test_nothing_is_served_before_its_secrets_are_set(self, voice: Voice, missing: str) -> None:
        page = Page(voice, **{missing: ""})
        answer = page.get(**{"hub.mode": "subscribe", "hub.verify_token": ""}) if missing == "messenger_verify_token" else page.deliver(page.event(text="hi"))
        assert (answer.status_code, answer.json()["setting"]) == (404, f"SURGECAST_{missing.upper()}")

    def test_signed_nonsense_is_refused_and_a_strange_event_costs_no_other(self, page: Page) -> None:
        assert page.deliver(body=b"nonsense").status_code == 400
        assert page.deliver(body=b"{}").status_code == 422
        assert page.deliver(body=b"x" * (1024 * 1024 + 1)).status_code == 413
        strange = {"sender": 7, "message": []}
        assert page.deliver(strange, page.event(text="is the power out in orleans?"), {"sender": {"id": "ada"}, "newKind": {}}).status_code == 200
        assert "Orléans" in page.api.sent[0][1]["text"]  # type: ignore[attr-defined]


class TestWhatIsAnswered:
    def test_who_writes_first_is_told_that_a_bot_answers_and_again_after_a_gap(self, voice: Voice, page: Page) -> None:
        assert "a bot" in page.say(text="is the power out in orleans?")["text"]
        assert "a bot" not in page.say(text="is the power out in orleans?")["text"]
        assert "a bot" in Page(voice, messenger_gap_s=1e-9).say(text="is the power out in orleans?")["text"]

    def test_get_started_welcomes_with_a_menu_that_leads_on(self, page: Page) -> None:
        event = {"sender": {"id": "ada"}, "timestamp": MILLIS, "postback": {"mid": "p1", "title": "Get Started", "payload": "GET_STARTED"}}
        page.deliver(event)
        asked = page.api.sent[-1][1]  # type: ignore[attr-defined]
        assert [reply["title"] for reply in asked["quick_replies"]] == ["English", "Français"], "no profile, no words: asked"
        told = page.tap(dict(asked), "Français")
        assert "un robot" in told["text"]
        assert 3 < len(told["quick_replies"]) <= 13
        quiz = page.tap(told, "Quiz sécurité")
        assert "10 mètres" in [reply["title"] for reply in quiz["quick_replies"]]

    def test_the_question_is_not_lost_where_its_language_had_to_be_asked(self, page: Page) -> None:
        told = page.tap(page.say(text="K2G"), "English")
        assert "K2G" in told["text"]

    @pytest.mark.parametrize(("locale", "words", "says"), [("fr_CA", "K2G", "K2G"), ("en_US", "y a-t-il une panne à Orléans?", "panne")])
    def test_the_profile_tells_the_language_unless_words_do(self, voice: Voice, locale: str, words: str, says: str) -> None:
        told = Page(voice, MemoryMessenger({"ada": locale})).say(text=words)
        assert "un robot" in told["text"]
        assert says in told["text"]

    def test_taps_carry_what_was_talked_about_to_any_process(self, voice: Voice, page: Page) -> None:
        told = page.say(text="is the power out in north vancouver?")
        assert "North Vancouver" in Page(voice).tap(told, "When will it be on?")["text"]
        assert "North Vancouver" in page.say(text="when will it be back?")["text"]

    def test_a_wish_for_a_person_gets_a_button_that_calls(self, page: Page) -> None:
        told = page.say(text="I want to talk to a person")
        assert told["attachment"]["payload"]["buttons"][0]["payload"] == "+16135550100"

    @pytest.mark.parametrize(
        ("attachment", "says"),
        [
            ({"type": "image", "payload": {"url": "https://x.example/1"}}, "pictures"),
            ({"type": "image", "payload": {"sticker_id": 369239263222822}}, "Thanks!"),
            ({"type": "fallback"}, "links"),
            ({"type": "location", "payload": {"coordinates": {"lat": 45.4, "long": -75.7}}}, "area"),
        ],
    )
    def test_what_is_no_words_is_answered_helpfully(self, voice: Voice, attachment: dict[str, Any], says: str) -> None:
        page = Page(voice, MemoryMessenger({"ada": "en_CA"}))
        assert says in page.say(attachments=[attachment])["text"]

    def test_delivered_twice_is_answered_once_and_receipts_and_echoes_never(self, page: Page) -> None:
        event = page.event(text="is the power out in orleans?")
        page.deliver(event, event)
        page.deliver(event)
        page.deliver(
            page.event(text="hi there", is_echo=True),
            {"sender": {"id": "ada"}, "delivery": {"mids": ["m"]}},
            {"sender": {"id": "ada"}, "read": {"watermark": 1}},
        )
        assert len(page.api.sent) == 1  # type: ignore[attr-defined]
        assert page.api.typed == ["ada"]  # type: ignore[attr-defined]

    def test_nothing_is_sent_after_24_hours(self, page: Page) -> None:
        page.deliver(page.event(text="is the power out?") | {"timestamp": MILLIS - 24 * 3_600_000 - 1})
        assert page.api.sent == page.api.typed == []  # type: ignore[attr-defined]

    def test_each_person_is_answered_in_order_and_what_is_too_much_is_shed_and_counted(self, voice: Voice) -> None:
        page, before = Page(voice, messenger_queue_max=3), shed()
        asked = [page.event(text=f"is the power out in {name}?") for name in ("orleans", "vancouver", "k2g", "north vancouver", "orleans")]
        assert page.deliver(*asked).status_code == 200
        said = [message["text"] for _, message in page.api.sent]  # type: ignore[attr-defined]
        assert ["Orléans" in said[0], "Vancouver" in said[1], "K2G" in said[2], len(said)] == [True, True, True, 3]
        assert shed() - before == 2


class TestMessages:
    @pytest.mark.parametrize("lang", LANGS)
    def test_long_answers_are_parted_and_stay_within_the_limits(self, voice: Voice, lang: Any) -> None:
        buttons = [Button("T" * 30, "p" * 2_000)] * 20
        parts = written.messages("A sentence of some length. " * 300, buttons, lang, Memory(place="x" * 60))
        assert all(wrong(part) == "" for part in parts)
        assert " ".join(part["text"] for part in parts) == "A sentence of some length. " * 300
        assert [len(part.get("quick_replies", ())) for part in parts] == [0] * (len(parts) - 1) + [13]

    def test_only_numbers_that_can_be_dialled_get_a_button(self) -> None:
        assert [written.dialled(line) for line in ("613-555-0100", "1 (800) 555-0199", "+1 613.555.0100", "call us", "911")] == [
            "+16135550100", "+18005550199", "+16135550100", "", "",
        ]  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[MessengerSim]:
    with running(MessengerSim()) as sim:
        yield sim


@pytest.fixture
def sim(served: MessengerSim) -> MessengerSim:
    served.heard, served.blocked, served.calls_left, served.calls, served.silent_s = {"ada": time.time(), "old": time.time() - 90_000}, set(), 10**6, 0, 0
    served.sent.clear()
    served.written.clear()
    served.faults.clear()
    served.locales = {"ada": "fr_CA"}
    return served


def send(sim: MessengerSim, to: str = "ada", token: str = TOKEN, text: str = "Hello", **options: float) -> Sending:
    async def once() -> Sending:
        api = HttpMessenger(sim.url, "v25.0", token, options.get("timeout_s", 5), 3, 0.05)
        try:
            return await api.send(to, {"text": text})
        finally:
            await api.close()

    return asyncio.run(once())


class TestSendApi:
    def test_what_the_api_says_is_understood(self, sim: MessengerSim) -> None:
        sim.blocked.add("bob")
        told = [send(sim), send(sim, "old"), send(sim, "bob"), send(sim, token="stolen"), send(sim, text="x" * 2_001)]
        assert told == [Sending.SENT, Sending.CLOSED, Sending.UNAVAILABLE, Sending.LOCKED_OUT, Sending.REFUSED]
        assert sim.calls == 5, "none of these is tried again"

    @pytest.mark.parametrize("fault", [
        lambda: error(400, 4, "Application request limit reached"), lambda: error(429, 613, "Slow down", Retry_After="0"),
        lambda: error(500, 1200, "Temporary send message failure"), lambda: error(400, 99, "x", transient=True), lambda: gibberish(502),
    ])  # fmt: skip
    def test_what_passes_is_tried_again_within_bounds(self, sim: MessengerSim, fault: Any) -> None:
        sim.faults.extend([fault(), fault()])
        assert (send(sim), sim.calls) == (Sending.SENT, 3)
        sim.faults.extend([fault(), fault(), fault(), fault()])
        assert send(sim) in (Sending.LIMITED, Sending.FAILED)
        assert sim.calls == 6

    def test_an_api_that_wants_a_long_rest_gets_it(self, sim: MessengerSim) -> None:
        sim.faults.append(error(429, 613, "Slow down", Retry_After="3600"))
        assert (send(sim), sim.calls) == (Sending.LIMITED, 1)

    def test_an_answer_that_is_lost_is_not_sent_twice(self, sim: MessengerSim) -> None:
        sim.silent_s = 0.6
        assert send(sim, timeout_s=0.3) is Sending.UNCERTAIN
        assert len(sim.sent) == 1

    def test_nobody_there_is_no_error(self) -> None:
        assert send(MessengerSim(url="http://127.0.0.1:9")) is Sending.FAILED

    def test_a_whole_conversation_over_http(self, sim: MessengerSim, voice: Voice) -> None:
        page = Page(voice, HttpMessenger(sim.url, "v25.0", TOKEN, 5, 3, 0.05))
        page.deliver(page.event(text="K2G"))
        assert "un robot" in sim.sent[0][1]["text"]
        assert sim.typed[-1] == "ada"
