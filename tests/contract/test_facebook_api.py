"""The Facebook adapter against the simulated Graph API, over real HTTP: what it makes of each answer, and of none."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from services.adapters.social_facebook import FacebookFeed
from services.kernel import forms
from services.kernel.ports.social import Draft, Left, Picture, Receipt, Reply
from tests.builders import NOW, SetClock
from tests.contract import test_social_feed as every
from tests.drafts import draft
from tests.simulators.facebook_api import APP_SECRET, PAGE, TOKEN, FacebookApi, Fault, PagePost, error, running

TIMEOUT_S = 2.0
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def feed_of(api: FacebookApi, clock: every.HandClock | SetClock, page: str = PAGE, token: str = TOKEN, app_secret: str = APP_SECRET) -> FacebookFeed:
    return FacebookFeed(api.url, "v25.0", page, token, app_secret, TIMEOUT_S, clock)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def api(clock: SetClock) -> Iterator[FacebookApi]:
    with running(FacebookApi(now=lambda: clock.now().timestamp())) as simulator:
        yield simulator


@pytest.fixture
def feed(api: FacebookApi, clock: SetClock) -> FacebookFeed:
    return feed_of(api, clock)


class TestFacebookFeed(every.TestSocialFeed):
    """What every feed holds, but for threads, which a page has not."""

    test_an_answer_to_a_post_needs_the_post = None  # type: ignore[assignment]
    test_every_answer_tells_what_is_left_of_the_budget = None  # type: ignore[assignment]  # it tells in per cent: see below

    @pytest.fixture
    def service(self) -> Iterator[every.Service]:
        hands = every.Hands()
        with running(FacebookApi(now=lambda: hands.now.timestamp(), calls_a_window=every.POSTS_A_WINDOW, window_s=900)) as api:
            yield every.Service(feed_of(api, every.HandClock(hands)), lambda: [post.message for post in api.posts], lambda _: None, hands, forms.FACEBOOK)


def test_a_post_is_taken_with_its_picture_and_what_the_picture_shows(api: FacebookApi, feed: FacebookFeed) -> None:
    plain = feed.post(draft("Panne à Barrhaven : é & + % = ?", "fr", answers="1_2"))
    pictured = feed.post(msgspec.structs.replace(draft("Deux", "fr"), picture=Picture(PNG, "Carte : l’ouest de la ville")))
    assert [(post.id, post.message, post.alt) for post in api.posts] == [
        (plain.remote_id, "Panne à Barrhaven : é & + % = ?", None),
        (pictured.remote_id, "Deux", "Carte : l’ouest de la ville"),
    ]
    assert all(TOKEN not in str(request.url) for request in api.requests), "an address ends in logs"


@pytest.mark.parametrize("wrong", [{"token": "EAAwrong"}, {"app_secret": "wrong"}, {"app_secret": ""}])
def test_the_account_is_locked_out_when_a_credential_is_wrong(api: FacebookApi, clock: SetClock, wrong: dict[str, str]) -> None:
    other = feed_of(api, clock, **wrong)
    assert (other.post(draft("text")).reply, other.find(draft("text")).reply, api.posts) == (Reply.LOCKED_OUT, Reply.LOCKED_OUT, [])


def test_a_page_that_is_not_there_is_no_fault_of_the_text(api: FacebookApi, clock: SetClock) -> None:
    assert feed_of(api, clock, page="77").post(draft("text")).reply is Reply.REFUSED
    for page in ("", "me", "../1", "１２"):
        with pytest.raises(ValueError, match="its id"):
            feed_of(api, clock, page=page)


@pytest.mark.parametrize(
    ("status", "code", "subcode", "reply"),
    [
        *((400, code, None, Reply.LIMITED) for code in (4, 17, 32, 341, 613, 80001)),
        (429, 1, None, Reply.LIMITED),
        (400, 368, 1390008, Reply.LIMITED),
        *((400, code, None, Reply.LOCKED_OUT) for code in (102, 190)),
        *((403, code, None, Reply.REFUSED) for code in (10, 200, 230, 368)),
        (400, 368, None, Reply.REFUSED),
        (400, 506, 1455006, Reply.DUPLICATE),
        *((400, code, None, Reply.INVALID) for code in (100, 324, 1609005)),
        *((400, code, None, Reply.FAILED) for code in (1, 2)),
        (503, 99, None, Reply.FAILED),
    ],
)
def test_each_error_is_told_as_what_it_means(api: FacebookApi, feed: FacebookFeed, status: int, code: int, subcode: int | None, reply: Reply) -> None:
    api.errors.append(error(status, code, "so it is", subcode))
    receipt = feed.post(draft("text"))
    assert (receipt.reply, receipt.closed_until) == (reply, None)
    assert f"code {code}" in receipt.detail


@pytest.mark.parametrize(
    ("fault", "reply", "out"),
    [
        (Fault.SILENT_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.TRUNCATED_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET, Reply.UNCERTAIN, 0),
        (Fault.DOWN, Reply.FAILED, 0),
        (Fault.FAILED_AFTER_ACCEPT, Reply.FAILED, 1),
        (Fault.GIBBERISH, Reply.FAILED, 0),
        (Fault.GIBBERISH_200, Reply.UNCERTAIN, 0),
    ],
)
def test_each_fault_is_told_as_what_it_leaves_us_knowing_and_looking_tells_the_rest(
    api: FacebookApi, feed: FacebookFeed, fault: Fault, reply: Reply, out: int
) -> None:
    api.faults.append(fault)
    receipt = feed.post(draft("text"))
    assert (receipt.reply, len(api.posts), bool(receipt.detail)) == (reply, out, True)
    found = feed.find(draft("text"))
    assert (found.reply, found.remote_id) == ((Reply.POSTED, api.posts[0].id) if out else (Reply.ABSENT, None))


def test_a_post_is_found_by_its_text_from_when_it_was_written_on(api: FacebookApi, feed: FacebookFeed, clock: SetClock) -> None:
    clock.move(hours=-2)
    feed.post(draft("All restored in Barrhaven."))
    clock.move(hours=3)
    assert feed.find(draft("All restored in Barrhaven.")).reply is Reply.ABSENT, "the words of an earlier storm are another post"
    feed.post(draft("All restored in  Barrhaven.\n"))
    assert feed.find(draft("All restored in Barrhaven.")).remote_id == api.posts[1].id
    api.posts += [PagePost(f"{PAGE}_{number}", str(number), clock.now().timestamp()) for number in range(100)]
    assert feed.find(draft("All restored in Barrhaven.")).reply is Reply.UNCERTAIN, "there are more than can be looked at"
    api.errors.append(error(400, 613, "Calls to this API have exceeded the rate limit."))
    assert feed.find(draft("text")).reply is Reply.LIMITED


def test_a_post_is_found_where_facebooks_clock_is_behind_ours(api: FacebookApi, feed: FacebookFeed, clock: SetClock) -> None:
    api.now = lambda: clock.now().timestamp() - 30
    posted = feed.post(draft("text"))
    assert feed.find(draft("text")).remote_id == posted.remote_id


def test_how_much_of_the_limit_is_left_is_read_from_the_headers(api: FacebookApi, feed: FacebookFeed) -> None:
    api.calls_a_window = 4
    receipts = [feed.post(draft(text)) for text in "abcde"]
    assert receipts[0].budgets == (Left(86_400, 100, 75, NOW + timedelta(days=1)),)
    assert [receipt.closed_until for receipt in receipts] == [None] * 3 + [NOW + timedelta(days=1)] * 2
    assert [receipt.reply for receipt in receipts[3:]] == [Reply.POSTED, Reply.LIMITED]


@pytest.mark.parametrize(
    "usage", ["", "[]", "{", '{"1": 5}', '{"1": [5, {"type": "pages", "call_count": "x"}]}', '{"1": [{"type": "pages", "call_count": null}]}']
)
def test_strange_headers_change_nothing(api: FacebookApi, feed: FacebookFeed, usage: str) -> None:
    api.usage = lambda *_: {"x-business-use-case-usage": usage, "x-app-usage": '{"call_count": 28.5}', "x-page-usage": usage}
    receipt: Receipt = feed.post(draft("text"))
    assert (receipt.reply, receipt.closed_until) == (Reply.POSTED, None)
    assert Left(3_600, 100, 72, NOW + timedelta(hours=1)) in receipt.budgets


def test_nothing_was_sent_when_nobody_listens(clock: SetClock) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        api = FacebookApi(url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        lost: Draft = draft("text")
        assert (feed_of(api, clock).post(lost).reply, feed_of(api, clock).find(lost).reply) == (Reply.UNREACHED, Reply.UNREACHED)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.SILENT_AFTER_ACCEPT, Fault.GIBBERISH_200, Fault.DOWN, None])
def test_a_picture_that_is_not_taken_never_costs_the_message(api: FacebookApi, feed: FacebookFeed, fault: Fault | None) -> None:
    api.photo_faults.extend([fault] if fault else [])
    receipt = feed.post(msgspec.structs.replace(draft("text"), picture=Picture(PNG if fault else b"GIF89a", "a map")))
    assert (receipt.reply, receipt.detail.startswith("without its picture: ")) == (Reply.POSTED, True)
    assert [(post.message, post.alt) for post in api.posts] == [("text", None)]


def test_words_that_are_out_with_their_picture_are_refused_the_second_time(api: FacebookApi, feed: FacebookFeed) -> None:
    wanted = msgspec.structs.replace(draft("text"), picture=Picture(PNG, "a map"))
    api.faults.append(Fault.SILENT_AFTER_ACCEPT)
    assert [feed.post(wanted).reply, feed.post(wanted).reply, feed.find(wanted).reply] == [Reply.UNCERTAIN, Reply.DUPLICATE, Reply.POSTED]
    assert [(post.message, post.alt) for post in api.posts] == [("text", "a map")]
