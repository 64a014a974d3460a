"""Posts are paid for before they are begun: all languages or none, once, and not at all where they are surely not out."""

from datetime import timedelta

import pytest

from services.adapters.budgets_memory import MemoryBudgets
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.ids import AreaId
from services.kernel.planning.desk import PATIENCE
from services.kernel.planning.spending import Cost, Limit
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Left, Receipt, Reply
from tests.builders import NOW, event
from tests.unit.fanout.social_stage import Scripted, Stage

DAY, MONTH = timedelta(days=1), timedelta(days=30)
URGENT = 9_000
"""Customers: a first report of so many is an emergency."""


def counted(*limits: Limit, reserve: float = 0.0) -> MemoryBudgets:
    return MemoryBudgets(limits, reserve, timedelta(days=2))


def hear_of(stage: Stage, *customers: int) -> None:
    stage.hear(*(event(f"o{number}", areas=(f"K{number}",), customers_affected=number) for number in customers))
    stage.run()


def left(stage: Stage) -> list[float]:
    """Of the limits that are the account's own: the service tells of a shorter one."""
    return [round(one.left, 3) for one in stage.budgets.left(stage.clock.now()) if one.limit.window >= DAY]


def test_no_post_is_begun_that_its_other_language_has_no_room_for_and_the_reserve_is_for_emergencies() -> None:
    stage = Stage(budgets=counted(Limit(DAY, 5), reserve=0.1))
    hear_of(stage, 600, 700)
    assert ["K700" in text for text in stage.texts()] == [True] * 2
    assert min(stage.due.values()) > NOW, "the worker is given back"
    stage.restart()
    hear_of(stage, 800)
    assert len(stage.texts()) == 2, "a new process knows what was spent"
    hear_of(stage, URGENT, URGENT + 100)
    assert (len(stage.texts()), left(stage)) == (4, [1])


def test_money_is_a_budget_too() -> None:
    stage = Stage(budgets=counted(Limit(MONTH, 0.05, money=True)))
    hear_of(stage, URGENT, URGENT + 100)
    assert (len(stage.texts()), left(stage)) == (2, [0.02])


@pytest.mark.parametrize(
    ("reply", "paid"),
    [(Reply.LIMITED, 0), (Reply.UNREACHED, 0), (Reply.REFUSED, 0), (Reply.LOCKED_OUT, 0), (Reply.INVALID, 1), (Reply.FAILED, 1), (Reply.UNCERTAIN, 1)],
)
def test_what_is_surely_not_out_is_given_back(reply: Reply, paid: int) -> None:
    """Of a first language; after INVALID the second one goes out, after all else it isn't tried."""
    stage = Stage(budgets=counted(Limit(DAY, 10)))
    stage.feed = Scripted(stage.service, Receipt(reply))
    stage.restart()
    hear_of(stage, 600)
    assert left(stage) == [10 - paid]
    stage.settle()
    assert left(stage) == [10 - len(stage.texts())]


def test_an_answer_that_is_lost_is_paid_once_however_often_it_is_tried() -> None:
    stage = Stage(budgets=counted(Limit(DAY, 10)))
    stage.feed = Scripted(stage.service, *[Receipt(Reply.UNCERTAIN)] * 3)
    stage.restart()
    hear_of(stage, 600)
    stage.settle()
    assert (len(stage.texts()), left(stage)) == (2, [8])


@pytest.mark.parametrize(
    "last",
    [Receipt(Reply.POSTED, "2", budgets=(Left(86_400, 100, 1, NOW + timedelta(hours=2)),)), Receipt(Reply.POSTED, "2", closed_until=NOW + timedelta(hours=2))],
)
def test_what_the_service_says_holds_for_the_next_process(last: Receipt) -> None:
    stage = Stage(budgets=counted(Limit(DAY, 100)))
    stage.feed = Scripted(stage.service, Receipt(Reply.POSTED, "1"), last)
    stage.restart()
    hear_of(stage, URGENT)
    stage.restart()
    hear_of(stage, URGENT + 100)
    assert (stage.texts(), set(stage.due.values())) == ([], {NOW + PATIENCE})
    stage.clock.move(hours=2)
    stage.run()
    assert len(stage.texts()) == 2


def test_a_language_that_is_left_behind_may_take_the_reserve() -> None:
    stage = Stage(budgets=counted(Limit(DAY, 3), reserve=0.1))
    stage.feed = Scripted(stage.service, Receipt(Reply.POSTED, "1"), Receipt(Reply.UNREACHED))
    stage.restart()
    hear_of(stage, URGENT)
    assert left(stage) == [2]
    stage.budgets.take({"other": Cost(1)}, stage.clock.now(), emergency=True)
    stage.settle()
    assert (len(stage.texts()), left(stage)) == (1, [0])


def test_nothing_is_posted_while_the_count_is_gone_and_all_of_it_after() -> None:
    budgets = counted(Limit(DAY, 10))
    stage = Stage(budgets=budgets)
    budgets.down = True
    with pytest.raises(Unavailable):
        hear_of(stage, 600)
    assert stage.texts() == []
    budgets.down = False
    stage.run()
    assert (len(stage.texts()), left(stage)) == (2, [8])


def test_a_dry_run_keeps_to_the_budget_as_well() -> None:
    stage = Stage(budgets=counted(Limit(DAY, 2)))
    stage.feed = None
    stage.restart()
    hear_of(stage, URGENT, URGENT + 100)
    newest = stage.ledger.newest("social", "x-dry-run", [AreaId(f"K{URGENT}"), AreaId(f"K{URGENT + 100}")])
    stand = {area: {(delivery.outcome, delivery.held_for) for delivery in written.deliveries} for area, written in newest.items()}
    assert stand == {f"K{URGENT + 100}": {(Outcome.HELD, HeldFor.DRY_RUN)}}
