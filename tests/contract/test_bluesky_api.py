"""The atproto adapter against the simulated Bluesky server, over real HTTP: what it puts there, and what it makes of each answer, and of none."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from services.adapters.bluesky_record import tid
from services.adapters.sessions_file import FileSession
from services.adapters.sessions_memory import MemorySession
from services.adapters.social_bluesky import BlueskyFeed
from services.kernel.ports.social import Draft, Left, Picture, Reply, SessionStore
from tests.builders import NOW
from tests.drafts import draft
from tests.simulators.bluesky_api import ACCESS_S, APP_PASSWORD, HANDLE, HOUR_S, REFRESH_S, BlueskyApi, Budget, Fault, routed
from tests.simulators.loopback import serving

TIMEOUT_S, SHORT_S = 10.0, 1.5
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\x0dIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")


class Server(Struct):
    """One server for all of these tests, with an account of each test's own."""

    url: str = ""
    api: BlueskyApi = BlueskyApi()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    with serving(routed(lambda: server.api)) as server.url:
        yield server


@pytest.fixture
def api(server: Server) -> BlueskyApi:
    server.api = BlueskyApi(url=server.url)
    return server.api


@pytest.fixture
def feed(api: BlueskyApi) -> BlueskyFeed:
    return made(api)


def made(api: BlueskyApi, store: SessionStore | None = None, password: str = APP_PASSWORD, timeout_s: float = TIMEOUT_S) -> BlueskyFeed:
    return BlueskyFeed(api.url, HANDLE, password, timeout_s, store or MemorySession())


def only(api: BlueskyApi) -> dict[str, Any]:
    [record] = api.records.values()
    return record


def test_a_post_tells_its_language_its_time_and_its_links_by_their_bytes(api: BlueskyApi, feed: BlueskyFeed) -> None:
    receipt = feed.post(draft("Électricité : voir https://hydro.example.com/pannes.", "fr"))
    assert (receipt.reply, feed.find(draft("Électricité : voir https://hydro.example.com/pannes.", "fr")).remote_id) == (Reply.POSTED, receipt.remote_id)
    record = only(api)
    assert (record["langs"], record["createdAt"]) == (["fr"], "2018-09-21T21:04:00.000Z")
    [facet] = record["facets"]
    marked = record["text"].encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
    assert marked == facet["features"][0]["uri"] == "https://hydro.example.com/pannes"


def test_the_same_draft_is_the_same_record_and_another_is_another(api: BlueskyApi, feed: BlueskyFeed) -> None:
    picture = msgspec.structs.replace(draft("one"), picture=Picture(PNG, "Map of Barrhaven"))
    assert [feed.post(picture).reply, made(api).post(picture).reply, feed.post(draft("two")).reply] == [Reply.POSTED, Reply.DUPLICATE, Reply.POSTED]
    assert (len(api.records), api.commits) == (2, 2)


def test_keys_are_tids_of_the_drafts_own_second() -> None:
    keys = {tid(Draft("text", "en", str(number), NOW)) for number in range(500)}
    second = int(NOW.timestamp())
    assert len(keys) == 500
    assert all(
        second <= sum("234567abcdefghijklmnopqrstuvwxyz".index(letter) << 60 - 5 * place for place, letter in enumerate(key)) / 1024e6 < second + 1
        for key in keys
    )


def test_a_picture_goes_with_its_alt_text_and_its_shape(api: BlueskyApi, feed: BlueskyFeed) -> None:
    assert feed.post(msgspec.structs.replace(draft("one"), picture=Picture(PNG, "Carte de Barrhaven"))).detail == ""
    [image] = only(api)["embed"]["images"]
    assert (image["alt"], image["aspectRatio"]["width"], image["aspectRatio"]["height"]) == ("Carte de Barrhaven", 640, 480)


@pytest.mark.parametrize("size", [100, 1_000_001])
def test_what_a_post_says_is_out_even_where_its_picture_is_not_taken(api: BlueskyApi, feed: BlueskyFeed, size: int) -> None:
    api.blob_max = 50
    receipt = feed.post(msgspec.structs.replace(draft("one"), picture=Picture(PNG.ljust(size, b"\0"), "Map")))
    assert (receipt.reply, "without its picture" in receipt.detail, "embed" in only(api)) == (Reply.POSTED, True, False)


def test_answers_name_the_thread_s_first_post_and_the_one_they_answer(api: BlueskyApi, feed: BlueskyFeed) -> None:
    first = feed.post(draft("one")).remote_id
    second = feed.post(draft("two", answers=first)).remote_id
    feed.post(draft("three", answers=second))
    thread = [(record["reply"]["root"]["uri"], record["reply"]["parent"]["uri"]) for record in api.records.values() if "reply" in record]
    assert thread == [(first, first), (first, second)]


def test_an_answer_to_what_is_no_post_of_this_account_is_told_as_such(feed: BlueskyFeed) -> None:
    foreign = "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3jzfcijpj2z2a"
    assert [feed.post(draft("one", answers=answered)).reply for answered in ("1234567890", foreign)] == [Reply.REPLY_GONE] * 2


def test_one_session_serves_all_posts_and_the_next_start(api: BlueskyApi, tmp_path: Path) -> None:
    path = tmp_path / "new" / "session.json"
    for number in range(3):
        assert made(api, FileSession(path)).post(draft(str(number))).reply is Reply.POSTED
    assert api.calls.count("createSession") == 1
    assert path.stat().st_mode & 0o077 == 0
    other = BlueskyFeed(api.url, "other.example.com", APP_PASSWORD, TIMEOUT_S, FileSession(path))
    assert other.post(draft("for another account")).reply is Reply.LOCKED_OUT, "a kept session is of its own account only"


def test_an_access_token_that_expired_is_refreshed_and_the_post_is_out_once(api: BlueskyApi) -> None:
    store, began = MemorySession(), time.time()
    feed, other = made(api, store), made(api, store)
    assert [feed.post(draft("one")).reply, other.post(draft("two")).reply] == [Reply.POSTED] * 2
    api.now = lambda: began + ACCESS_S + 60
    assert [feed.post(draft("three")).reply, other.post(draft("four")).reply] == [Reply.POSTED] * 2
    assert (api.calls.count("createSession"), api.calls.count("refreshSession")) == (1, 1), "the second takes what the first has refreshed"
    api.now = lambda: began + 2 * REFRESH_S
    assert feed.post(draft("five")).reply is Reply.POSTED
    assert (api.calls.count("createSession"), len(api.records)) == (2, 5)


def test_the_account_is_locked_out_when_its_password_is_revoked_or_wrong(api: BlueskyApi) -> None:
    store, began = MemorySession(), time.time()
    assert made(api, store).post(draft("one")).reply is Reply.POSTED
    api.now, api.password = lambda: began + ACCESS_S + 60, "another"
    api.forget_sessions()
    assert made(api, store).post(draft("two")).reply is Reply.LOCKED_OUT
    assert made(api, password="wrong").find(draft("two")).reply is Reply.LOCKED_OUT


def test_a_session_that_is_no_session_is_made_anew(api: BlueskyApi) -> None:
    store = MemorySession()
    store.save(b'{"origin": 1')
    assert made(api, store).post(draft("one")).reply is Reply.POSTED


def test_no_answer_that_is_not_understood_is_shown_with_its_tokens(api: BlueskyApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlueskyApi, "_session", lambda *_: {"accessJwt": "a secret", "refreshJwt": "a secret"})
    receipt = made(api).post(draft("one"))
    assert (receipt.reply, "a secret" in receipt.detail) == (Reply.UNREACHED, False)


def test_headers_tell_what_is_left_in_posts(api: BlueskyApi, feed: BlueskyFeed) -> None:
    api.hour = Budget(5, HOUR_S)
    receipts = [feed.post(draft(str(number))) for number in range(3)]
    reset = datetime.fromtimestamp(int(api.hour.ends_at), UTC)
    assert [receipt.reply for receipt in receipts] == [Reply.POSTED, Reply.POSTED, Reply.LIMITED]
    assert [receipt.closed_until for receipt in receipts] == [None, reset, reset], "one point is left, and a post takes two"
    assert [receipt.budgets for receipt in receipts] == [(Left(HOUR_S, 2, left, reset),) for left in (1, 0, 0)]


def test_headers_that_speak_of_calls_as_there_are_fewer_of_those_say_nothing_of_posts(api: BlueskyApi, feed: BlueskyFeed) -> None:
    receipt = feed.post(draft("one"))
    assert (receipt.reply, receipt.budgets, receipt.closed_until, api.hour.left) == (Reply.POSTED, (), None, 4_998)


@pytest.mark.parametrize("budget", ["logins", "logins_a_day", "everything"])
def test_any_other_budget_that_is_used_up_closes_the_account_and_is_not_taken_for_that_of_posts(api: BlueskyApi, feed: BlueskyFeed, budget: str) -> None:
    setattr(api, budget, Budget(0, 600))
    receipt = feed.post(draft("one"))
    assert (receipt.reply, receipt.budgets) == (Reply.LIMITED, ())
    assert receipt.closed_until is not None
    assert abs(receipt.closed_until - datetime.fromtimestamp(time.time() + 600, UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fault", "reply", "out"),
    [
        (Fault.SILENT_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.TRUNCATED_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.DRIPPING_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.FAILED_AFTER_ACCEPT, Reply.FAILED, 1),
        (Fault.RESET, Reply.UNCERTAIN, 0),
        (Fault.DOWN, Reply.FAILED, 0),
        (Fault.PROXY, Reply.FAILED, 0),
        (Fault.GIBBERISH, Reply.UNCERTAIN, 0),
        (Fault.MOVED, Reply.REFUSED, 0),
        (Fault.TAKEN_DOWN, Reply.LOCKED_OUT, 0),
    ],
)
def test_each_fault_is_told_as_what_it_leaves_us_knowing_and_the_next_try_makes_one_of_it(api: BlueskyApi, fault: Fault, reply: Reply, out: int) -> None:
    store = MemorySession()
    feed = made(api, store)
    feed.find(draft("logs in"))
    api.faults["putRecord"].append(fault)
    hurried = made(api, store, timeout_s=SHORT_S) if fault in (Fault.SILENT_AFTER_ACCEPT, Fault.DRIPPING_AFTER_ACCEPT) else feed
    receipt = hurried.post(draft("text"))
    assert (receipt.reply, len(api.records)) == (reply, out)
    assert receipt.detail
    assert feed.find(draft("text")).reply is (Reply.POSTED if out else Reply.ABSENT)
    assert feed.post(draft("text")).reply is (Reply.DUPLICATE if out else Reply.POSTED)
    assert api.texts() == ["text"]


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.DOWN, Fault.GIBBERISH])
@pytest.mark.parametrize("method", ["createSession", "getRecord"])
def test_nothing_was_sent_when_what_comes_before_it_fails(api: BlueskyApi, feed: BlueskyFeed, method: str, fault: Fault) -> None:
    answered = f"at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/{tid(draft('first'))}"
    api.faults[method].append(fault)
    receipt = feed.post(
        msgspec.structs.replace(draft("text", answers=answered), picture=Picture(PNG, "Map")) if method == "getRecord" else with_picture("text")
    )
    assert (receipt.reply, api.records) == (Reply.UNREACHED, {})


def with_picture(text: str) -> Draft:
    return msgspec.structs.replace(draft(text), picture=Picture(PNG, "Map"))


def test_nothing_was_sent_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        receipt = BlueskyFeed(f"http://127.0.0.1:{unused.getsockname()[1]}", HANDLE, APP_PASSWORD, TIMEOUT_S, MemorySession()).post(draft("text"))
    assert receipt.reply is Reply.UNREACHED


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_any_session_store_gives_back_what_it_was_given_last(kind: str, tmp_path: Path) -> None:
    store: SessionStore = FileSession(tmp_path / "account" / "session") if kind == "file" else MemorySession()
    assert store.load() is None
    store.save(b"one")
    store.save(b"two")
    assert store.load() == b"two"


def test_a_session_that_cannot_be_kept_does_not_keep_posts_back(api: BlueskyApi, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_bytes(b"")
    assert made(api, FileSession(tmp_path / "in the way" / "session")).post(draft("one")).reply is Reply.POSTED


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.PROXY, Fault.RESET, Fault.GIBBERISH, Fault.SILENT_AFTER_ACCEPT])
def test_a_picture_whose_upload_fails_never_costs_the_message(api: BlueskyApi, feed: BlueskyFeed, fault: Fault) -> None:
    api.faults["uploadBlob"].append(fault)
    receipt = feed.post(msgspec.structs.replace(draft("one"), picture=Picture(PNG, "Map")))
    assert (receipt.reply, "without its picture" in receipt.detail, "embed" in only(api)) == (Reply.POSTED, True, False)
