"""`POST /voice/v1/chat`: a conversation whose memory the page carries, and nothing that a page makes up is believed."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.voice.conversation.turn import Memory
from services.voice.platforms.carried import PACKED_MAX, packed
from tests.examples import examples
from tests.voice_service import AREAS, Voice

PATH = "/voice/v1/chat"


@pytest.fixture(scope="module")
def voice() -> Voice:
    voice = Voice()
    voice.publish(AREAS)
    return voice


def chat(voice: Voice, locale: str = "en-CA", **asked: Any) -> dict[str, Any]:
    answer = voice.post(PATH, {"locale": locale, **asked})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told = dict(answer.json())
    assert set(told) == {"answer", "intent", "choices", "memory", "position", "as_of"}
    return told


@pytest.mark.parametrize(("locale", "first", "then", "says"), [
    ("en-CA", "is the power out in north vancouver?", "and when will it be back?", "North Vancouver"),
    ("fr-CA", "y a-t-il une panne à Orléans?", "ça revient quand?", "Orléans"),
])  # fmt: skip
def test_the_place_is_remembered_by_what_the_page_hands_back(voice: Voice, locale: str, first: str, then: str, says: str) -> None:
    told = chat(voice, locale, text=first)
    assert says in told["answer"]
    assert says in chat(voice, locale, text=then, memory=told["memory"])["answer"]
    by_button = next(choice for choice in told["choices"] if choice["payload"] == "intent:outage_restoration")
    assert says in chat(voice, locale, choice=by_button["payload"], text=by_button["title"], memory=told["memory"])["answer"]


def test_a_flow_goes_on_from_choice_to_choice(voice: Voice) -> None:
    told = chat(voice, text="Safety quiz")
    for _ in range(5):
        assert all(len(choice["title"]) <= 20 for choice in told["choices"])
        told = chat(voice, choice=told["choices"][0]["payload"], memory=told["memory"])
    assert "last one" in told["answer"]
    assert told["memory"] == ""


@settings(max_examples=examples(20), deadline=None)
@given(memory=st.text(max_size=PACKED_MAX), choice=st.text(max_size=130))
def test_whatever_a_page_hands_back_is_answered(voice: Voice, memory: str, choice: str) -> None:
    assert chat(voice, text="help", memory=memory, choice=choice)["answer"]


def test_a_memory_made_up_by_hand_names_no_more_than_one_may_say(voice: Voice) -> None:
    told = chat(voice, text="when will it be back", memory=packed(Memory(place="<script>alert(1)</script>" * 9, flow="no_such", step="x")))
    assert told["choices"] == []
    assert len(told["answer"]) < 500


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"locale": "de-DE", "text": "x"}, "locale"),
        ({"locale": "en-CA"}, "text"),
        ({"locale": "en-CA", "text": "  "}, "text"),
        ({"locale": "en-CA", "text": "x" * 501}, "text"),
        ({"locale": "en-CA", "choice": "x" * 131}, "choice"),
        ({"locale": "en-CA", "text": "x", "memory": "x" * 513}, "memory"),
        ({"locale": "en-CA", "text": "x", "place": ["k2g"]}, "place"),
        ({"text": "x"}, "locale"),
    ],
)
def test_what_is_wrong_is_refused_by_name(voice: Voice, body: dict[str, Any], field: str) -> None:
    answer = voice.post(PATH, body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert voice.post(PATH, b"x" * 70_000).status_code == 413
