"""A post is out once on each service, and answers what it should, whatever step the process that sends it crashes at, and whatever the service does (I2).

The real client of each service, against its simulator. Where a crash comes in the middle of a request: tests/chaos/test_sender_killed.py.
"""

import pytest

from services.kernel.delivery import HeldFor, Outcome, Written
from services.wire import Channel
from tests.builders import SetClock, event
from tests.simulators.social import BLIND, CHANNELS, FAULTS, THREADED, Out, simulated
from tests.unit.fanout.social_stage import Crash, Stage

STEPS = range(20, 60, 2)
"""Every second one: a crash just before a call leaves what one just after the call before it left. Between the first and last of these a post in two languages
has been told."""
AS_OUT = (Outcome.DELIVERED, None), (Outcome.HELD, HeldFor.UNCERTAIN)


def told(stage: Stage, crash_at: int, minute: int, customers: int) -> bool:
    """Tell of one area, crash at one step, and go on in a new process; whether there was such a step."""
    stage.restart(crash_at)
    stage.hear(event(f"o{crash_at}", minute=minute, areas=(f"K{crash_at}",), customers_affected=customers))
    try:
        stage.run()
    except Crash:
        stage.restart()
        stage.settle()
        return True
    return False


def judge(channel: Channel, written: Written, out: list[Out], first: Written | None) -> None:
    """One post a language, which answers the one that it should. In doubt is only what nobody can be asked about."""
    assert [delivery.lang for delivery in written.deliveries] == ["en", "fr"]
    for at, delivery in enumerate(written.deliveries):
        found = [post for post in out if post.text == delivery.text]
        if (delivery.outcome, delivery.held_for) != AS_OUT[0]:
            assert channel in BLIND
            assert (delivery.outcome, delivery.held_for, len(found) <= 1) == (*AS_OUT[1], True)
            continue
        assert len(found) == 1
        begun = first.deliveries[at] if first else None
        if channel in THREADED and begun:
            assert found[0].answers == begun.text
        else:
            assert found[0].answers is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_post_is_out_exactly_once_and_in_its_thread_whatever_step_a_crash_comes_at(channel: Channel) -> None:
    """One area for each step: of its first report, and then of an update that answers it, until neither has such a step."""
    clock = SetClock()
    with simulated(channel, clock) as service:
        stage = Stage(service.feed(clock, 30.0), channel=channel, clock=clock)
        for crash_at in range(2, STEPS.stop, 2):
            crashed = told(stage, crash_at, 0, 1_000 + crash_at)
            first = stage.written(area := f"K{crash_at}")  # type: ignore[arg-type]
            clock.move(minutes=40)
            crashed |= told(stage, crash_at, 40, 9_000 + crash_at)
            update = stage.written(area)  # type: ignore[arg-type]
            assert first.post != update.post
            out = service.out()
            judge(channel, first, out, None)
            judge(channel, update, out, first)
            if not crashed:
                break
            clock.move(minutes=15)
        assert crash_at in STEPS
        texts = [post.text for post in service.out()]
        assert len(texts) == len(set(texts))
        assert len(texts) == 2 * crash_at or channel in BLIND


def met(channel: Channel, fault: str) -> tuple[Stage, list[Out]]:
    """A first report whose first language meets `fault`, and all that follows; and what is out then."""
    clock = SetClock()
    with simulated(channel, clock) as service:
        stage = Stage(service.feed(clock, 10.0), channel=channel, clock=clock)
        service.fail(fault)
        stage.hear(event("A", customers_affected=1_250))
        stage.run()
        stage.restart()
        stage.settle()
        return stage, service.out()


@pytest.mark.parametrize(("channel", "fault"), [(channel, fault) for channel in CHANNELS for fault in FAULTS[channel]])
def test_no_post_is_out_twice_and_none_is_lost_whatever_the_service_does(channel: Channel, fault: str) -> None:
    stage, out = met(channel, fault)
    judge(channel, stage.written(), out, None)
    assert stage.due == {}
