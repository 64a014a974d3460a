"""What any social feed does: the real adapters against their simulated services, and the twin in memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import Struct

from services.adapters.sessions_memory import MemorySession
from services.adapters.social_bluesky import BlueskyFeed
from services.adapters.social_mastodon import MastodonFeed
from services.adapters.social_memory import MemoryFeed
from services.adapters.social_x import XFeed
from services.kernel import forms
from services.kernel.forms import Form
from services.kernel.ports.social import Reply, SocialFeed
from tests.drafts import draft
from tests.simulators.bluesky_api import APP_PASSWORD, HANDLE, BlueskyApi
from tests.simulators.bluesky_api import Budget as BlueskyBudget
from tests.simulators.bluesky_api import running as bluesky_running
from tests.simulators.mastodon_api import TOKEN, MastodonApi
from tests.simulators.mastodon_api import Budget as MastodonBudget
from tests.simulators.mastodon_api import running as mastodon_running
from tests.simulators.x_api import CREDENTIALS, Budget, XApi, running

START = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
POSTS_A_WINDOW = 3


class Hands(Struct):
    """The clock and the service, in a test's hands."""

    now: datetime = START


class Service(Struct):
    """A feed, the texts that are out, a way to delete one, and what its service is known for."""

    feed: SocialFeed
    texts: Callable[[], list[str]]
    delete: Callable[[str], None]
    hands: Hands
    form: Form = forms.X
    opens_at: datetime = START + timedelta(minutes=15)
    """When the budget of `POSTS_A_WINDOW`, begun at START, is filled again."""


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
        feed = XFeed(api.url, CREDENTIALS, 10.0)
        yield Service(feed, lambda: [tweet.text for tweet in api.tweets], lambda post_id: feed._client.delete_tweet(post_id), hands)


@contextmanager
def mastodon() -> Iterator[Service]:
    hands = Hands()
    api = MastodonApi(now=lambda: hands.now.timestamp(), posts=MastodonBudget(POSTS_A_WINDOW, 10_800))
    with mastodon_running(api):
        feed = MastodonFeed(api.url, TOKEN, 10.0)
        opens_at = datetime(2018, 9, 22, tzinfo=UTC)  # three hours that begin at a multiple of three hours
        yield Service(feed, lambda: [status.text for status in api.statuses], api.delete, hands, forms.MASTODON, opens_at)


@contextmanager
def bluesky() -> Iterator[Service]:
    hands = Hands()
    api = BlueskyApi(now=lambda: hands.now.timestamp(), hour=BlueskyBudget(POSTS_A_WINDOW * 2, 3_600))  # a post takes two points
    with bluesky_running(api):
        feed = BlueskyFeed(api.url, HANDLE, APP_PASSWORD, 10.0, MemorySession())
        yield Service(feed, api.texts, api.delete, hands, forms.BLUESKY, START + timedelta(hours=1))


@contextmanager
def in_memory() -> Iterator[Service]:
    hands = Hands()
    feed = MemoryFeed(HandClock(hands), POSTS_A_WINDOW)
    yield Service(feed, lambda: [post.text for post in feed.posted], feed.delete, hands)


@pytest.fixture(params=[simulated, mastodon, bluesky, in_memory], ids=["x", "mastodon", "bluesky", "memory"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with request.param() as made:
        yield made


class TestSocialFeed:
    def test_each_post_gets_an_id_of_its_own(self, service: Service) -> None:
        receipts = [service.feed.post(draft("one", "en")), service.feed.post(draft("un", "fr"))]
        assert [receipt.reply for receipt in receipts] == [Reply.POSTED] * 2
        assert len({receipt.remote_id for receipt in receipts}) == 2
        assert service.texts() == ["one", "un"]

    def test_a_post_handed_over_again_is_out_once(self, service: Service) -> None:
        first, again = service.feed.post(draft("one", "en")), service.feed.post(draft("one", "en"))
        assert (again.reply, again.remote_id) in [(Reply.DUPLICATE, None), (Reply.DUPLICATE, first.remote_id), (Reply.POSTED, first.remote_id)]
        assert service.texts() == ["one"]

    @pytest.mark.parametrize("letter", ["é", "你"])
    def test_what_fits_the_form_is_taken_and_nothing_longer(self, service: Service, letter: str) -> None:
        longest = letter * (service.form.maximum // service.form.length(letter))
        assert service.feed.post(draft(longest, "en")).reply is Reply.POSTED
        assert service.feed.post(draft(longest + letter, "en")).reply is Reply.INVALID

    def test_a_post_is_found_when_it_is_out_and_not_before_where_the_service_can_be_asked(self, service: Service) -> None:
        sought = draft("one & <two> it's", "en")
        assert service.feed.find(sought).reply in (Reply.ABSENT, Reply.REPEATABLE, Reply.UNCERTAIN)
        receipt, found = service.feed.post(sought), service.feed.find(sought)
        assert (found.reply, found.remote_id) in [(Reply.POSTED, receipt.remote_id), (Reply.REPEATABLE, None), (Reply.UNCERTAIN, None)]

    def test_the_last_post_of_the_budget_tells_until_when_it_is_used_up(self, service: Service) -> None:
        receipts = [service.feed.post(draft(str(number), "en")) for number in range(POSTS_A_WINDOW)]
        assert [receipt.closed_until for receipt in receipts] == [None, None, service.opens_at]

    def test_every_answer_tells_what_is_left_of_the_budget(self, service: Service) -> None:
        receipts = [service.feed.post(draft(str(number), "en")) for number in range(POSTS_A_WINDOW + 1)]
        told = [next(one for one in receipt.budgets if one.limit == POSTS_A_WINDOW) for receipt in receipts]
        assert [(one.remaining, one.resets_at) for one in told] == [(left, service.opens_at) for left in (2, 1, 0, 0)]
        assert {service.hands.now + timedelta(seconds=one.window_s) >= one.resets_at for one in told} == {True}

    def test_posts_are_limited_until_the_reset_and_not_after(self, service: Service) -> None:
        for number in range(POSTS_A_WINDOW):
            service.feed.post(draft(str(number), "en"))
        limited = service.feed.post(draft("more", "en"))
        assert (limited.reply, limited.closed_until) == (Reply.LIMITED, service.opens_at)
        service.hands.now = service.opens_at
        assert service.feed.post(draft("more", "en")).reply is Reply.POSTED

    def test_an_answer_to_a_post_needs_the_post(self, service: Service) -> None:
        first = service.feed.post(draft("one", "en")).remote_id
        assert first is not None
        assert service.feed.post(draft("two", "en", first)).reply is Reply.POSTED
        service.delete(first)
        assert service.feed.post(draft("three", "en", first)).reply is Reply.REPLY_GONE
        assert service.texts() == ["two"]
