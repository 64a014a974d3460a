"""Most questions in words are answered in the turn in which they are read (`Asking.at_once`): understood, limited, counted and worded as on the other way."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.responses import Response

from services.kernel.messages import LANGS
from services.kit.prompt import Posted, Prompt
from services.voice.api import ASK
from services.voice.asking import Asking
from services.voice.conversation.turn import Reply, Turn
from services.voice.fairness import ByAddress
from services.voice.shares import Shares
from services.voice.understanding.remembered import Remembered
from tests.voice_service import AREAS, Voice

SENTENCES = Path(__file__).parents[1] / "unit" / "voice" / "sentences"
LOCALE = {"en": "en-CA", "fr": "fr-CA"}
STRANGER = "8.8.8.8"


class Counted:
    """Meets `Counts`, and says what it was told."""

    def __init__(self) -> None:
        self.turns: list[tuple[Turn, Reply, str]] = []

    def turn(self, turn: Turn, reply: Reply, missed: str) -> None:
        self.turns.append((turn, reply, missed))

    def ended(self, *_: Any, **__: Any) -> None:
        raise AssertionError("nobody ends anything here")


class Asked(Voice):
    """The service, asked either way, with a memory of what was understood."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.counted = Counted()
        self.conversation._counts = self.counted
        self.conversation._understanding = Remembered(self.conversation._understanding, 50, 120)
        self.shares = Shares(self.settings.voice_address_per_minute, self.settings.voice_address_burst, 9, self.clock)
        self._prompt = Prompt("voice", {ASK: ByAddress(self.shares).at_once(Asking(self.conversation, self.settings).at_once)})
        self.publish(AREAS)

    def at_once(self, body: Any, client: str = "127.0.0.1", **headers: str) -> Response | None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return self._prompt.answer(Posted(ASK, raw, body if isinstance(body, bytes) else json.dumps(body).encode(), client))


def questions() -> list[dict[str, str]]:
    """What the templates' tests say, each third with a place beside it."""
    listed = [(lang, yaml.safe_load(path.read_text("utf-8"))["tests"]) for lang in LANGS for path in sorted((SENTENCES / lang).glob("*.yaml"))]
    said = [{"text": str(one), "locale": LOCALE[lang]} for lang, tests in listed for test in tests for one in test["sentences"]]
    return [{**one, "place": "Orleans"} if number % 3 == 0 else one for number, one in enumerate(said)]


def test_whatever_is_asked_both_ways_say_and_count_the_same_and_only_reports_take_the_other() -> None:
    mine, other = Asked(), Asked()
    for number, question in enumerate(questions()):
        answer, looks = mine.at_once(question), number % 9 == 0  # the other way takes the test long
        if answer is None and looks:
            assert other.post(ASK, question).json()["intent"] in ("report_outage", "report_hazard"), question
        elif answer is not None and looks:
            assert bytes(answer.body) == other.post(ASK, question).content, question
            assert mine.counted.turns[-1] == other.counted.turns[-1]
        elif answer is not None and number % 9 == 1:
            assert bytes(answer.body) == bytes(mine.at_once(question).body), "understood before"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        {"locale": "en-CA"},
        {"text": 7, "locale": "en-CA"},
        {"text": "is it out", "locale": "de-DE"},
        {"text": " ", "locale": "fr-CA"},
        {"text": "a" * 501, "locale": "fr-CA"},
        {"text": "outage", "locale": "en-CA", "place": "b" * 501},
        {"text": "panne \ud800 à <b>Orléans</b>\u202e", "locale": "fr-CA", "more": [1]},
    ],
)
def test_what_is_no_question_is_refused_alike(body: Any) -> None:
    voice, raw = Asked(), body if isinstance(body, bytes) else json.dumps(body).encode()
    mine, theirs = voice.at_once(raw), voice.post(ASK, raw)
    assert mine is not None
    assert (mine.status_code, bytes(mine.body)) == (theirs.status_code, theirs.content)
    assert {name.decode() for name, _ in mine.raw_headers} == {*theirs.headers, "x-request-id"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"text": "there is a wire down in Orleans", "locale": "en-CA"}, {}),
        ({"text": "je veux signaler une panne à Orléans", "locale": "fr-CA"}, {}),
        ({"text": "what is my balance", "locale": "en-CA"}, {"authorization": "bearer a"}),
        (b" " * (64 * 1024 + 1), {}),
    ],
)
def test_what_may_wait_takes_the_other_way_and_has_changed_nothing(body: Any, headers: dict[str, str]) -> None:
    voice = Asked()
    assert voice.at_once(body, STRANGER, **headers) is None
    assert not voice.shares._full_at
    assert not voice.counted.turns
    assert not voice.reports._counts


def test_an_addresses_limit_holds_and_beyond_it_nothing_is_answered_at_once() -> None:
    voice = Asked(voice_address_burst=3, voice_address_per_minute=60)
    question = {"text": "is the power out in Orleans", "locale": "en-CA"}
    assert [voice.at_once(question, STRANGER) is None for _ in range(2)] == [False, False]
    assert voice.at_once(b"{", STRANGER) is not None, "what is no question is one of them"
    assert voice.at_once(question, STRANGER) is None
    assert voice.at_once(question, "9.9.9.9") is not None
    voice.clock.moment = voice.clock.moment.replace(second=voice.clock.moment.second + 1)
    assert [voice.at_once(question, STRANGER) is None for _ in range(2)] == [False, True]
