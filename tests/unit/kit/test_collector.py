"""The collector of cycles is calmed, not stopped."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from services.kit import collector
from services.kit.settings import Settings


class _Node:
    other: "_Node"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_it_rests_at_the_start_and_no_longer() -> None:
    collector.rest()
    assert not gc.isenabled()
    collector.settle(Settings())
    assert gc.isenabled()


def test_cycles_are_still_found_when_enough_new_objects_were_made() -> None:
    collector.settle(Settings(gc_new_objects=1_000))
    one, two = _Node(), _Node()
    one.other, two.other = two, one
    gone = ref(one)
    del one, two
    made = [[] for _ in range(1_500)]
    assert gone() is None, f"{len(made)} objects later, the cycle is still there"


def test_what_was_there_at_the_start_is_not_looked_through_again() -> None:
    collector.settle(Settings())
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == Settings().gc_new_objects
