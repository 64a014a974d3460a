"""Nobody asks for all the others: beyond their limit an asker hears so in words, an address is told 429, and only a proxy that is named says whose it is."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.cli.http_protocol import http_protocol
from services.cli.up.tree import parts
from services.kit.guard import Guard
from services.kit.settings import Settings
from services.voice.conversation.turn import Memory, Outcome, Platform, Reply, Turn
from services.voice.fairness import by_address
from services.voice.understanding.question import Intent
from tests.contract.test_alexa import intent, posted
from tests.contract.test_twilio import Line
from tests.served import serve
from tests.voice_service import AREAS, NOW, Voice

BUSY = {"en": "You've asked a great deal in a short while.", "fr": "Vous avez posé beaucoup de questions en peu de temps."}


def test_an_asker_beyond_the_limit_hears_so_on_their_platform_and_may_go_on_later() -> None:
    line = Line(voice_asker_burst=2)
    told = [line.text("y a-t-il une panne à Orléans")[0] for _ in range(3)]
    assert ["Orléans" in text for text in told] == [True, True, False]
    assert told[2].startswith(BUSY["fr"])
    assert "911" in told[2], "a danger is told about all the same"
    assert "Orléans" in line.text("y a-t-il une panne à Orléans", From="+16135550112")[0]
    line.voice.clock.moment += timedelta(seconds=2)
    assert "Orléans" in line.text("y a-t-il une panne à Orléans")[0]


def test_alexa_speaks_it_and_the_conversation_is_not_lost() -> None:
    voice = Voice(voice_asker_burst=1)
    voice.publish(AREAS)
    voice.alexa(posted(intent("OutageCountsIntent")))
    answer = voice.alexa(posted(intent("OutageCountsIntent")))
    assert answer.status_code == 200
    assert answer.json()["response"]["outputSpeech"]["ssml"].startswith(f"<speak>{BUSY['en']}")
    turn = Turn(platform=Platform.ALEXA, lang="en", words="Orléans", asker="a", memory=Memory(waits=Intent.OUTAGE_STATUS))
    first, second = (asyncio.run(voice.conversation.answer(turn)) for _ in range(2))
    assert (first.outcome, second.outcome, second.memory) == (Outcome.ANSWERED, Outcome.SHED, turn.memory)


def test_who_is_beyond_the_limit_still_reports_a_danger_a_few_times_and_always_hears_what_keeps_them_safe() -> None:
    voice = Voice(voice_asker_burst=1, voice_dangers_burst=2)
    voice.publish(AREAS)

    def say(words: str, asker: str = "+16135550111", **more: Any) -> Reply:
        return asyncio.run(voice.conversation.answer(Turn(platform=Platform.SMS, lang="en", words=words, asker=asker, **more)))

    def passed_on() -> int:
        return len(asyncio.run(voice.reports.newest(NOW.replace(year=2000), 9)))

    say("is the power out in Orléans")
    assert say("is the power out in Orléans").outcome is Outcome.SHED
    asked = say("there is a wire down")
    assert asked.answer.startswith("Stay at least 10 metres away")
    told = say("corner of Bank and Gladstone", memory=asked.memory)
    assert told.answer.endswith("I've passed it on to our crew desk.")
    more = say("a wire is down in Orléans")
    assert (more.intent, more.outcome, passed_on()) == (Intent.REPORT_HAZARD, Outcome.SHED, 1)
    assert more.answer.index("911") < more.answer.index("613-555-0100"), "safety first, and whom to call as it was not passed on"
    voice.clock.moment += timedelta(minutes=4)
    for _ in range(4):  # what they may ask by now
        say("is the power out in Orléans")
    assert say("a wire is down in Orléans").outcome is Outcome.ANSWERED
    assert passed_on() == 2
    web = Turn(platform=Platform.WEB, lang="fr", words="un fil est tombé à Orléans", address="203.0.114.7", limited=True)
    outcomes = [asyncio.run(voice.conversation.answer(web)).outcome for _ in range(3)]
    assert (outcomes, passed_on()) == ([Outcome.ANSWERED, Outcome.ANSWERED, Outcome.SHED], 4), (
        "of those whom nobody names, none is told to have said so already"
    )


def test_callers_whose_number_is_withheld_are_not_one_asker() -> None:
    voice = Voice(voice_asker_burst=1)
    voice.publish(AREAS)
    for call in range(3):
        turn = Turn(platform=Platform.PHONE, lang="en", words="is the power out in Orléans", asker="anonymous", session=f"CA{call}")
        assert asyncio.run(voice.conversation.answer(turn)).outcome is Outcome.ANSWERED


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
def test_an_address_is_told_when_to_ask_again_and_only_a_named_proxy_says_whose_it_is(trusted: tuple[str, ...]) -> None:
    voice = Voice(voice_address_burst=2, voice_address_per_minute=6, mcp_address_burst=1, mcp_address_per_minute=6)
    voice.publish(AREAS)
    guard = Guard(voice.app, "voice", voice.settings)
    question = {"text": "Orléans?", "locale": "en-CA"}
    options = {"proxy_headers": bool(trusted), "forwarded_allow_ips": list(trusted)}
    with serve(guard, http=http_protocol(voice.settings, guard), **options) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:

        def ask(address: str, path: str = "/voice/v1/ask") -> httpx.Response:
            return client.post(path, json=question, headers={"X-Forwarded-For": address})

        told = [ask("203.0.114.7", path) for path in ("/voice/v1/ask", "/voice/v1/chat", "/voice/v1/ask")]
        assert [answer.status_code for answer in told] == [200, 200, 429 if trusted else 200]
        assert ask("203.0.114.8").status_code == 200
        assistants = [ask(address, "/mcp").status_code for address in ("203.0.114.7", "203.0.114.7", "203.0.114.8")]
        assert [status == 429 for status in assistants] == [False, bool(trusted), False], "of those behind a proxy that isn't named, none pays for another"
        if trusted:
            assert (told[2].headers["Content-Type"], told[2].headers["Retry-After"]) == ("application/problem+json", "10")
            assert ask("1.2.3.4, 203.0.114.7").status_code == 429, "what a client wrote itself counts for nothing"
            danger = client.post("/voice/v1/chat", json={**question, "text": "a wire is down in Orléans"}, headers={"X-Forwarded-For": "203.0.114.7"})
            assert (danger.status_code, "911" in danger.json()["answer"]) == (200, True)


def test_an_assistant_is_told_in_words() -> None:
    voice = Voice()
    limits = by_address(Settings(_env_file=None, mcp_address_burst=1, mcp_address_per_minute=6), voice.wordings, voice.clock)
    assert set(limits) == {"/voice/v1/ask", "/voice/v1/chat", "/mcp"}
    said = limits["/mcp"].instead
    assert said is not None
    assert BUSY["fr"].encode() in said.body


def test_the_parts_of_the_embedded_mode_believe_the_origin_alone() -> None:
    async def environments() -> set[str]:
        async with httpx.AsyncClient() as client:
            return {part.environment["SURGECAST_PROXIES_TRUSTED"] for part in parts(None, client)}

    assert asyncio.run(environments()) == {"127.0.0.1"}
    assert Settings(_env_file=None).proxies_trusted == ()
