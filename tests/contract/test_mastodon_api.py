"""The Mastodon.py adapter against the simulated server, over real HTTP: what it sends, and what it makes of each answer, and of none."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from starlette.responses import JSONResponse, Response

from services.adapters.social_mastodon import MastodonFeed
from services.kernel.ports.social import Draft, Left, Picture, Reply
from tests.drafts import draft
from tests.simulators.loopback import Silent
from tests.simulators.mastodon_api import ACCOUNT, TOKEN, Budget, Fault, MastodonApi, running

TIMEOUT_S = 2.0
NOW = datetime(2018, 9, 21, 21, 4, 0, 250_000, UTC)
PICTURE = Picture(b"\x89PNG\r\n\x1a\n and so on", "Carte : 1 250 clients sans électricité à Barrhaven")
OUT_OR_NOT = {Reply.POSTED, Reply.FAILED, Reply.UNCERTAIN}


@pytest.fixture(scope="module")
def served() -> Iterator[MastodonApi]:
    with running(MastodonApi()) as simulator:
        yield simulator


@pytest.fixture
def api(served: MastodonApi) -> MastodonApi:
    served.__init__(now=lambda: NOW.timestamp(), url=served.url)  # type: ignore[misc]
    return served


@pytest.fixture
def feed(api: MastodonApi) -> MastodonFeed:
    return MastodonFeed(api.url, TOKEN, TIMEOUT_S, "unlisted")


def test_a_post_says_in_which_language_to_whom_and_what_it_answers(api: MastodonApi, feed: MastodonFeed) -> None:
    first = feed.post(replace(draft("Panne à Barrhaven : é & + % = ?", "fr-CA"), key="secteur:Bärrhaven 中|fr"))
    second = feed.post(draft("two", "en", first.remote_id))
    assert [receipt.reply for receipt in (first, second)] == [Reply.POSTED] * 2
    told = [(status.id, status.text, status.language, status.visibility, status.in_reply_to) for status in api.statuses]
    assert told == [
        (first.remote_id, "Panne à Barrhaven : é & + % = ?", "fr", "unlisted", None),
        (second.remote_id, "two", "en", "unlisted", first.remote_id),
    ]
    assert api.requests == ["POST /api/v1/statuses"] * 2, "nothing else is asked"


def test_a_picture_goes_with_its_description(api: MastodonApi, feed: MastodonFeed) -> None:
    receipt = feed.post(replace(draft("text"), picture=PICTURE))
    assert (receipt.reply, receipt.detail) == (Reply.POSTED, "")
    assert [api.pictures[media] for media in api.statuses[0].media] == [PICTURE.alt]


@pytest.mark.parametrize(
    ("why", "media_fault"),
    [
        ("422", JSONResponse({"error": "Validation failed: File content type is invalid"}, 422)),
        ("429", JSONResponse({"error": "Too many requests"}, 429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2018-09-21T21:30:00.000000Z"})),
        ("503", Response("storage is down", 503)),
        ("no answer", Silent()),
        ("not ready", JSONResponse({"id": "77", "url": None}, 202)),
    ],
)
def test_a_picture_never_costs_the_message(api: MastodonApi, feed: MastodonFeed, why: str, media_fault: Response) -> None:
    api.media_fault, api.unready = media_fault, {"77"}
    receipt = feed.post(replace(draft("text"), picture=PICTURE))
    assert (receipt.reply, receipt.closed_until, len(api.statuses)) == (Reply.POSTED, None, 1), why
    assert receipt.detail.startswith("without its picture: ")


def test_the_headers_tell_of_the_tightest_budget_and_its_window(api: MastodonApi, feed: MastodonFeed) -> None:
    ends = datetime(2018, 9, 22, 0, 0, 0, 250_000, UTC)
    assert feed.post(draft("one")).budgets == (Left(10_800, 300, 299, ends),)
    api.calls = Budget(2, 300)
    last = feed.post(draft("two"))
    assert last.budgets == (Left(300, 2, 1, NOW + timedelta(minutes=1)),)
    assert (feed.post(draft("three")).closed_until, len(api.statuses)) == (NOW + timedelta(minutes=1), 3), "also known from a post that was taken"
    limited = feed.post(draft("four"))
    assert (limited.reply, limited.closed_until, len(api.statuses)) == (Reply.LIMITED, NOW + timedelta(minutes=1), 3)
    assert len(api.requests) == 4, "the library must not try again by itself"


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_is_told_as_what_it_leaves_us_knowing_and_the_key_makes_the_next_try_safe(api: MastodonApi, feed: MastodonFeed, fault: Fault) -> None:
    api.faults.append(fault)
    receipt = feed.post(draft("text"))
    known = {
        Fault.UNDATED_AFTER_ACCEPT: Reply.POSTED,
        Fault.FAILED_AFTER_ACCEPT: Reply.FAILED,
        Fault.DOWN: Reply.FAILED,
        Fault.PROXY_DOWN: Reply.FAILED,
        Fault.SUSPENDED: Reply.REFUSED,
        Fault.BUSY: Reply.LIMITED,
        Fault.MOVED: Reply.UNREACHED,
    }
    assert receipt.reply is known.get(fault, Reply.UNCERTAIN)
    assert receipt.reply in OUT_OR_NOT or not api.statuses
    assert receipt.detail or receipt.reply is Reply.POSTED
    if fault is Fault.BUSY:
        assert receipt.closed_until is not None  # by Retry-After and the server's own clock
    found = feed.find(draft("text"))
    assert found.reply is (Reply.POSTED if api.statuses else Reply.ABSENT)
    again = feed.post(draft("text"))
    assert (again.reply, len(api.statuses)) == (Reply.POSTED, 1)
    assert found.remote_id in (None, again.remote_id)


@pytest.mark.parametrize(
    ("token", "scopes", "reply"), [("wrong", ("read", "write"), Reply.LOCKED_OUT), (TOKEN, ("read",), Reply.REFUSED), (TOKEN, ("write:media",), Reply.REFUSED)]
)
def test_an_account_that_may_not_post_is_told_as_such(api: MastodonApi, token: str, scopes: tuple[str, ...], reply: Reply) -> None:
    api.scopes = scopes
    assert MastodonFeed(api.url, token, TIMEOUT_S).post(replace(draft("text"), picture=PICTURE)).reply is reply
    assert api.statuses == []


def test_nothing_was_sent_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        feed = MastodonFeed(f"http://127.0.0.1:{unused.getsockname()[1]}", TOKEN, TIMEOUT_S)
        sent = [feed.post(draft("text")), feed.post(replace(draft("text"), picture=PICTURE)), feed.find(draft("text"))]
    assert [(receipt.reply, TOKEN in receipt.detail) for receipt in sent] == [(Reply.UNREACHED, False)] * 3
    assert feed.form() is None
    assert MastodonFeed("http://127.0.0.1", "a\nb", TIMEOUT_S).post(draft("text")).reply is Reply.UNREACHED


class TestFind:
    def test_a_post_is_known_by_its_text_after_the_key_is_forgotten(self, api: MastodonApi, feed: MastodonFeed) -> None:
        long = draft("Panne < 5 clients & plus\n\nVoir https://hydro.ca/pannes?secteur=1&lang=fr.", "fr")
        posted = feed.post(long)
        for number in range(50):
            feed.post(draft(str(number)))
        api.requests.clear()
        assert feed.find(long).remote_id == posted.remote_id
        assert api.requests[1:] == [f"GET /api/v1/accounts/{ACCOUNT}/statuses"] * 2, "two pages"
        assert feed.find(replace(long, lang="en")).reply is Reply.ABSENT

    def test_what_is_older_than_the_draft_is_no_try_of_it(self, api: MastodonApi, feed: MastodonFeed) -> None:
        feed.post(draft("text"))
        later: Draft = replace(draft("text"), written_at=NOW + timedelta(hours=2))
        assert feed.find(later).reply is Reply.ABSENT

    def test_that_it_cannot_be_told_is_told(self, api: MastodonApi, feed: MastodonFeed) -> None:
        api.scopes = ("write",)
        assert feed.find(draft("text")).reply is Reply.REFUSED
        api.calls = Budget(0, 300)
        assert feed.find(draft("text")).reply is Reply.LIMITED


def test_the_form_is_the_servers_own(api: MastodonApi, feed: MastodonFeed) -> None:
    api.maximum, api.link = 11_000, 30
    form = feed.form()
    assert form is not None
    assert (form.maximum, form.length("https://hydro.ca/outages")) == (11_000, 30)
