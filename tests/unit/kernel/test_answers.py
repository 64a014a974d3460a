"""What voice says: true at every moment to come, the same facts in both languages, short, and masked."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.answers import ANSWERS, COUNTS, MIDNIGHTS, RESTORATION, STATUS, area_answers, overall_answers, rounded, spoken_at
from services.kernel.areas import AreaName
from services.kernel.events import Cause, Crew
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.views import AreaBrief, Count, Totals
from tests.examples import examples

ZONE = "America/Toronto"
WORDINGS = [Wording("en", "Example Hydro", ZONE, "613-555-0100", spoken=True), Wording("fr", "Hydro Exemple", ZONE, "613-555-0100", spoken=True)]
NOW = datetime(2018, 9, 21, 21, 0, tzinfo=UTC)
PASSED: dict[Lang, str] = {"en": "time has passed", "fr": "heure est passée"}

moments = st.integers(-4_000, 7_000).map(lambda minutes: NOW + timedelta(minutes=minutes))


@st.composite
def briefs(draw: st.DrawFn) -> AreaBrief:
    outages = draw(st.integers(0, 3) | st.integers(0, 2_000))
    estimated = draw(st.integers(0, outages))
    estimates = sorted(draw(st.lists(moments, min_size=2, max_size=2))) if estimated else [None, None]
    if estimated == 1:
        estimates = [estimates[1], estimates[1]]
    customers = Count(draw(st.integers(0, 500_000)), draw(st.booleans())) if outages else Count(0)
    if customers.masked and customers.customers < 4:
        customers = Count(4, masked=True)
    return AreaBrief(
        area=AreaId("somewhere"), name="Sainte-Anne-de-Bellevue", outages=outages, customers=customers, planned=draw(st.integers(0, outages)),
        earliest_estimate=estimates[0], latest_estimate=estimates[1], unestimated=outages - estimated,
        cause=draw(st.sampled_from(Cause)), crew=draw(st.none() | st.sampled_from(Crew)),
    )  # fmt: skip


def facts(lang: Lang, text: str) -> list[str]:
    """The numbers and times of a text, whatever its language, sorted."""
    found = []

    def take(kind: str, value: str) -> str:
        found.append(f"{kind} {value}")
        return " "

    text = text.replace("613-555-0100", " ")
    if lang == "en":
        text = re.sub(r"\b(\d+)(?::(\d\d))? ([ap])\.m\.", lambda m: take("time", f"{int(m[1]) % 12 + 12 * (m[3] == 'p')}:{m[2] or '00'}"), text)
        text = re.sub(r"(\d),(?=\d{3})", r"\1", text)
    else:
        text = re.sub(r"\b(\d+) h(?: (\d\d))?\b", lambda m: take("time", f"{m[1]}:{m[2] or '00'}"), text)
        text = re.sub(r"(\d) (?=\d{3}(?!\d))", r"\1", text).replace("1er ", "1 ")
    text = re.sub(r"\b(noon|midi)\b", lambda m: take("time", "12:00"), text)
    text = re.sub(r"\b(tomorrow|demain|yesterday|hier)\b", lambda m: take("day", {"demain": "tomorrow", "hier": "yesterday"}.get(m[1], m[1])), text)
    re.sub(r"\d+", lambda m: take("number", m[0]), text)
    return sorted(found)


@given(briefs(), moments, st.integers(0, 60 * 24 * MIDNIGHTS))
def test_what_was_rendered_then_is_what_would_be_rendered_now(brief: AreaBrief, now: datetime, minutes_later: int) -> None:
    """I5: no estimate is ahead that has passed, and no 'tomorrow' is today, though nothing was rendered since."""
    then, later = area_answers(WORDINGS, brief, now), now + timedelta(minutes=minutes_later)
    fresh = area_answers(WORDINGS, brief, later)
    for lang in LANGS:
        for intent in ANSWERS:
            assert spoken_at(then[lang][intent], later) == spoken_at(fresh[lang][intent], later)


@given(briefs(), moments)
def test_an_estimate_that_has_passed_says_so(brief: AreaBrief, now: datetime) -> None:
    answers = area_answers(WORDINGS, brief, now)
    for lang in LANGS:
        for intent in (STATUS, RESTORATION):
            said = spoken_at(answers[lang][intent], now)
            assert (PASSED[lang] in said) == (brief.latest_estimate is not None and brief.latest_estimate <= now)


@given(briefs(), moments)
@settings(max_examples=examples(100))
def test_both_languages_carry_the_same_numbers_and_times(brief: AreaBrief, now: datetime) -> None:
    answers = area_answers(WORDINGS, brief, now)
    for intent in ANSWERS:
        pairs = zip(*(answers[lang][intent] for lang in LANGS), strict=True)
        for english, french in pairs:
            assert english.since == french.since
            assert facts("en", english.text) == facts("fr", french.text), (english.text, french.text)


@given(briefs(), moments)
def test_answers_are_short_and_for_the_ear(brief: AreaBrief, now: datetime) -> None:
    for texts in (texts for answers in area_answers(WORDINGS, brief, now).values() for texts in answers.values()):
        for spoken in texts:
            assert len(spoken.text) < 300
            assert not re.search(r"https?:|www\.|\.(ca|com)\b|restor|rétabli|\u00a0|  |\.\.", spoken.text)


@given(st.integers(4, 3_000))
def test_a_masked_count_is_never_told_as_it_stands(bound: int) -> None:
    brief = AreaBrief(AreaId("a"), "A", 1, Count(bound, masked=True))
    for lang, word in (("en", "fewer than|about"), ("fr", "moins de|environ")):
        for intent in (STATUS, COUNTS):
            assert re.search(word, area_answers(WORDINGS, brief, NOW)[lang][intent][0].text)


def test_large_numbers_are_rounded_for_the_ear_and_say_so() -> None:
    assert rounded(Count(12_345)) == Count(12_300, masked=True)
    assert rounded(Count(348_558)) == Count(349_000, masked=True)
    assert rounded(Count(1_250)) == Count(1_250)
    assert rounded(Count(999)) == Count(999)


@given(st.integers(0, 50_000_000))
def test_rounding_stays_within_half_a_percent(number: int) -> None:
    assert abs(rounded(Count(number)).customers - number) <= number * 0.005


def test_an_area_without_outages_never_says_that_power_was_brought_back() -> None:
    answers = area_answers(WORDINGS, AreaBrief(AreaId("k2g"), "K2G", 0, Count(0)), NOW)
    assert answers["en"][STATUS][0].text == "We know of no outage in K2G right now. If your power is out, check your breakers, then call us at 613-555-0100."
    assert answers["fr"][STATUS][0].text.startswith("On ne connaît aucune panne dans le secteur K2G en ce moment.")


def test_an_area_without_a_name_is_not_called_unplaced() -> None:
    answers = area_answers(WORDINGS, AreaBrief(UNPLACED, "unplaced", 2, Count(20)), NOW)
    assert not [text for lang in LANGS for texts in answers[lang].values() for text in texts if "unplaced" in text.text]


@given(st.integers(0, 20_000), st.integers(0, 900_000), st.booleans())
def test_the_whole_carries_the_same_numbers_in_both_languages(outages: int, customers: int, masked: bool) -> None:
    answers = overall_answers(WORDINGS, Totals(outages, Count(customers, masked and customers > 3), 0), [AreaName("Hull"), AreaName("Aylmer")])
    for intent in ANSWERS:
        assert facts("en", answers["en"][intent][0].text) == facts("fr", answers["fr"][intent][0].text)
