"""What any social feed does: the real adapter against the simulated X API, and its twin."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import Struct

from services.adapters.social_memory import MemoryFeed
from services.adapters.social_x import XFeed
from services.kernel.ports.social import Reply, SocialFeed
from tests.drafts import draft
from tests.simulators.x_api import CREDENTIALS, Budget, XApi, running

START = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
POSTS_A_WINDOW = 3


class Hands(Struct):
    """The clock and the service, in a test's hands."""

    now: datetime = START


class Service(Struct):
    """A feed, the texts that are out, and a way to delete one."""

    feed: SocialFeed
    texts: Callable[[], list[str]]
    delete: Callable[[str], None]
    hands: Hands


class HandClock:
    """Shows what it is set to."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def now(self) -> datetime:
        return self._hands.now


@contextmanager
def simulated() -> Iterator[Service]:
    hands = Hands()
    api = XApi(now=lambda: hands.now.timestamp(), user=Budget(POSTS_A_WINDOW, 900))
    with running(api):
        feed = XFeed(api.url, CREDENTIALS, 2.0)
        yield Service(feed, lambda: [tweet.text for tweet in api.tweets], lambda post_id: feed._client.delete_tweet(post_id), hands)


@contextmanager
def in_memory() -> Iterator[Service]:
    hands = Hands()
    feed = MemoryFeed(HandClock(hands), POSTS_A_WINDOW)
    yield Service(feed, lambda: [post.text for post in feed.posted], feed.delete, hands)


@pytest.fixture(params=[simulated, in_memory], ids=["x", "memory"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with request.param() as made:
        yield made


class TestSocialFeed:
    def test_each_post_gets_an_id_of_its_own(self, service: Service) -> None:
        receipts = [service.feed.post(draft("one", "en")), service.feed.post(draft("un", "fr"))]
        assert [receipt.reply for receipt in receipts] == [Reply.POSTED] * 2
        assert len({receipt.remote_id for receipt in receipts}) == 2
        assert service.texts() == ["one", "un"]

    def test_the_same_text_is_a_duplicate_when_it_is_still_there(self, service: Service) -> None:
        service.feed.post(draft("one", "en"))
        assert service.feed.post(draft("one", "en")).reply is Reply.DUPLICATE
        assert service.texts() == ["one"]

    @pytest.mark.parametrize(
        ("text", "reply"), [("é" * 280, Reply.POSTED), ("é" * 281, Reply.INVALID), ("你" * 140, Reply.POSTED), ("你" * 141, Reply.INVALID)]
    )
    def test_no_text_weighs_more_than_280(self, service: Service, text: str, reply: Reply) -> None:
        assert service.feed.post(draft(text, "en")).reply is reply

    def test_the_last_post_of_the_budget_tells_until_when_it_is_used_up(self, service: Service) -> None:
        receipts = [service.feed.post(draft(str(number), "en")) for number in range(POSTS_A_WINDOW)]
        assert [receipt.closed_until for receipt in receipts] == [None, None, START + timedelta(minutes=15)]

    def test_posts_are_limited_until_the_reset_and_not_after(self, service: Service) -> None:
        for number in range(POSTS_A_WINDOW):
            service.feed.post(draft(str(number), "en"))
        limited = service.feed.post(draft("more", "en"))
        assert (limited.reply, limited.closed_until) == (Reply.LIMITED, START + timedelta(minutes=15))
        service.hands.now = START + timedelta(minutes=15)
        assert service.feed.post(draft("more", "en")).reply is Reply.POSTED

    def test_an_answer_to_a_post_needs_the_post(self, service: Service) -> None:
        first = service.feed.post(draft("one", "en")).remote_id
        assert first is not None
        assert service.feed.post(draft("two", "en", first)).reply is Reply.POSTED
        service.delete(first)
        assert service.feed.post(draft("three", "en", first)).reply is Reply.REPLY_GONE
        assert service.texts() == ["two"]
