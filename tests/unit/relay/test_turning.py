from threading import Event

from services.kernel.ports.failures import Unavailable
from services.kit.sidecar import Pulse
from services.relay.main import turn


def test_the_loop_goes_on_when_redis_comes_back_and_is_not_ready_while_it_is_away() -> None:
    stop, pulse, seen = Event(), Pulse("loop", 5), []

    def step() -> None:
        seen.append(bool(pulse.reasons()))
        if len(seen) < 4:
            raise Unavailable("away")
        if len(seen) == 6:
            stop.set()

    turn(step, pulse, stop, backoff_max_s=0.001)
    assert seen == [True, True, True, True, False, False]


def test_the_loop_ends_when_told_to_while_redis_is_away() -> None:
    stop, calls = Event(), []

    def step() -> None:
        calls.append(1)
        stop.set()
        raise Unavailable("away")

    turn(step, Pulse("loop", 5), stop, backoff_max_s=60)
    assert calls == [1]


def test_the_loop_is_not_taken_for_hung_while_redis_is_away() -> None:
    stop, pulse, seen = Event(), Pulse("loop", 0), []

    def step() -> None:
        seen.append(bool(pulse.hung()))
        if len(seen) == 3:
            stop.set()
        if len(seen) > 1:
            raise Unavailable("away")

    turn(step, pulse, stop, backoff_max_s=0.001)
    assert seen == [False, True, False]
