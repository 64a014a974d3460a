"""The words themselves, for anyone to read: one file a case and language. `SURGECAST_RERECORD=1 pytest tests/messages` writes them anew."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.kernel.answers import area_answers, overall_answers
from services.kernel.areas import AreaName
from services.kernel.events import Cause, Crew
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.views import Answers, AreaBrief, Count, Totals

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2018, 9, 21, 21, 30, tzinfo=UTC)  # Friday, 5:30 p.m. in Ottawa
WORDINGS = [
    Wording("en", "Example Hydro", "America/Toronto", "613-555-0100", spoken=True),
    Wording("fr", "Hydro Exemple", "America/Toronto", "613-555-0100", spoken=True),
]


def area(outages: int, customers: Count, **more: object) -> Answers:
    return area_answers(WORDINGS, AreaBrief(AreaId("barrhaven"), "Barrhaven", outages, customers, **more), NOW)  # type: ignore[arg-type]


SOON, NIGHT, PAST = NOW + timedelta(hours=2), NOW + timedelta(hours=13, minutes=30), NOW - timedelta(minutes=45)
CASES = {
    "no-outage": area(0, Count(0)),
    "one-outage-no-estimate": area(1, Count(640), unestimated=1),
    "one-small-outage": area(1, Count(4, masked=True), earliest_estimate=SOON, latest_estimate=SOON, cause=Cause.ANIMAL, crew=Crew.ON_SITE),
    "one-outage-estimate-ahead": area(1, Count(1_250), earliest_estimate=SOON, latest_estimate=SOON, cause=Cause.VEGETATION, crew=Crew.EN_ROUTE),
    "one-outage-estimate-passed": area(1, Count(1_250), earliest_estimate=PAST, latest_estimate=PAST, cause=Cause.EQUIPMENT, crew=Crew.ASSIGNED),
    "one-outage-uncounted": area(1, Count(0), unestimated=1, cause=Cause.OTHER),
    "planned-work": area(1, Count(38), planned=1, earliest_estimate=SOON, latest_estimate=SOON),
    "several-outages": area(12, Count(12_345, masked=True), earliest_estimate=SOON, latest_estimate=NIGHT, cause=Cause.WEATHER, crew=Crew.ON_SITE),
    "several-outages-some-planned": area(7, Count(412), planned=2, unestimated=3, earliest_estimate=SOON, latest_estimate=NIGHT, cause=Cause.VEHICLE),
    "several-planned-works": area(3, Count(90), planned=3, earliest_estimate=SOON, latest_estimate=SOON),
    "whole-territory": overall_answers(WORDINGS, Totals(5_428, Count(348_558, masked=True), 12), list(map(AreaName, ("Barrhaven", "Orléans", "Kanata")))),
    "whole-territory-one-outage": overall_answers(WORDINGS, Totals(1, Count(640), 0), [AreaName("Barrhaven")]),
    "whole-territory-no-outage": overall_answers(WORDINGS, Totals(0, Count(0), 0), []),
}


def written(answers: Answers, lang: Lang) -> str:
    zone = WORDINGS[0].zone
    lines = []
    for intent, texts in answers[lang].items():
        lines.append(intent)
        lines += [f"  {f'from {text.since.astimezone(zone):%Y-%m-%d %H:%M}' if text.since else 'now'}: {text.text}" for text in texts]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", CASES)
def test_the_words_are_those_on_record(case: str, lang: Lang) -> None:
    path, text = GOLDEN / lang / f"{case}.txt", written(CASES[case], lang)
    if os.environ.get("SURGECAST_RERECORD"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_no_record_is_left_of_a_case_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.rglob("*.txt")} == set(CASES)
