"""The social channel to Bluesky, by atproto and over real HTTP: a post appears once, whatever fails, and wherever it does (I2)."""

import time
from collections.abc import Iterator

import pytest
from atproto_client import Client, models

from services.adapters.sessions_memory import MemorySession
from services.adapters.social_bluesky import BlueskyFeed
from services.kernel.delivery import Outcome
from tests.builders import NOW, event
from tests.simulators.bluesky_api import ACCESS_S, APP_PASSWORD, COLLECTION, DID, HANDLE, BlueskyApi, running
from tests.unit.fanout.social_stage import Stage


@pytest.fixture
def api() -> Iterator[BlueskyApi]:
    with running(BlueskyApi(now=lambda: NOW.timestamp())) as simulator:
        yield simulator


@pytest.fixture
def stage(api: BlueskyApi) -> Stage:
    stage = Stage(BlueskyFeed(api.url, HANDLE, APP_PASSWORD, 10.0, MemorySession()))
    api.now = lambda: stage.clock.now().timestamp()
    return stage


def test_later_posts_answer_the_first_report_in_their_own_language(api: BlueskyApi, stage: Stage) -> None:
    stage.hear(event("A", customers_affected=1_250))
    stage.run()
    stage.clock.move(minutes=40)
    stage.hear(event("A", minute=40, customers_affected=9_000))
    stage.run()
    posts = [(record["langs"], record.get("reply", {}).get("root", {}).get("uri")) for record in api.records.values()]
    english, french = (f"at://{DID}/{COLLECTION}/{rkey}" for rkey in list(api.records)[:2])
    assert posts == [(["en"], None), (["fr"], None), (["en"], english), (["fr"], french)]
    assert {delivery.outcome for delivery in stage.written().deliveries} == {Outcome.DELIVERED}


def test_the_clients_own_login_is_served_too(api: BlueskyApi) -> None:
    """What others write with atproto works with the simulator: logging in, refreshing by the token's own time, posting, looking."""
    api.now = lambda: time.time() - ACCESS_S + 300
    client = Client(api.url)
    client.login(HANDLE, APP_PASSWORD, fetch_bsky_profile=False)
    record = models.AppBskyFeedPost.Record(text="one", created_at="2018-09-21T21:04:00Z")
    data = models.ComAtprotoRepoPutRecord.Data(repo=DID, collection=COLLECTION, rkey="3jzfcijpj2z2a", record=record)
    api.now = time.time
    put = client.com.atproto.repo.put_record(data)
    got = client.com.atproto.repo.get_record(models.ComAtprotoRepoGetRecord.Params(repo=DID, collection=COLLECTION, rkey="3jzfcijpj2z2a"))
    assert (got.uri, got.cid, api.texts()) == (put.uri, put.cid, ["one"])
    assert api.calls == ["createSession", "refreshSession", "putRecord", "getRecord"]
