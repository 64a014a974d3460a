"""The catalogues: same messages and facts in both languages, and times and numbers as each language writes them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from hypothesis import given, settings
from hypothesis import strategies as st

import services.kernel.messages as messages
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.views import Count
from tests.examples import examples

GRAMMAR = {"time", "day-date", "day-at-time", "at-when"}
"""Messages that are a language's own way with a time: their parts differ, what they tell is tested below."""
NOW = datetime(2018, 9, 21, 21, 0, tzinfo=UTC)  # 5 p.m. in Ottawa
FILES = {lang: sorted((Path(messages.__file__).parent / lang).glob("*.ftl")) for lang in LANGS}
CATALOGUES = {lang: FluentParser().parse("\n".join(file.read_text("utf-8") for file in FILES[lang])) for lang in LANGS}
MESSAGES = {lang: {entry.id.name: entry for entry in resource.body if isinstance(entry, ast.Message)} for lang, resource in CATALOGUES.items()}


def wording(lang: Lang, line: str = "613-555-0100", *, spoken: bool = False) -> Wording:
    return Wording(lang, "Hydro", "America/Toronto", line, spoken=spoken)


def variables(node: object) -> Iterator[tuple[str, bool]]:
    """Each variable under `node`, and whether it is shown (or only chooses between variants)."""
    if isinstance(node, ast.Placeable) and isinstance(node.expression, ast.VariableReference):
        yield node.expression.id.name, True
    elif isinstance(node, ast.SelectExpression) and isinstance(node.selector, ast.VariableReference):
        yield node.selector.id.name, False
    if isinstance(node, ast.BaseNode):
        for value in vars(node).values():
            for child in value if isinstance(value, list) else [value]:
                yield from variables(child)


def selectors(message: ast.Message) -> dict[str, set[str]]:
    """The variants of each variable that chooses."""
    found: dict[str, set[str]] = {}

    def walk(node: object) -> None:
        if isinstance(node, ast.SelectExpression) and isinstance(node.selector, ast.VariableReference):
            keys = {key.name if isinstance(key := variant.key, ast.Identifier) else key.value for variant in node.variants}
            found.setdefault(node.selector.id.name, set()).update(keys)
        if isinstance(node, ast.BaseNode):
            for value in vars(node).values():
                for child in value if isinstance(value, list) else [value]:
                    walk(child)

    walk(message)
    return found


@pytest.mark.parametrize("lang", LANGS)
def test_one_kind_of_apostrophe_is_written(lang: Lang) -> None:
    """The plain one: the GSM alphabet has no other, and a text message outside it takes twice the segments."""
    assert not [file.name for file in FILES[lang] if "\u2019" in file.read_text("utf-8")]


@pytest.mark.parametrize("lang", LANGS)
def test_catalogue_has_no_syntax_error(lang: Lang) -> None:
    assert not [entry.content for entry in CATALOGUES[lang].body if isinstance(entry, ast.Junk)]


@pytest.mark.parametrize("lang", LANGS)
def test_no_message_is_defined_twice(lang: Lang) -> None:
    names = [entry.id.name for entry in CATALOGUES[lang].body if isinstance(entry, ast.Message)]
    assert len(names) == len(set(names))


def test_both_catalogues_have_the_same_messages() -> None:
    assert MESSAGES["en"].keys() == MESSAGES["fr"].keys()


@pytest.mark.parametrize("name", sorted(MESSAGES["en"].keys() - GRAMMAR))
def test_both_languages_show_the_same_facts_in_each_message(name: str) -> None:
    shown = {lang: {variable for variable, is_shown in variables(MESSAGES[lang][name]) if is_shown} for lang in LANGS}
    assert shown["en"] == shown["fr"]


def arguments(lang: Lang, name: str) -> Iterator[tuple[str, list[str | int] | None]]:
    """Each variable of a message that its caller gives, and what it chooses among: a number of each kind of plural, or variants; None for a text."""
    chosen = selectors(MESSAGES[lang][name])
    for variable in sorted({variable for either in LANGS for variable, _ in variables(MESSAGES[either][name])} - {"utility", "line", "has_line"}):
        if {"one", "0"} & chosen.get(variable, set()) and variable in ("count", "plural"):
            yield variable, [0, 1, 2, 12_500, 10**6]
        else:
            yield variable, sorted(chosen[variable]) if variable in chosen else None


@pytest.mark.parametrize("name", sorted(MESSAGES["en"].keys() - GRAMMAR))
@pytest.mark.parametrize("lang", LANGS)
def test_every_message_renders_without_leftovers_in_each_of_its_variants(lang: Lang, name: str) -> None:
    choices = dict(arguments(lang, name))
    for line, text in product(["", "613-555-0100"], ["", "Trois-Rivières, 5 p.m."]):
        for values in product(*([text] if choice is None else choice for choice in choices.values())):
            assert not set("{}$") & set(wording(lang, line).say(name, **dict(zip(choices, values, strict=True))))


@given(st.sampled_from(LANGS), st.sampled_from(sorted(MESSAGES["en"].keys() - GRAMMAR)), st.data())
@settings(max_examples=examples(200))
def test_no_message_has_leftovers_for_any_arguments(lang: Lang, name: str, data: st.DataObject) -> None:
    texts = st.text(st.characters(blacklist_characters="{}$"), max_size=20)
    args = {
        variable: data.draw(texts if choice is None else st.integers(0, 10**7) if isinstance(choice[0], int) else st.sampled_from(choice))
        for variable, choice in arguments(lang, name)
    }
    assert not set("{}$") & set(wording(lang, data.draw(st.sampled_from(["", "613-555-0100"]))).say(name, **args))


def test_missing_argument_is_an_error_and_not_a_hole_in_a_sentence() -> None:
    with pytest.raises(KeyError, match="area"):
        wording("en").say("voice-none")
    with pytest.raises(KeyError):
        wording("en").say("no-such-message")


@pytest.mark.parametrize(
    ("hour", "minute", "english", "french"),
    [
        (0, 0, "12 a.m.", "0 h"),
        (0, 5, "12:05 a.m.", "0 h 05"),
        (7, 0, "7 a.m.", "7 h"),
        (12, 0, "noon", "midi"),
        (12, 1, "12:01 p.m.", "12 h 01"),
        (13, 0, "1 p.m.", "13 h"),
        (16, 30, "4:30 p.m.", "16 h 30"),
    ],
)
def test_times_are_told_as_each_language_tells_them(hour: int, minute: int, english: str, french: str) -> None:
    moment = datetime(2018, 9, 21, hour, minute, tzinfo=wording("en").zone)
    assert wording("en").time(moment) == english
    assert wording("fr", spoken=True).time(moment) == french
    assert wording("fr").time(moment) == french.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        (datetime(2018, 9, 21, 21, 30, tzinfo=UTC), "5:30 p.m.", "17 h 30"),
        (datetime(2018, 9, 22, 11, 0, tzinfo=UTC), "tomorrow at 7 a.m.", "demain à 7 h"),
        (datetime(2018, 9, 20, 16, 0, tzinfo=UTC), "yesterday at noon", "hier à midi"),
        (datetime(2018, 9, 24, 21, 0, tzinfo=UTC), "September 24 at 5 p.m.", "le 24 septembre à 17 h"),
        (datetime(2018, 10, 1, 21, 0, tzinfo=UTC), "October 1 at 5 p.m.", "le 1er octobre à 17 h"),
        (datetime(2019, 1, 1, 22, 0, tzinfo=UTC), "January 1, 2019, at 5 p.m.", "le 1er janvier 2019 à 17 h"),
    ],
)
def test_days_are_named_as_one_would_say_them(moment: datetime, english: str, french: str) -> None:
    assert wording("en", spoken=True).when(moment, NOW) == english
    assert wording("fr", spoken=True).when(moment, NOW) == french


def test_the_year_is_left_out_for_tomorrow_over_new_year() -> None:
    eve = datetime(2018, 12, 31, 22, tzinfo=UTC)
    assert wording("en").when(datetime(2019, 1, 1, 17, tzinfo=UTC), eve) == "tomorrow at noon"


def test_adverbs_carry_their_preposition() -> None:
    later, date = datetime(2018, 9, 21, 21, 30, tzinfo=UTC), datetime(2018, 9, 24, 21, tzinfo=UTC)
    assert [wording("en").at(moment, NOW) for moment in (later, date)] == ["at 5:30 p.m.", "on September 24 at 5 p.m."]
    assert [wording("fr", spoken=True).at(moment, NOW) for moment in (later, date)] == ["à 17 h 30", "le 24 septembre à 17 h"]


def test_a_sentence_that_ends_with_a_time_has_one_full_stop() -> None:
    assert wording("en").say("voice-estimate", estimate="one", when="4 p.m.", at="at 4 p.m.") == "Power is expected back by 4 p.m."


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (Count(1), "one customer", "un client"),
        (Count(12500), "12,500 customers", "12 500 clients"),
        (Count(4, masked=True), "fewer than 5 customers", "moins de 5 clients"),
        (Count(12500, masked=True), "about 12,500 customers", "environ 12 500 clients"),
    ],
)
def test_customers_are_told_exactly_only_where_they_may_be(count: Count, english: str, french: str) -> None:
    assert wording("en").customers(count) == english
    assert wording("fr", spoken=True).customers(count) == french


def test_lists_have_their_last_word() -> None:
    assert wording("en").list(["A", "B", "C"]) == "A, B and C"
    assert wording("fr").choice(["A", "B"]) == "A ou B"
    assert wording("fr").list([]) == ""
