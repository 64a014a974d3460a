"""X by OAuth 2.0 user context, over real HTTP: tokens end, are renewed once for all workers, and the newest refresh token is never lost sight of."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from services.adapters.sessions_file import FileSession
from services.adapters.sessions_memory import MemorySession
from services.adapters.social_x import XFeed
from services.adapters.x_tokens import XTokens
from services.kernel.ports.social import Picture, Reply, SessionStore
from tests.builders import SetClock
from tests.contract.test_x_api import PNG
from tests.drafts import draft
from tests.simulators.x_api import Fault, XApi, running
from tests.simulators.x_oauth2 import CLIENT_ID, CLIENT_SECRET, TokenFault

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    clock = SetClock()
    clock.at = START
    return clock


@pytest.fixture
def api(clock: SetClock) -> Iterator[XApi]:
    with running(XApi(now=lambda: clock.at.timestamp())) as simulator:
        yield simulator


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SessionStore:
    return FileSession(tmp_path / "sessions" / "x-city") if request.param == "file" else MemorySession()


def made(api: XApi, store: SessionStore, clock: SetClock, given: str, secret: str = CLIENT_SECRET) -> XFeed:
    """A worker's own feed, set up with the refresh token that the account was authorised with."""
    return XFeed(api.url, XTokens(api.url, (CLIENT_ID, secret), given, 2.0, store, clock), 1.0)


def test_tokens_are_renewed_before_they_end_and_outlive_the_process(api: XApi, store: SessionStore, clock: SetClock) -> None:
    given = api.grants.refresh
    feed = made(api, store, clock, given)
    assert [feed.post(draft(text)).reply for text in ("one", "two")] == [Reply.POSTED] * 2
    assert made(api, store, clock, given).post(draft("three")).reply is Reply.POSTED
    assert api.grants.refreshes == 1, "the token is there already"
    clock.at += timedelta(hours=1, minutes=59, seconds=30)
    assert feed.post(draft("four")).reply is Reply.POSTED
    clock.at += timedelta(days=100)
    assert made(api, store, clock, given).post(draft("five")).reply is Reply.POSTED, "the first refresh token was good for one time, and it isn't used again"
    assert api.grants.refreshes == 3


def test_workers_do_not_renew_twice(api: XApi, store: SessionStore, clock: SetClock) -> None:
    given = api.grants.refresh
    feeds = [made(api, store, clock, given) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda number: feeds[number].post(draft(str(number))).reply, range(6)))
    assert (replies, api.grants.refreshes) == ([Reply.POSTED] * 6, 1)


def test_a_token_that_was_revoked_is_renewed_once_and_the_post_is_out_once(api: XApi, store: SessionStore, clock: SetClock) -> None:
    feed = made(api, store, clock, api.grants.refresh)
    assert feed.post(draft("one")).reply is Reply.POSTED
    api.grants.revoke()
    assert feed.post(msgspec.structs.replace(draft("two"), picture=Picture(PNG, "a map"))).reply is Reply.POSTED
    assert [(tweet.text, len(tweet.media)) for tweet in api.tweets] == [("one", 0), ("two", 1)]
    api.grants.revoke()
    api.grants.refresh = "another one"
    receipt = feed.post(draft("three"))
    assert (receipt.reply, "authorise the account anew" in receipt.detail, len(api.tweets)) == (Reply.LOCKED_OUT, True, 2)


def test_an_account_that_was_authorised_anew_goes_on_with_its_new_token(api: XApi, store: SessionStore, clock: SetClock) -> None:
    assert made(api, store, clock, api.grants.refresh).post(draft("one")).reply is Reply.POSTED
    api.grants.revoke()
    api.grants.refresh = "authorised-anew"
    assert made(api, store, clock, "authorised-anew").post(draft("two")).reply is Reply.POSTED


@pytest.mark.parametrize("fault", [TokenFault.RESET, TokenFault.DOWN, TokenFault.LIMITED, TokenFault.GIBBERISH])
def test_nothing_is_posted_or_lost_while_no_token_can_be_had(api: XApi, store: SessionStore, clock: SetClock, fault: TokenFault) -> None:
    feed = made(api, store, clock, api.grants.refresh)
    api.grants.faults.append(fault)
    receipt = feed.post(draft("one"))
    assert receipt.reply is (Reply.LIMITED if fault is TokenFault.LIMITED else Reply.UNREACHED)
    assert receipt.detail.startswith("no access token: ")
    assert feed.post(draft("one")).reply is Reply.POSTED


def test_a_refresh_token_that_never_came_back_needs_a_person(api: XApi, store: SessionStore, clock: SetClock) -> None:
    feed = made(api, store, clock, api.grants.refresh)
    api.grants.faults.append(TokenFault.SILENT_AFTER_GRANT)
    assert [feed.post(draft("one")).reply, feed.post(draft("one")).reply, api.tweets] == [Reply.UNREACHED, Reply.LOCKED_OUT, []]


def test_a_public_client_has_no_secret_and_a_wrong_one_is_told(api: XApi, store: SessionStore, clock: SetClock) -> None:
    assert made(api, store, clock, api.grants.refresh, "wrong").post(draft("one")).reply is Reply.LOCKED_OUT
    api.grants.secret = ""
    assert made(api, store, clock, api.grants.refresh, "").post(draft("one")).reply is Reply.POSTED


def test_tokens_that_can_not_be_kept_are_not_renewed(api: XApi, clock: SetClock, tmp_path: Path) -> None:
    """Renewed, they would be good until the process ends, and the account lost after that."""
    (tmp_path / "sessions").write_text("a file where the folder should be")
    receipt = made(api, FileSession(tmp_path / "sessions" / "x-city"), clock, api.grants.refresh).post(draft("one"))
    assert (receipt.reply in (Reply.REFUSED, Reply.UNREACHED), api.grants.refreshes) == (True, 0)


def test_a_try_in_doubt_is_looked_for_with_a_token_too(api: XApi, store: SessionStore, clock: SetClock) -> None:
    feed = made(api, store, clock, api.grants.refresh)
    clock.at = draft("x").written_at
    wanted = msgspec.structs.replace(draft("two"), picture=Picture(PNG, "a map"))
    api.faults.append(Fault.RESET_AFTER_ACCEPT)
    assert [feed.post(wanted).reply, feed.find(wanted).reply] == [Reply.UNCERTAIN, Reply.POSTED]


def test_the_file_is_its_owners_alone_and_its_lock_ends_with_its_holder(tmp_path: Path) -> None:
    store = FileSession(tmp_path / "s" / "x-city")
    with store.alone(1) as first, FileSession(tmp_path / "s" / "x-city").alone(0.05) as second:
        assert (first, second) == (True, False)
    with store.alone(5) as again:
        assert again
    store.save(b"secret")
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "s").iterdir())
