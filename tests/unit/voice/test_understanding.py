"""Words, places, and what holds of any text: the sentences themselves are tried in test_sentences.py."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import process

from services.kernel.areas import AreaName
from services.kernel.messages import LANGS, Lang
from services.kit.settings import Settings
from services.voice.understanding import learnt
from services.voice.understanding.fold import Slips, fold, one_slip
from services.voice.understanding.learnt import heard
from services.voice.understanding.phrases import whole_words
from services.voice.understanding.places import Gazetteer
from services.voice.understanding.question import PLACE, Intent, Scope
from tests.voice_service import understands

UNDERSTANDING = understands()
CONFIDENT = Settings().voice_confident
DANGER = Settings().voice_danger
HEARD = Path(learnt.__file__).parent / "heard"


def test_how_much_of_the_territory_is_asked_about() -> None:
    assert UNDERSTANDING.understand(fold("is my power out"), "en").scope is Scope.NEAR
    assert UNDERSTANDING.understand(fold("are there any outages"), "en").scope is Scope.GENERAL
    assert UNDERSTANDING.understand(fold("combien de clients en tout?"), "fr").scope is Scope.EVERYWHERE


@given(st.text(max_size=500), st.sampled_from(LANGS))
def test_any_text_is_met_with_an_intent_and_no_more_than_three_choices(text: str, lang: Lang) -> None:
    understood = UNDERSTANDING.understand(fold(text), lang)
    assert 0 <= understood.confidence <= 1
    assert len(understood.choices) <= 3
    assert understood.confidence >= (DANGER if understood.intent is Intent.REPORT_HAZARD else CONFIDENT) or understood.intent is Intent.UNKNOWN
    assert not understood.choices or understood.intent is Intent.UNKNOWN


@pytest.mark.parametrize(
    "text", ["", "\u0000\u0007\u202e", "😀🔥⚡", "когда включат свет", "什么时候来电", "متى تعود الكهرباء", "a" * 500, "out " * 2_000, "thatplace " * 50]
)
def test_hostile_and_foreign_texts_are_not_guessed_at(text: str) -> None:
    for lang in LANGS:
        understood = UNDERSTANDING.understand(fold(text), lang)
        assert understood.intent in (Intent.UNKNOWN, Intent.OUTAGE_STATUS, Intent.REPORT_OUTAGE)
        assert understood.intent is Intent.UNKNOWN or "out" in text or PLACE in text


def test_appliances_and_plans_are_named_by_one_name_each() -> None:
    assert UNDERSTANDING.understand(fold("Should I run the dishes now?"), "en").slots == {"appliance": "dishwasher"}
    assert UNDERSTANDING.understand(fold("what's the time of use price"), "en").slots == {"plan": "tou"}


@pytest.mark.parametrize(
    ("template", "written"),
    [("turn(s|ed) on", "(turns|turned) on"), ("coupé[e] là", "(coupée|coupé) là"), ("(re|dé)parti", "(reparti|départi)"), ("is (a|b) [c]", "is (a|b) [c]")],
)
def test_choices_within_words_are_whole_words(template: str, written: str) -> None:
    assert whole_words(template) == written


def test_a_choice_within_a_word_that_has_spaces_is_refused() -> None:
    with pytest.raises(ValueError, match="write the words out"):
        whole_words("turn(s off|ed)")


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_letters_are_folded_as_they_are_among_others(text: str) -> None:
    assert fold(f"{text} à") == f"{fold(text)} a".strip()


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("L'Île-d’Orléans!", "l ile d orleans"), ("Sault  Ste. Marie", "sault ste marie"), ("Cœur", "coeur"), ("e\u0301te\u0301", "ete"), ("_a_", "a")],
)
def test_words_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text("abc", min_size=5, max_size=8), st.data())
def test_one_slip_finds_the_word_and_two_do_not(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    slips = [word[:at] + word[at + 1 :], word[:at] + "z" + word[at:], word[:at] + "z" + word[at + 1 :]]
    for said in slips:
        assert one_slip(said, word)
        assert len(said) < 5 or Slips([word]).meant(said) == word
    assert Slips([word]).meant(f"zz{word}") is None


def test_two_swapped_letters_are_one_slip() -> None:
    assert one_slip("pwoer", "power")
    assert not one_slip("pwore", "power")


def test_a_slip_between_two_names_is_not_guessed() -> None:
    assert Slips(["kanata", "kanada"]).meant("kanaza") is None


def gazetteer(*names: str) -> Gazetteer:
    return Gazetteer({fold(name).replace(" ", "-"): AreaName(name) for name in names}, UNDERSTANDING.words)  # type: ignore[misc]


def test_a_town_called_like_a_common_word_needs_its_preposition() -> None:
    places = gazetteer("Hope", "Help")
    assert places.find("help").area is None
    assert places.find("is the power out in help").area == "help"
    assert places.find("hope").area == "hope"


def test_a_postal_code_is_known_for_one_even_where_areas_are_not_postal() -> None:
    found = gazetteer("Hull").find("my power is out at k1a 0b1")
    assert (found.area, found.postal) == (None, "K1A")


def test_what_strangers_say_is_held_only_against_names_that_begin_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    extract = process.extract
    monkeypatch.setattr(process, "extract", lambda said, names, **options: held.append(len(names)) or extract(said, names, **options))
    places = gazetteer(*(f"{letter}arlington" for letter in "bcdfghjklm"))
    assert places.find("is it dark in carlingtom").area == "carlington"
    held.clear()
    assert places.find("zzzzzzzz " * 25).area is None
    assert sum(held) == 0, "25 words of anybody's took the time of thousands of comparisons, on the event loop"


def test_of_two_areas_with_one_name_the_first_is_found() -> None:
    places = Gazetteer({"b": AreaName("Hull"), "a": AreaName("Hull")}, UNDERSTANDING.words)  # type: ignore[dict-item]
    assert places.find("hull").area == "a"


def test_a_name_with_two_letters_swapped_is_found_and_a_common_word_like_one_is_not() -> None:
    places = gazetteer("Nepean", "Carling")
    assert places.find("is the power out in nepaen").area == "nepean"
    assert places.find("when will the lights at our old curling club be back").area is None


def test_places_are_seldom_found_where_none_is_meant() -> None:
    said = [one for lang in LANGS for one in heard(HEARD / f"{lang}.yaml")]
    places = gazetteer(*{one.place for one in said if one.place and not re.search(r"\d", one.place)})
    found = {one.say for one in said if places.find(fold(one.say)).found}
    unmeant = [one.say for one in said if not one.place and one.say in found]
    missed = [one.say for one in said if one.place and not re.search(r"\d", one.place) and one.say not in found]
    assert len(unmeant) <= 0.01 * len(said), unmeant
    assert len(missed) <= 0.01 * len(said), missed


def test_a_place_is_found_by_its_name_in_either_language_its_aliases_and_its_id() -> None:
    names = {
        "w-3": AreaName("Birch Cove", "Anse-aux-Bouleaux", ("K2G", "Old Landing")),
        "w-4": AreaName("Old Landing", aliases=("K2H", "Mill")),
        "5": AreaName("Mill Pond", aliases=("Mill",)),
    }
    places = Gazetteer(names, UNDERSTANDING.words)  # type: ignore[arg-type]
    for said in ("birch cove", "anse aux bouleaux", "k2g", "k2g 1a1", "w 3"):
        assert places.find(f"is the power out in {said}").area == "w-3", said
    assert places.find("old landing").area == "w-4", "a name comes before another area's alias"
    assert places.find("in the mill").area is None, "what two areas answer to is neither"
    assert places.find("are 5 streets dark in mill pond").area == "5", "a bare number is no place"
    assert places.has_postal
