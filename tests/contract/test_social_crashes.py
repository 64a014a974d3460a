"""A post is out once on each service, whatever step the process that sends it crashes at: a receiver of webhooks knows ids, Facebook its last words (I2)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from msgspec import Struct

from services.adapters.social_facebook import FacebookFeed
from services.kernel.delivery import Outcome
from services.kernel.ports.social import SocialFeed
from tests.builders import NOW, SetClock, event
from tests.contract.test_webhook import feed_of
from tests.simulators import facebook_api, webhook_receiver
from tests.unit.fanout.social_stage import Crash, Stage

CRASHES_MAX = 60
SLOW = ("SILENT_AFTER_ACCEPT", "DRIPPING")
"""Told as other lost answers are: each service's own test shows it."""


class Sim(Struct):
    """A service, and the texts that are out on it."""

    feed: SocialFeed
    texts: Callable[[], list[str]]
    faults: list[object]


@contextmanager
def webhook(clock: SetClock) -> Iterator[Sim]:
    receiver = webhook_receiver.Receiver(now=lambda: clock.now().timestamp())
    with webhook_receiver.running(receiver):
        yield Sim(feed_of(receiver.url, clock=clock), lambda: [taken["data"]["text"] for taken in receiver.taken], receiver.faults)  # type: ignore[arg-type]


@contextmanager
def facebook(clock: SetClock) -> Iterator[Sim]:
    api = facebook_api.FacebookApi(now=lambda: clock.now().timestamp())
    with facebook_api.running(api):
        feed = FacebookFeed(api.url, "v25.0", facebook_api.PAGE, facebook_api.TOKEN, facebook_api.APP_SECRET, 1.0, clock)
        yield Sim(feed, lambda: [post.message for post in api.posts], api.faults)  # type: ignore[arg-type]


@pytest.mark.parametrize("service", [webhook, facebook])
def test_every_post_is_out_exactly_once_whatever_step_a_crash_comes_at(service: Callable[[SetClock], object]) -> None:
    """One area for each step of a first report, and a crash at that step, until there is no such step."""
    clock = SetClock(NOW)
    with service(clock) as sim:  # type: ignore[attr-defined]
        stage = Stage(sim.feed)
        stage.clock = clock
        stage.restart()
        for crash_at in range(1, CRASHES_MAX):
            stage.restart(crash_at)
            stage.hear(event(f"o{crash_at}", areas=(f"K{crash_at}",), customers_affected=6_000 + crash_at))
            try:
                stage.run()
            except Crash:
                stage.restart()
                stage.settle()
            else:
                break
        assert 12 < crash_at < CRASHES_MAX - 1, "as many steps as a first report in two languages has"
        texts = sim.texts()
        assert len(texts) == len(set(texts)) == 2 * crash_at


@pytest.mark.parametrize(
    ("service", "fault"),
    [(service, fault) for service, module in ((webhook, webhook_receiver), (facebook, facebook_api)) for fault in module.Fault if fault.name not in SLOW],
)
def test_no_post_is_out_twice_and_none_is_lost_without_being_marked(service: Callable[[SetClock], object], fault: object) -> None:
    clock = SetClock(NOW)
    with service(clock) as sim:  # type: ignore[attr-defined]
        stage = Stage(sim.feed)
        stage.clock = clock
        stage.restart()
        sim.faults.append(fault)
        stage.hear(event("A", customers_affected=1_250))
        stage.run()
        stage.restart()
        stage.settle()
        for delivery in stage.written().deliveries:
            out = sim.texts().count(delivery.text)
            assert out == 1 or (delivery.outcome is not Outcome.DELIVERED and out == 0)
