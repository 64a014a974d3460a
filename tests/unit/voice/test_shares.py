"""Limits of many askers: each has their own, as many are remembered as fit, and an address that stands for nobody in particular has none."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.voice.shares import Shares, sharer
from tests.voice_service import NOW, Hand


def test_each_may_ask_so_often_at_once_and_then_at_its_pace_whatever_others_do() -> None:
    clock = Hand(NOW)
    shares = Shares(30, 3, 100, clock)
    assert [shares.wait_s("one") for _ in range(5)] == [0, 0, 0, 2, 2]
    assert shares.wait_s("another") == 0
    clock.moment += timedelta(seconds=2)
    assert [shares.wait_s("one") for _ in range(2)] == [0, 2]
    assert {shares.wait_s("") for _ in range(10)} == {0}
    assert {Shares(0, 1, 100, clock).wait_s("one") for _ in range(10)} == {0}


@given(st.lists(st.tuples(st.floats(0, 90), st.sampled_from("abc")), max_size=80))
def test_nobody_ever_gets_more_than_the_burst_and_the_pace(steps: list[tuple[float, str]]) -> None:
    clock = Hand(NOW)
    shares, had = Shares(60, 5, 100, clock), dict.fromkeys("abc", 0)
    for seconds, name in steps:
        clock.moment += timedelta(seconds=seconds)
        had[name] += shares.wait_s(name) == 0
        assert had[name] <= 5 + (clock.moment - NOW).total_seconds() + 1e-5


def test_made_up_names_take_a_bounded_memory_and_it_holds_no_name() -> None:
    shares = Shares(30, 1, 50, Hand(NOW))
    for number in range(1_000):
        shares.wait_s(f"+1613555{number:04}")
    assert len(shares._full_at) == 50
    assert not any(b"613555" in key for key in shares._full_at)


def test_a_clock_that_is_set_back_leaves_nobody_waiting_for_it() -> None:
    clock = Hand(NOW)
    shares = Shares(60, 2, 50, clock)
    assert [shares.wait_s("one") for _ in range(3)] == [0, 0, 1]
    clock.moment -= timedelta(hours=1)
    assert shares.wait_s("one") == 1
    clock.moment += timedelta(seconds=1)
    assert [shares.wait_s("one") for _ in range(2)] == [0, 1]


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("203.0.114.7", "203.0.114.7"),
        ("::ffff:203.0.114.7", "203.0.114.7"),
        ("2606:4700:1:2:3:4:5:6", "2606470000010002"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("10.1.2.3", ""),
        ("192.168.0.9", ""),
        ("fd00::1", ""),
        ("::ffff:10.0.0.1", ""),
        ("unix:", ""),
        ("", ""),
    ],
)
def test_one_home_shares_a_limit_and_an_address_that_is_no_customers_has_none(address: str, shared: str) -> None:
    assert sharer(address) == shared
