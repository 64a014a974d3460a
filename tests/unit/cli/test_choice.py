"""Which of a service's processes a request is given to."""

import pytest

from services.cli.up.choice import REFUSED_S, Choice


@pytest.fixture
def now() -> list[float]:
    """Its one number is the time."""
    return [0.0]


@pytest.fixture
def ports() -> list[int]:
    return [7, 8, 9]


@pytest.fixture
def choice(now: list[float], ports: list[int]) -> Choice:
    return Choice(lambda: ports, lambda: now[0])


def test_the_one_with_the_fewest_requests_is_first_and_of_equals_the_one_named_first(choice: Choice) -> None:
    assert choice.order() == [7, 8, 9]
    for _ in range(2):
        choice.begin(7)
    choice.begin(8)
    assert choice.order() == [9, 8, 7]
    for _ in range(2):
        choice.end(7)
    choice.end(8)
    assert choice.order() == [7, 8, 9]


def test_one_that_refused_is_last_for_a_moment_even_behind_those_that_are_busy(choice: Choice, now: list[float]) -> None:
    choice.begin(7)
    choice.end(7, refused=True)
    choice.begin(8)
    assert choice.order() == [9, 8, 7]
    now[0] = REFUSED_S
    assert choice.order() == [7, 9, 8]


def test_one_that_is_gone_is_not_chosen(choice: Choice, ports: list[int]) -> None:
    choice.begin(7)
    ports[:] = [8, 10]
    assert choice.order() == [8, 10]
    choice.end(7)
    ports.clear()
    assert choice.order() == []
