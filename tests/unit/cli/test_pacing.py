"""How soon a part that died is started again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.up.pacing import Pacing
from services.kit.settings import Settings

SETTINGS = Settings(up_restart_s=0.2, up_restart_max_s=5.0, up_healthy_s=10.0)


def test_what_fails_as_it_starts_is_tried_less_and_less_often_up_to_the_limit() -> None:
    pacing = Pacing(SETTINGS)
    waits = [pacing.wait_s(0.0) for _ in range(8)]
    for number, wait_s in enumerate(waits):
        apart_s = min(0.2 * 2**number, 5.0)
        assert apart_s / 2 <= wait_s <= apart_s


@given(st.lists(st.floats(0.0, 20.0), max_size=20), st.floats(5.0, 1_000.0))
def test_what_lived_as_long_as_starts_are_ever_kept_apart_is_started_at_once_whatever_was_before(lives: list[float], lived_s: float) -> None:
    pacing = Pacing(SETTINGS)
    for life_s in lives:
        pacing.wait_s(life_s)
    assert pacing.wait_s(lived_s) == 0.0


@pytest.mark.parametrize("healthy_s", [10.0, 60.0])
def test_one_good_life_makes_up_for_the_deaths_before_it(healthy_s: float) -> None:
    pacing = Pacing(SETTINGS.model_copy(update={"up_healthy_s": healthy_s}))
    for _ in range(8):
        pacing.wait_s(0.0)
    pacing.wait_s(healthy_s)
    assert pacing.wait_s(0.0) <= 0.4
