"""Calls that can't be stopped."""

import threading

import pytest

from services.kit.abandoned import or_abandoned


def test_a_call_that_ends_in_time_gives_what_it_gives() -> None:
    assert or_abandoned(lambda: 7, 5, "call") == 7
    with pytest.raises(ZeroDivisionError):
        or_abandoned(lambda: 1 // 0, 5, "call")


def test_a_call_that_does_not_end_is_left_behind() -> None:
    end = threading.Event()
    with pytest.raises(TimeoutError):
        or_abandoned(end.wait, 0.01, "left-behind")
    (left,) = (thread for thread in threading.enumerate() if thread.name == "left-behind")
    assert left.daemon
    end.set()
    left.join(5)
