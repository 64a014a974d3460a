"""The short look at an area leads to the same decision as the whole brief; and several areas count an outage once."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.adapters.policy_file import policy
from services.kernel.board import Board
from services.kernel.events import Cause
from services.kernel.ids import AreaId, OutageKey
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.planner import plan
from services.kernel.views import Count
from services.kit.settings import Settings
from tests.builders import NOW, event

POLICY, HERE, THERE = policy(Settings()), AreaId("a"), AreaId("b")
OUTAGE = st.fixed_dictionaries(
    {
        "customers_affected": st.sampled_from((None, 1, 4, 40, 700, 700, 9_000)),
        "cause": st.sampled_from((Cause.UNKNOWN, Cause.WEATHER, Cause.ANIMAL, Cause.SAFETY)),
        "planned": st.sampled_from((False, False, False, True)),
        "estimated_restoration": st.sampled_from((None, NOW + timedelta(hours=1), NOW + timedelta(hours=4))),
    }
)


@given(st.lists(OUTAGE, max_size=8))
def test_what_is_planned_from_the_short_look_is_what_is_planned_from_the_whole(outages: list[dict[str, object]]) -> None:
    board = Board(5)
    for number, one in enumerate(outages):
        board.apply(OutageKey(f"s:{number}"), event(str(number), areas=(HERE,), **one))
    short = Outlook(board, {}, board.standing).brief(HERE, POLICY.safety_causes)
    assert plan(None, short, None, POLICY, NOW) == plan(None, board.brief(HERE, {}), None, POLICY, NOW)


def test_an_outage_in_two_of_ones_areas_counts_once_and_one_elsewhere_not_at_all() -> None:
    board = Board(5)
    for name, areas, customers in (("x", (HERE, THERE), 900), ("y", (THERE,), 50), ("z", ("c",), 7_000)):
        board.apply(OutageKey(f"s:{name}"), event(name, areas=areas, customers_affected=customers))
    facts = Outlook(board, {}, board.standing, frozenset({HERE, THERE, AreaId("calm")})).overall(2)
    assert (facts.outages, facts.customers) == (2, Count(950))
    assert [(place.area, place.customers.customers) for place in facts.places] == [(THERE, 950), (HERE, 900)]
    assert Outlook(board, {}, board.standing).overall(1).customers == Count(7_950)
