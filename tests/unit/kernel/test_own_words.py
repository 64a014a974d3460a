"""An operator's own words: taken where they tell the same facts, else left out with a line and a reason, and never in anybody's way."""

from pathlib import Path

import pytest

from services.adapters.messages_folder import looked_through
from services.kernel.messages import LANGS, Wording, standard
from services.kernel.own_words import Fault, taken

FIRST = {
    "en": """social-first-report = { $placed ->
    [yes] Lights out in { $area }: { $customers }, as of { $as_of }.
   *[no] Lights out: { $customers }, as of { $as_of }.
}
""",
    "fr": """social-first-report = { $placed ->
    [yes] Noir dans { $area } : { $customers }, à { $as_of }.
   *[no] Noir : { $customers }, à { $as_of }.
}
""",
}


def wording(own: str, lang: str = "en") -> Wording:
    return Wording(lang, "Hydro", "America/Toronto", "613-555-0100", own=own)  # type: ignore[arg-type]


def said(own: str, service: str, turn: int) -> str:
    return wording(own).turned("social-first-report", service, turn, placed="yes", area="Kanata", customers="9 customers", as_of="noon")


def test_own_words_are_said_in_place_of_all_that_come_along_under_the_name_on_every_service() -> None:
    found, faults = taken(FIRST)  # type: ignore[arg-type]
    assert faults == []
    assert {said(found["en"], service, turn) for service in ("", "x", "facebook") for turn in range(4)} == {"Lights out in Kanata: 9 customers, as of noon."}
    assert wording(found["en"]).say("social-safety") == "Stay at least 10 metres away from fallen wires."


def test_another_wording_and_one_for_a_service_are_added_by_their_names() -> None:
    more = FIRST["en"].replace("social-first-report", "social-first-report-5").replace("Lights", "All lights")
    assert {"All lights out in Kanata: 9 customers, as of noon."} < {said(more, "x", turn) for turn in range(5)}
    only = FIRST["en"].replace("social-first-report", "social-first-report-mastodon")
    assert said(only, "mastodon", 1).startswith("Lights out")
    assert not said(only, "x", 1).startswith("Lights out")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("\n\nsocial-cause = Cause: { $cause\n", 3, "can't be read"),
        ("# hello\nsocial-cuase = Cause: { $cause }.", 2, "no message of this name; did you mean social-cause"),
        ("social-cause = Something broke.", 1, "leaves out { $cause }"),
        ("social-cause = Cause: { $cause } ({ $customers }).", 1, "no $customers here"),
        ("social-cause = Cause: { $cause }.\nsocial-cause = Why: { $cause }.", 2, "twice"),
        ("social-cause-9 = Why: { $cause }.", 1, "never be said: there is no social-cause-8"),
        ("social-cause = Cause: { $cause }, { nothing }.", 1, "can't be said"),
        ("social-estimated = We expect power back by { $when }.", 1, "doesn't say what to say where $shape is all or none or passed or some"),
        (FIRST["en"].replace("Lights out: {", "Lights out in { $area }: {"), 1, "it tells { $area } where $placed is no"),
        (FIRST["en"].replace("Lights out in { $area }: { $customers }", "Lights out in { $area }"), 1, "leaves out { $customers } where $placed is yes"),
        (FIRST["en"].replace("Lights", "Light after light after light " * 8), 1, "longer than the 280"),
        ("social-safety = Stay at least 5 metres away from fallen wires.", 1, "not those of the other language (10, 5)"),
    ],
)
def test_what_cannot_be_said_is_told_with_its_line_and_what_comes_along_stands(text: str, line: int, says: str) -> None:
    found, faults = taken({"en": text, "fr": ""})
    refused = [fault for fault in faults if fault.refused]
    assert [fault.line for fault in refused] == [line]
    assert says in str(refused[0])
    assert text.count("= ") > 1 or found["en"] == ""


def counted(key: str, words: str) -> str:
    return f"page-outages = {{ $count ->\n    [{key}] {words}\n    [one] 1 outage\n   *[other] {{ $number }} outages\n}}\n"


@pytest.mark.parametrize("key", ["5", "05", "5.0", "12"])
def test_a_number_that_words_are_chosen_for_is_looked_at_too(key: str) -> None:
    for words, says in (("{ no-such-message }", "can't be said"), ("a handful of outages", f"leaves out {{ $number }} where $count is {float(key):.0f}")):
        found, faults = taken({"en": counted(key, words), "fr": ""})
        assert (found["en"], says in str(faults[0])) == ("", True), faults
    assert taken({"en": counted(key, "{ $number } outages"), "fr": ""})[0]["en"]
    many = "{ $count ->\n" + "".join(f"    [{number}] {'{ $number }'} outages\n" for number in range(1_100)) + "   *[other] { $number } outages\n}"
    assert "more than the 1024 cases" in str(taken({"en": f"page-outages = {many}", "fr": ""})[1][0])


def test_what_cannot_be_said_after_all_is_said_as_it_comes_along_and_told_once() -> None:
    told: list[str] = []
    own = counted("5", "{ no-such-message }") + FIRST["en"].replace("report", "report-x-5").replace("{ $area }", "{ nowhere }")
    wording = Wording("en", "Hydro", "America/Toronto", own=own, unsaid=told.append)
    assert [wording.say("page-outages", count=count, number=str(count)) for count in (5, 5, 6)] == ["5 outages", "5 outages", "6 outages"]
    assert "Kanata" in wording.say("social-first-report-x-5", placed="yes", area="Kanata", customers="9 customers", as_of="noon")
    assert ["page-outages" in told[0], "social-first-report-x-5" in told[1], len(told)] == [True, True, 2]
    with pytest.raises(KeyError):
        wording.say("page-outages", count=6)


def test_one_language_alone_and_web_addresses_are_worth_a_look() -> None:
    found, faults = taken({"en": "social-cause = Cause (hydro.example): { $cause }.", "fr": ""})
    assert "hydro.example" in found["en"]
    assert [fault.refused for fault in faults] == [False, False]
    assert [word in " ".join(map(str, faults)) for word in ("web address", "in this language only")] == [True, True]


def test_other_numbers_are_taken_where_both_languages_have_them() -> None:
    both = {"en": "social-safety = Stay at least 35 feet away.", "fr": "social-safety = Restez à au moins 35 pieds."}
    found, faults = taken(both)  # type: ignore[arg-type]
    assert ("35" in found["en"], "35" in found["fr"], faults) == (True, True, [])


@pytest.mark.parametrize("lang", LANGS)
def test_every_message_that_comes_along_could_be_an_operators_own(lang: str) -> None:
    folder = Path(__file__).parents[3] / "services" / "kernel" / "messages" / lang
    text = "\n".join(file.read_text("utf-8") for file in sorted(folder.glob("*.ftl")))
    found, faults = taken({lang: text})  # type: ignore[dict-item]
    assert [fault for fault in faults if fault.refused] == []
    assert found[lang].count("social-first-report-4 =") == 1  # type: ignore[index]
    assert standard(lang).names  # type: ignore[arg-type]


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "en.ftl").write_bytes("social-cause = Là: { $cause }.".encode("latin-1"))
    (tmp_path / "fr.ftl").write_bytes(b"\xef\xbb\xbfsocial-cause = Pourquoi : { $cause }.\r\n")
    found, faults = looked_through(tmp_path)
    assert "UTF-8" in str(faults[0])
    assert "Pourquoi" in found["fr"]
    assert all(fault.refused and "isn't there" in str(fault) for fault in looked_through(tmp_path / "nowhere")[1])
    assert isinstance(faults[0], Fault)
