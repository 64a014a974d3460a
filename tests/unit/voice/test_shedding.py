"""More ask than can be answered: each platform's customer hears an apology in both languages, whoever asks, and it is counted."""

import asyncio
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from defusedxml import ElementTree as ET
from starlette.types import Receive, Scope, Send

from services.adapters.asked_memory import MemoryAsked
from services.cli.http_protocol import http_protocol
from services.cli.questions.report import report
from services.cli.up.proxy import Proxy
from services.kernel.messages import LANGS, wordings
from services.kit.guard import Guard
from services.kit.settings import Settings
from services.voice.asked import NO_LANGUAGE, Tally
from services.voice.shedding import refusals
from tests.alexa_judge import judge
from tests.served import serve
from tests.voice_service import NOW, Hand, understands

SPOKEN = wordings({"en": "Example & Hydro", "fr": "Hydro Exemple"}, "America/Toronto", spoken=True)
SORRY = [SPOKEN[lang].say("busy-now") for lang in LANGS]
FULL = Settings(_env_file=None, guard_start=1, guard_min=1, guard_max=1, guard_queue_max=0)


class Stage:
    """Voice's guard, whose only place is taken."""

    def __init__(self, **settings: Any) -> None:
        self.settings = FULL.model_copy(update=settings)
        self.store, self.go = MemoryAsked(), asyncio.Event()
        self.tally = Tally(self.store, understands().words, Hand(NOW), self.settings)
        self.guard = Guard(self._app, "voice", self.settings, own=refusals(SPOKEN, self.settings), shed=self.tally.shed)

    async def _app(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def refused(self, *paths: str) -> list[httpx.Response]:
        async def asked() -> list[httpx.Response]:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.guard), base_url="http://voice") as client:
                inside = asyncio.ensure_future(client.post("/held"))
                await asyncio.sleep(0.01)
                answers = [await client.post(path, content=b"x" * 200_000) for path in paths]
                self.go.set()
                assert (await inside).status_code == 204
                self.guard._counted()
                await self.tally.hand_in()
            return answers

        return asyncio.run(asked())


def spoken_by_alexa(answer: httpx.Response) -> list[str]:
    judge(told := answer.json(), "ask_sdk_model.response_envelope.ResponseEnvelope")
    assert told["response"]["shouldEndSession"] is True
    speech = ET.fromstring(told["response"]["outputSpeech"]["ssml"])
    assert {part.tag for part in speech.iter()} == {"speak", "lang"}
    return [part.text for part in speech]


def said_by_twilio(answer: httpx.Response) -> list[str]:
    response = ET.fromstring(answer.content)
    assert [part.tag for part in response] == ["Say", "Say", "Hangup"]
    assert [part.get("language") for part in response][:2] == ["en-US", "fr-CA"]
    return [part.text for part in response][:2]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/voice/v1/alexa", 200, spoken_by_alexa),
        ("/voice/v1/twilio", 200, said_by_twilio),
        ("/voice/v1/dialogflow", 200, lambda answer: answer.json()["fulfillmentResponse"]["messages"][0]["text"]["text"]),
        ("/mcp", 503, lambda answer: [answer.json()["error"]["message"]]),
    ],
)
def test_words_in_both_languages_are_heard_where_a_platform_asks(path: str, status: int, words: Callable[[httpx.Response], list[str]]) -> None:
    answer, again = Stage().refused(path, path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert " ".join(words(answer)) == " ".join(SORRY)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert answer.content == again.content, "a constant: whoever forges requests learns nothing"


def test_who_links_an_account_in_a_browser_sees_a_page_in_both_languages_and_is_no_turn() -> None:
    stage = Stage()
    (answer,) = stage.refused("/oauth/authorize")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert int(answer.headers["Retry-After"]) >= 1
    seen = ET.fromstring("".join(re.findall("<main>.*</main>", answer.text)))
    assert [(part.get("lang"), part.findtext("p")) for part in seen] == list(zip(("en-CA", "fr-CA"), SORRY, strict=True))
    assert [part.findtext("h1") for part in seen] == [SPOKEN[lang].say("link-title") for lang in LANGS]
    assert "<script" not in answer.text
    assert stage.store.counts(NOW - timedelta(days=1)) == {}


def test_where_our_own_script_asks_it_is_a_problem() -> None:
    for answer in Stage().refused("/voice/v1/chat", "/voice/v1/ask"):
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) >= 1


def test_dialogflow_es_gets_its_own_members_and_names_are_escaped() -> None:
    assert Stage(dialogflow_edition="es").refused("/voice/v1/dialogflow")[0].json() == {"fulfillmentText": " ".join(SORRY)}
    assert 'voice="a&quot;&gt;&lt;Dial&gt;"' in Stage(twilio_voice_en='a"><Dial>').refused("/voice/v1/twilio")[0].text


def test_they_are_counted_by_platform_and_are_no_questions_that_were_not_understood() -> None:
    stage = Stage()
    stage.refused("/voice/v1/alexa", "/voice/v1/alexa", "/voice/v1/ask", "/elsewhere")
    counts = stage.store.counts(NOW - timedelta(days=1))
    assert {(tallied.platform, tallied.lang, tallied.what): count for tallied, count in counts.items()} == {
        ("alexa", NO_LANGUAGE, "shed"): 2,
        ("ask", NO_LANGUAGE, "shed"): 1,
    }
    found = report(counts, {}, NOW, NOW, 10)
    assert (found.turns, found.understood) == (3, 0.0)


def test_our_server_says_the_same_before_there_is_a_task() -> None:
    stage = Stage()
    with serve(stage.guard, http=http_protocol(stage.settings, stage.guard)) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert stage.guard._limit.take()
        for _ in range(2):
            answer = client.post("/voice/v1/alexa", content=b"{}")
            assert answer.status_code == 200
            assert spoken_by_alexa(answer) == SORRY
        stage.guard._limit.give_back()


def test_the_origin_says_the_same_where_voice_is_down() -> None:
    own = refusals(SPOKEN, FULL)

    async def story() -> None:
        proxy = Proxy("voice", lambda: [1], FULL, lambda: own)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(proxy), base_url="http://origin") as client:
            assert spoken_by_alexa(await client.post("/voice/v1/alexa", content=b"{}")) == SORRY
            assert (await client.post("/voice/v1/ask", content=b"{}")).status_code == 503
        await proxy.close()

    asyncio.run(story())


def test_what_is_said_is_valid_json_of_a_few_hundred_bytes() -> None:
    for refusal in refusals(SPOKEN, FULL).values():
        if refusal.instead is not None:
            assert len(refusal.instead.body) < 1_500
            if refusal.instead.media_type == "application/json":
                json.loads(refusal.instead.body)
