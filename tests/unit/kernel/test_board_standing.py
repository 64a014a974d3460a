"""How an area's newest outage stands: what 'all restored' rests on (I5)."""

import pytest

from services.kernel.board import Board
from services.kernel.events import Status
from services.kernel.ids import AreaId, OutageKey
from tests.builders import event

K2G, K2J = AreaId("K2G"), AreaId("K2J")
A, B = OutageKey("oms:A"), OutageKey("oms:B")


@pytest.fixture
def board() -> Board:
    made = Board(5)
    made.apply(A, event("A"))
    return made


@pytest.mark.parametrize("status", [Status.CLEARING, Status.RESTORED, Status.CANCELLED])
def test_it_is_how_the_only_outage_ended(board: Board, status: Status) -> None:
    assert board.standing(K2G) is Status.ACTIVE
    board.apply(A, event("A", minute=1, status=status))
    assert board.standing(K2G) is status


def test_it_is_clearing_while_any_outage_is(board: Board) -> None:
    board.apply(B, event("B", status=Status.CLEARING))
    board.apply(A, event("A", minute=1, status=Status.RESTORED))
    assert board.standing(K2G) is Status.CLEARING
    board.apply(B, event("B", minute=2, status=Status.RESTORED))
    assert board.standing(K2G) is Status.RESTORED


def test_it_is_active_when_a_clearing_outage_comes_back(board: Board) -> None:
    board.apply(A, event("A", minute=1, status=Status.CLEARING))
    board.apply(A, event("A", minute=2))
    assert board.standing(K2G) is Status.ACTIVE


def test_it_is_not_known_when_the_last_outage_moved_away(board: Board) -> None:
    board.apply(B, event("B", status=Status.RESTORED))
    board.apply(A, event("A", minute=1, areas=("K2J",)))
    assert (board.standing(K2G), board.standing(K2J)) == (None, Status.ACTIVE)


def test_an_end_that_names_no_area_ends_the_outage_where_it_was(board: Board) -> None:
    board.apply(A, event("A", minute=1, areas=(), status=Status.RESTORED))
    assert board.standing(K2G) is Status.RESTORED


def test_it_is_not_known_of_an_area_never_heard_of(board: Board) -> None:
    assert board.standing(AreaId("nowhere")) is None
