"""A worker that turns and takes nothing is deaf; one that is busy, idle or slow is not."""

from services.kit.hearing import Hearing


def test_a_worker_is_deaf_when_doorbells_wait_before_it_while_it_does_nothing() -> None:
    now, waiting = [0.0], [0]
    hearing = Hearing(lambda: waiting[0], 10.0, lambda: now[0])

    def after(seconds: float, busy: bool = False) -> bool:
        now[0] += seconds
        return hearing.deaf(busy)

    assert not after(1_000), "nobody rang"
    waiting[0] = 3
    assert not after(1_000), "it has just been rung"
    assert not after(9.9)
    hearing.heard()
    assert not after(9.9)
    assert not after(5, busy=True)
    assert not after(100), "it was busy until now"
    assert after(10)
    waiting[0] = 0
    assert not after(100), "another worker took them, or the broker is away"
