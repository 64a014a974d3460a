from hypothesis import given
from hypothesis import strategies as st

from services.kit.retry import full_jitter


@given(st.integers(0, 10_000), st.floats(0.01, 10), st.floats(0.01, 100), st.floats(0, 1))
def test_a_wait_is_never_longer_than_the_cap_nor_than_its_turn(attempt: int, base_s: float, cap_s: float, chance: float) -> None:
    assert 0 <= full_jitter(attempt, base_s, cap_s, lambda: chance) <= cap_s


def test_waits_double_up_to_the_cap() -> None:
    assert [full_jitter(attempt, 0.5, 3, lambda: 1.0) for attempt in range(5)] == [0.5, 1, 2, 3, 3]
