"""The whole social channel on the real adapters: tweepy to the simulated X API, SQL, Redis. A post appears once, whatever fails (I2)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.adapters.announced_redis import RedisAnnounced
from services.adapters.budgets_redis import budgets_of
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from services.adapters.redis_link import sync_link
from services.adapters.social_x import XFeed
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.planning.tiers import Tier, X
from services.kit.settings import Settings
from services.wire import Channel
from tests.builders import NOW, event
from tests.simulators.x_api import CREDENTIALS, Budget, Fault, XApi, running, weight
from tests.unit.fanout.social_stage import AREA, Stage


@pytest.fixture
def api() -> Iterator[XApi]:
    with running(XApi(now=lambda: NOW.timestamp())) as simulator:
        yield simulator


@pytest.fixture
def stage(api: XApi, redis_url: str, tmp_path: Path) -> Iterator[Stage]:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    upgrade(url)
    ledger = SqlLedger(url, 5)
    link = sync_link(Settings(journal_url=redis_url))
    budgets = budgets_of(link, Channel.SOCIAL, "x", X[Tier.PAY_PER_USE], 0.0, Settings())
    made = Stage(XFeed(api.url, CREDENTIALS, 10.0), ledger, RedisAnnounced(link, "x"), budgets=budgets)
    api.now = lambda: made.clock.now().timestamp()
    yield made
    ledger.close()


def hear_of_many(stage: Stage, minute: int = 0) -> None:
    stage.hear(event("A", minute=minute, customers_affected=1_250))


@pytest.mark.parametrize("fault", Fault)
def test_no_post_is_out_twice_and_none_is_lost_without_being_marked(api: XApi, stage: Stage, fault: Fault) -> None:
    api.faults.append(fault)
    hear_of_many(stage)
    stage.run()
    stage.restart()
    stage.settle()
    english, french = stage.written().deliveries
    assert french.outcome is Outcome.DELIVERED
    out = [tweet.text for tweet in api.tweets].count(english.text)
    assert (english.outcome, out) == (Outcome.DELIVERED, 1) or (english.held_for is HeldFor.UNCERTAIN and out <= 1)


def test_posts_go_on_at_the_reset_when_the_budget_was_used_up(api: XApi, stage: Stage) -> None:
    api.user = Budget(3, 900)
    stage.hear(*(event(f"o{number}", areas=(f"K{number}",), customers_affected=900) for number in range(4)))
    stage.run()
    asked = api.requests
    assert (len(api.tweets), asked) == (2, 2), "the headers tell of one more: no message is begun in one language alone, no request is wasted on a 429"
    assert set(stage.due.values()) == {NOW + timedelta(seconds=900)}
    for _ in range(2):  # an hour each: they are spread over the time
        stage.settle()
    assert api.requests == 8
    assert len(api.tweets) == len({tweet.text for tweet in api.tweets}) == 8


def test_later_posts_thread_under_the_first_report(api: XApi, stage: Stage) -> None:
    hear_of_many(stage)
    stage.run()
    stage.clock.move(minutes=40)
    stage.hear(event("A", minute=40, customers_affected=9_000))
    stage.run()
    assert [tweet.in_reply_to for tweet in api.tweets] == [None, None, api.tweets[0].id, api.tweets[1].id]
    assert max(weight(tweet.text) for tweet in api.tweets) <= 280
    assert stage.written().area == AREA


def test_a_day_that_x_has_lower_than_the_account_was_told_is_kept_to_by_every_process(api: XApi, stage: Stage) -> None:
    """As on the free tier, with the limits of another one in the settings."""
    api.app = Budget(6, 86_400)
    for number in range(6):
        stage.restart()
        stage.hear(event(f"o{number}", areas=(f"K{number}",), customers_affected=9_000 + number))
        stage.run()
        stage.clock.move(minutes=16)
    assert (len(api.tweets), api.requests) == (6, 6), "what the headers said is known to those who weren't there"
    assert min(stage.due.values()) <= NOW + timedelta(days=1)
    stage.clock.at = NOW + timedelta(days=1)
    stage.restart()
    stage.due = dict.fromkeys(stage.due, stage.clock.now())
    stage.run()
    assert (len(api.tweets), api.requests) == (12, 12)
