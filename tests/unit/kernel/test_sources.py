"""What is said of silent sources: the same facts in both languages, true at each moment ahead."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.answers import STALE_SOURCES, silence_answers, spoken_at
from services.kernel.ids import SourceName
from services.kernel.messages import LANGS, Wording
from services.kernel.sources import Expected, Patience, Source, silence, stale_sources
from tests.builders import NOW

EN, FR = (Wording(lang, "Hydro", "America/Toronto", spoken=True) for lang in LANGS)
HOUR = timedelta(hours=1)


def source(name: str, heard_hours_ago: float | None = 2, *, stale_in: timedelta = -HOUR, **labels: str) -> Source:
    return Source(SourceName(name), None if heard_hours_ago is None else NOW - heard_hours_ago * HOUR, NOW + stale_in, labels)


def test_one_silent_source_is_named_as_people_call_it() -> None:
    stale = [source("oms-1", en="Hydro One", fr="Hydro Un")]
    assert silence(EN, stale, NOW) == "Information from Hydro One has not been updated since 3:04 p.m."
    assert silence(FR, stale, NOW) == "Aucune mise à jour reçue depuis 15 h 04 pour Hydro Un."


def test_of_several_the_time_is_one_that_is_true_of_all_and_not_all_are_named() -> None:
    stale = [source(f"s{number}", number) for number in range(1, 6)]
    assert silence(EN, stale, NOW) == "Information from s1, s2, s3 and 2 other sources has not been updated since 4:04 p.m."
    assert silence(FR, stale, NOW) == "Aucune mise à jour reçue depuis 16 h 04 pour s1, s2, s3 et 2 autres sources."


def test_one_never_heard_is_not_given_a_time() -> None:
    assert silence(EN, [source("a", None), source("b")], NOW) == "Information from b has not been updated since 3:04 p.m. No information has come from a yet."
    assert silence(FR, [source("a", None)], NOW) == "Aucune donnée reçue jusqu'ici pour a."


def test_nothing_is_said_while_nobody_is_silent() -> None:
    assert stale_sources([source("a", stale_in=HOUR)], NOW) == ()
    assert silence(EN, (), NOW) == ""


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(-80, 80)), max_size=4), st.integers(0, 47))
def test_an_answer_made_now_says_at_any_later_hour_what_is_true_then(made: list[tuple[int, int]], hours_on: int) -> None:
    sources = [source(f"s{number}", ago, stale_in=ahead * HOUR) for number, (ago, ahead) in enumerate(made)]
    later = NOW + hours_on * HOUR
    answers = silence_answers([EN, FR], sources, NOW)
    for wording in (EN, FR):
        assert spoken_at(answers[wording.lang][STALE_SOURCES], later) == silence(wording, stale_sources(sources, later), later)


def test_patience_is_the_settings_then_the_sources_own_then_the_common_one() -> None:
    patience, own = Patience(60, {SourceName("named"): 10}), Expected(NOW, 20)
    assert [patience.stale_at(SourceName(name), NOW, expected) for name, expected in (("named", own), ("other", own), ("other", None))] == [
        NOW + timedelta(seconds=seconds) for seconds in (10, 20, 60)
    ]
    with pytest.raises(ValueError, match="neither heard from nor expected"):
        patience.stale_at(SourceName("nobody"), None, None)
