"""A made-up storm through the live channel and tweepy to X's simulator, in its own time; for real ones: `python -m loadtests.bench.social`."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from loadtests.bench.social import Case, replay
from services.cli.plan.storms import SOURCE, Step
from services.kernel.areas import AreaName
from services.kernel.events import Cause, OutageEvent, Status
from services.kernel.ids import AreaId, OutageKey, outage_key
from tests.builders import NOW, event

TOWNS = ("Kanata", "Barrhaven", "Orléans", "Vanier", "Nepean", "Gatineau", "Aylmer", "Hull", "Rockland", "Carp", "Dunrobin", "Manotick")
GAP_MIN, EMERGENCY_MIN = 20, 600
EMERGENCY = AreaId("carp")


def storm(hours: int = 12) -> Iterator[Step]:
    """Towns that grow, shrink and are restored, more than seventeen posts a day can tell of; late in it, an emergency."""
    draw = random.Random(4)
    towns = {AreaId(town.lower()): AreaName(town) for town in TOWNS}
    out: dict[AreaId, int] = {}
    for picture in range(hours * 60 // GAP_MIN):
        minute, changes = picture * GAP_MIN, []
        for area in sorted(towns.keys() - {EMERGENCY}):
            if draw.random() < 0.3:
                out[area] = draw.choice([0, 300, 700, 1_500, 3_200])
                changes.append(said(area, minute, out[area]))
        if minute == EMERGENCY_MIN:
            changes.append(said(EMERGENCY, minute, 12_000, Cause.SAFETY))
        yield Step(NOW + timedelta(minutes=minute), changes, towns if picture == 0 else {})


def said(area: AreaId, minute: int, customers: int, cause: Cause = Cause.WEATHER) -> tuple[OutageKey, OutageEvent]:
    status = Status.ACTIVE if customers else Status.RESTORED
    return outage_key(SOURCE, event(area).outage_id), event(area, minute=minute, areas=(area,), customers_affected=customers, cause=cause, status=status)


@pytest.mark.parametrize("case", [Case("free"), Case("pay-per-use", 0.6)], ids=lambda case: case.name)
def test_nothing_is_over_a_limit_twice_or_of_the_first_importance_and_late(case: Case) -> None:
    verdict = replay(list(storm()), case, "America/Toronto")
    assert verdict.wrong == []
    assert sorted((top.area, top.why) for top in verdict.told) == [(EMERGENCY, "first_report"), (EMERGENCY, "safety")]
    assert 10 <= verdict.posts <= 40
