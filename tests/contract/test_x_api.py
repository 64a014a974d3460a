"""The tweepy adapter against the simulated X API, over real HTTP: what it makes of each answer, and of none."""

import io
import math
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import requests
from PIL import Image
from starlette.responses import JSONResponse

from services.adapters.social_x import XFeed
from services.kernel.planning.tiers import Tier, X
from services.kernel.ports.social import Draft, Picture, Receipt, Reply
from tests.drafts import draft
from tests.simulators.x_api import CREDENTIALS, Budget, Fault, Tweet, XApi, links_in, running, weight
from tests.simulators.x_media import MediaFault
from tests.simulators.x_tiers import account

TIMEOUT_S = 2.0


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1200, 675), "#feb24c").save(file, "PNG")
    return file.getvalue()


PNG = _png()


@pytest.fixture
def api() -> Iterator[XApi]:
    with running(XApi()) as simulator:
        yield simulator


@pytest.fixture
def feed(api: XApi) -> XFeed:
    return XFeed(api.url, CREDENTIALS, TIMEOUT_S)


def test_a_signed_post_is_taken(api: XApi, feed: XFeed) -> None:
    receipt = feed.post(draft("Power outage in Barrhaven: é à ç & + % = ?", "en"))
    assert receipt.reply is Reply.POSTED
    assert [(tweet.id, tweet.text) for tweet in api.tweets] == [(receipt.remote_id, "Power outage in Barrhaven: é à ç & + % = ?")]


@pytest.mark.parametrize("wrong", range(4))
def test_the_account_is_locked_out_when_any_credential_is_wrong(api: XApi, wrong: int) -> None:
    credentials = tuple("wrongbutlongenoughfora" if place == wrong else value for place, value in enumerate(CREDENTIALS))
    receipt = XFeed(api.url, credentials, TIMEOUT_S).post(draft("text", "en"))  # type: ignore[arg-type]
    assert receipt.reply is Reply.LOCKED_OUT
    assert api.tweets == []


def test_the_reset_of_the_day_decides_when_the_app_has_no_budget_left(api: XApi, feed: XFeed) -> None:
    api.app = Budget(1, 86_400)
    assert feed.post(draft("one", "en")).closed_until == datetime.fromtimestamp(int(api.app.ends_at), UTC)
    limited = feed.post(draft("two", "en"))
    assert (limited.reply, limited.closed_until) == (Reply.LIMITED, datetime.fromtimestamp(int(api.app.ends_at), UTC))
    assert api.requests == 2, "the adapter must not try again by itself"


def test_a_limit_without_headers_is_told_without_a_time(api: XApi, feed: XFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    api.user = Budget(0, 900)
    monkeypatch.setattr(Budget, "headers", lambda *_: {})
    assert (feed.post(draft("one", "en")).reply, feed.post(draft("two", "en")).closed_until) == (Reply.LIMITED, None)
    assert api.requests == 2


@pytest.mark.parametrize(
    ("fault", "reply", "out"),
    [
        (Fault.SILENT_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET, Reply.UNCERTAIN, 0),
        (Fault.DOWN, Reply.FAILED, 0),
        (Fault.FAILED_AFTER_ACCEPT, Reply.FAILED, 1),
        (Fault.NO_PERMISSION, Reply.REFUSED, 0),
        (Fault.GIBBERISH, Reply.UNCERTAIN, 0),
    ],
)
def test_each_fault_is_told_as_what_it_leaves_us_knowing(api: XApi, feed: XFeed, fault: Fault, reply: Reply, out: int) -> None:
    api.faults.append(fault)
    receipt = feed.post(draft("text", "en"))
    assert (receipt.reply, len(api.tweets)) == (reply, out)
    assert receipt.detail


def test_nothing_was_sent_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        receipt = XFeed(f"http://127.0.0.1:{unused.getsockname()[1]}", CREDENTIALS, TIMEOUT_S).post(draft("text", "en"))
    assert receipt.reply is Reply.UNREACHED


def test_the_simulator_weighs_as_x_documents() -> None:
    assert [weight(text) for text in ("é", "你", "…", "a hydro.ca b", "p.m.")] == [1, 2, 2, 27, 4]
    assert links_in("see hydro.ca at 4 p.m.") == ["hydro.ca"]


@pytest.mark.parametrize("tier", Tier)
def test_the_planner_knows_the_limits_that_the_simulator_keeps(tier: Tier) -> None:
    """Two transcriptions of one page: what the planner goes by is never more than what the account has."""
    terms, kept = X[tier], account(tier)
    for budget in kept.budgets():  # a day of seventeen keeps a quarter of an hour below a hundred, too
        window = timedelta(seconds=budget.window_s)
        assert any(limit.most <= budget.limit and limit.window >= window for limit in terms.limits if not limit.money)
    assert (terms.post, terms.post_with_link) == (kept.post, kept.post_with_link)


def test_a_month_that_is_used_up_and_credits_that_are_spent_are_refused_and_on_record(api: XApi, feed: XFeed) -> None:
    api.account = account("free")
    api.account.month = Budget(1, 30 * 86_400)
    assert [feed.post(draft(text, "en")).reply for text in ("one", "two")] == [Reply.POSTED, Reply.LIMITED]
    api.account = account("pay-per-use", credits=0.22)
    posted = [feed.post(draft(text, "en")).reply for text in ("see hydro.ca", "three", "four")]
    assert posted == [Reply.POSTED, Reply.POSTED, Reply.REFUSED]
    assert api.account.spent == pytest.approx(0.215)
    assert [(asked.status, asked.dollars) for asked in api.record] == [(201, 0.0), (429, 0.0), (201, 0.2), (201, 0.015), (402, 0.0)]
    assert api.record[-1].room_again_at == math.inf


def pictured(text: str, alt: str = "Map with Barrhaven marked: 1,250 customers without power.", png: bytes = PNG) -> Draft:
    return msgspec.structs.replace(draft(text, "en"), picture=Picture(png, alt))


def test_a_picture_goes_with_its_alt_text(api: XApi, feed: XFeed) -> None:
    assert feed.post(pictured("Power outage in Barrhaven")).reply is Reply.POSTED
    (tweet,) = api.tweets
    assert [(one.png, one.alt) for one in tweet.media] == [(PNG, "Map with Barrhaven marked: 1,250 customers without power.")]


@pytest.mark.parametrize("fault", [*MediaFault, None, "alt"])
def test_a_picture_that_is_not_taken_never_costs_the_message(api: XApi, feed: XFeed, fault: MediaFault | str | None) -> None:
    api.media.forgets = fault is None
    api.media.faults.extend([fault] if isinstance(fault, MediaFault) else [])
    receipt = feed.post(pictured("text", "a" * 1_001 if fault == "alt" else "a map"))
    assert (receipt.reply, receipt.detail.startswith("without its picture: ")) == (Reply.POSTED, True)
    assert [(tweet.text, tweet.media) for tweet in api.tweets] == [("text", ())]


def test_a_picture_without_its_alt_text_is_left_out(api: XApi, feed: XFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.media, "metadata", lambda body: JSONResponse({"title": "Service Unavailable"}, 503))
    assert feed.post(pictured("text")).detail.startswith("without its picture: 503")
    assert api.tweets[0].media == ()


def test_a_post_with_a_picture_is_looked_for_after_a_try_in_doubt(api: XApi, feed: XFeed) -> None:
    """X may take the same words with a picture twice: nothing is handed over again on trust."""
    wanted = pictured("Pannes & retards à Île-aux-Hérons <1 h>")
    assert feed.find(wanted).reply is Reply.ABSENT
    api.faults.append(Fault.SILENT_AFTER_ACCEPT)
    assert feed.post(wanted).reply is Reply.UNCERTAIN
    assert feed.post(draft("something else", "en")).reply is Reply.POSTED
    assert feed.find(wanted) == Receipt(Reply.POSTED, api.tweets[0].id)
    api.tweets[:0] = [Tweet(str(number), f"text {number}", None, time.time()) for number in range(100)]
    del api.tweets[100]
    assert feed.find(wanted).reply is Reply.UNCERTAIN


def test_a_look_that_fails_leaves_the_post_in_doubt(api: XApi) -> None:
    wrong = XFeed(api.url, (*CREDENTIALS[:3], "wrongbutlongenoughfora"), TIMEOUT_S)
    assert wrong.find(pictured("text")).reply is Reply.LOCKED_OUT
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert XFeed(f"http://127.0.0.1:{unused.getsockname()[1]}", CREDENTIALS, TIMEOUT_S).find(pictured("text")).reply is Reply.UNREACHED


@pytest.mark.parametrize(
    ("status", "reply"),
    [(429, Reply.UNREACHED), (403, Reply.UNCERTAIN), (400, Reply.UNCERTAIN), (401, Reply.LOCKED_OUT), (503, Reply.FAILED)],
)
def test_what_a_look_is_refused_says_nothing_of_the_budget_for_posts(feed: XFeed, monkeypatch: pytest.MonkeyPatch, status: int, reply: Reply) -> None:
    answer = requests.Response()
    answer.status_code, answer._content = status, b'{"title": "Duplicate content", "detail": "deleted or not visible"}'
    answer.headers.update({"x-rate-limit-limit": "5", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) + 900)})
    monkeypatch.setattr(feed._client.session, "request", lambda *_, **__: answer)
    found = feed.find(pictured("text"))
    assert (found.reply, found.closed_until, found.budgets) == (reply, None, ())
