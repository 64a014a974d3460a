"""What holds of every service's form: nothing is longer than the service takes, and nothing is cut in the middle of a word, a letter or a number's meaning."""

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fanout.social_text import form_of
from services.kernel import forms
from services.kernel.forms import Form
from services.kernel.lengths import unlinked
from services.kit.settings import Settings
from tests.examples import examples
from tests.simulators.x_api import links_in, weight

ALL = {"x": forms.X, "mastodon": forms.MASTODON, "bluesky": forms.BLUESKY, "facebook": forms.FACEBOOK, "webhook": forms.characters(2_000)}
SMALL = [Form(40, form.length, form.plain) for form in ALL.values()]
FAMILY, FLAG, ACCENTED = "👩\u200d👩\u200d👧", "🇨🇦", "e\u0301"
LINK = "https://hydro.ca/outages/kanata-north/a-very-long-name-of-a-street?id=123456"
WORDS = st.sampled_from(["panne", "1,250", "1\u00a0250", "customers,", "8:04", "p.m.", FAMILY, FLAG, ACCENTED, "你好", "hydro.ca", LINK, "a", "x" * 60])
TEXTS = st.lists(WORDS, min_size=1, max_size=25).map(" ".join) | st.text(min_size=1, max_size=300)


@pytest.mark.parametrize(
    ("service", "text", "length"),
    [
        ("x", FAMILY, 8),  # 2 to X, which is never more
        ("x", f"see {LINK} now", 4 + 23 + 4),
        ("x", "hydro.ca", 23),
        ("x", "https://a.ca", 23),
        ("x", "https://a." + "b" * 40, 50),  # no link to X: it counts whole
        ("x", ACCENTED, 1),
        ("mastodon", f"{FAMILY}{FLAG}{ACCENTED}", 3),
        ("mastodon", f"see {LINK}.", 4 + 23 + 1),
        ("mastodon", f"@{LINK}", 1 + len(LINK)),
        ("mastodon", "hydro.ca", 8),
        ("bluesky", "é" * 7, 7),
        ("bluesky", FAMILY * 7, 13),  # 126 bytes
        ("facebook", FAMILY, 8),
        ("webhook", "abc", 3),
    ],
)
def test_a_text_is_as_long_as_its_service_says(service: str, text: str, length: int) -> None:
    assert ALL[service].length(text) == length


@pytest.mark.parametrize(
    ("service", "longest", "too_long"),
    [
        ("x", "é" * 280, "é" * 281),
        ("x", "你" * 140, "你" * 140 + "a"),
        ("mastodon", f"{ACCENTED * 476} {LINK}", "a" * 501),
        ("bluesky", "é" * 300, "é" * 301),
        ("bluesky", FAMILY * 166, FAMILY * 167),  # 3,000 bytes are used up before 300 letters
        ("facebook", "a" * 63_206, "a" * 63_207),
        ("apprise", "a" * 2_000, "a" * 2_001),
    ],
)
def test_each_service_takes_what_it_documents_and_no_more(service: str, longest: str, too_long: str) -> None:
    form = form_of(service, Settings())
    assert (form.fits(longest), form.fits(too_long)) == (True, False)


@settings(max_examples=examples(25))
@given(TEXTS)
def test_x_never_weighs_more_than_we_say(text: str) -> None:
    assert forms.X.length(text) >= weight(text)
    if not links_in(plain := unlinked(text)) and "." not in plain and "://" not in plain:
        assert forms.X.length(plain) == weight(plain)


@settings(max_examples=examples(25))
@given(st.sampled_from(SMALL), TEXTS)
def test_a_text_is_cut_between_letters_and_at_words_and_kept_as_it_is_when_it_fits(form: Form, text: str) -> None:
    short = form.shortened(text)
    assert form.fits(short)
    if form.fits(text):
        assert short == text
        return
    kept = short.removesuffix("…")
    assert short != kept
    assert text.startswith(kept)
    rest = text[len(kept) :]
    if "\u0600" not in text:  # a sign that belongs to the letter after it is no letter that anyone would cut at
        assert kept == "" or regex.findall(r"\X", text)[: len(regex.findall(r"\X", kept))] == regex.findall(r"\X", kept)
    if kept and " " in text[: len(kept)]:
        assert rest.lstrip("\r\n\t\u00a0\u202f,;:.-–—")[:1] in ("", " "), "cut in the middle of a word"


@settings(max_examples=examples(25))
@given(st.sampled_from(SMALL), st.lists(TEXTS, min_size=1, max_size=6))
def test_as_many_whole_sentences_are_said_as_fit_and_the_first_always(form: Form, sentences: list[str]) -> None:
    said = form.fitted(sentences)
    assert form.fits(said)
    assert said.startswith(form.shortened(form.plain(sentences[0])))
    left_out = [form.plain(sentence) for sentence in sentences[1:] if form.plain(sentence) not in said]
    assert not any(form.fits(f"{said} {sentence}") for sentence in left_out)


def test_a_sentence_that_does_not_fit_leaves_room_for_a_shorter_one_after_it() -> None:
    assert Form(20, len).fitted(["Power is out.", "We expect it back by noon.", "Stay."]) == "Power is out. Stay."


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Power is out in Barrhaven, and crews are on it", "Power is out in Barrhaven…"),  # the clause, not "and crews"
        ("Power is out in Barrhaven and crews are on it", "Power is out in Barrhaven and…"),
        ("Kanata and Barrhaven have 1250 customers", "Kanata and Barrhaven have…"),  # never 1250 of nothing
        ("Panne à Kanata et à Barrhaven, 1\u00a0250 clients", "Panne à Kanata et à Barrhaven…"),
        ("x" * 50, "x" * 31 + "…"),
    ],
)
def test_cuts_are_by_meaning(text: str, short: str) -> None:
    assert Form(32, len).shortened(text) == short
