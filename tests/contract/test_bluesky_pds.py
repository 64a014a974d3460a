"""The atproto adapter against Bluesky's own server (PDS), offline: what the simulator is believed in.

Needs Node and a folder in which tests/simulators/pds/install.sh has been run; SURGECAST_BLUESKY_PDS names it.
"""

import json
import os
import select
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import Struct

from services.adapters.sessions_memory import MemorySession
from services.adapters.social_bluesky import BlueskyFeed
from services.kernel.ports.social import Picture, Receipt, Reply
from tests.drafts import draft

FOLDER, NODE = os.environ.get("SURGECAST_BLUESKY_PDS", ""), shutil.which("node") or ""
START = Path(__file__).parents[1] / "simulators" / "pds" / "start.mjs"
HANDLE, READY_S, TIMEOUT_S = "outages.test", 120, 20.0
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636000000002000148afa4710000000049454e44ae426082")

pytestmark = pytest.mark.skipif(not (FOLDER and NODE), reason="Bluesky's server is not part of the repository: see tests/simulators/pds/install.sh")


class Pds(Struct):
    """A running server with one account, which is made through an app password of its own, as operators are told to."""

    url: str
    did: str
    app_password: str

    def feed(self, store: MemorySession | None = None) -> BlueskyFeed:
        return BlueskyFeed(self.url, HANDLE, self.app_password, TIMEOUT_S, store or MemorySession())

    def value(self, receipt: Receipt) -> dict[str, Any]:
        assert receipt.remote_id is not None, receipt
        repo, collection, rkey = receipt.remote_id.removeprefix("at://").split("/")
        answer = httpx.get(f"{self.url}/xrpc/com.atproto.repo.getRecord", params={"repo": repo, "collection": collection, "rkey": rkey})
        return dict(answer.raise_for_status().json()["value"])


@pytest.fixture(scope="module")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    command = [NODE, str(START), FOLDER, str(free_port()), str(free_port())]
    where = os.environ | {"TMPDIR": str(tmp_path_factory.mktemp("pds"))}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=where) as process:
        try:
            url = json.loads(first_line(process))["url"]
            account = call(url, "createAccount", {"handle": HANDLE, "email": "outages@example.com", "password": "the owner's own"}, "")
            app_password = call(url, "createAppPassword", {"name": "surgecast"}, account["accessJwt"])["password"]
            yield Pds(url, account["did"], app_password)
        finally:
            process.terminate()


def first_line(process: "subprocess.Popen[str]") -> str:
    """The first line of JSON; the server's own log may come before it."""
    assert process.stdout is not None
    while select.select([process.stdout], [], [], READY_S)[0]:
        line = process.stdout.readline()
        if not line or line.startswith('{"url"'):
            break
    assert line, "the server ended, or was not there in time: see its own words above"
    return line


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def call(url: str, method: str, body: dict[str, Any], token: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return dict(httpx.post(f"{url}/xrpc/com.atproto.server.{method}", json=body, headers=headers, timeout=TIMEOUT_S).raise_for_status().json())


def test_a_thread_with_a_picture_is_out_once_however_often_it_is_posted(pds: Pds) -> None:
    store = MemorySession()
    first = msgspec.structs.replace(draft("Panne à Barrhaven : https://hydro.example.com/é", "fr"), picture=Picture(PNG, "Carte"))
    receipts = [pds.feed(store).post(first) for _ in range(2)]
    assert [receipt.reply for receipt in receipts] == [Reply.POSTED, Reply.DUPLICATE]
    assert pds.feed(store).find(first).remote_id == receipts[0].remote_id == receipts[1].remote_id
    [image] = pds.value(receipts[0])["embed"]["images"]
    assert (image["alt"], image["aspectRatio"]) == ("Carte", {"$type": "app.bsky.embed.defs#aspectRatio", "width": 1, "height": 1})
    second = pds.feed(store).post(draft("two", answers=receipts[0].remote_id))
    third = pds.value(pds.feed(store).post(draft("three", answers=second.remote_id)))
    assert (third["reply"]["root"]["uri"], third["reply"]["parent"]["uri"]) == (receipts[0].remote_id, second.remote_id)


def test_what_is_not_there_is_told(pds: Pds) -> None:
    feed = pds.feed()
    assert feed.find(draft("never posted")).reply is Reply.ABSENT
    assert feed.post(draft("one", answers=f"at://{pds.did}/app.bsky.feed.post/3jzfcijpj2z2a")).reply is Reply.REPLY_GONE


@pytest.mark.parametrize(
    ("text", "reply"),
    [("é" * 300, Reply.POSTED), ("é" * 301, Reply.INVALID), ("👩‍👩‍👧‍👧" * 120, Reply.POSTED), ("👩‍👩‍👧‍👧" * 121, Reply.INVALID)],
    ids=["300 graphemes", "301 graphemes", "3,000 bytes", "3,025 bytes"],
)
def test_texts_are_as_long_as_the_simulator_says(pds: Pds, text: str, reply: Reply) -> None:
    assert pds.feed().post(draft(text, "en")).reply is reply


def test_headers_speak_of_calls_while_there_are_fewer_of_those(pds: Pds) -> None:
    receipt = pds.feed().post(draft("one of the first"))
    assert (receipt.reply, receipt.budgets, receipt.closed_until) == (Reply.POSTED, (), None)
    answer = httpx.get(f"{pds.url}/xrpc/com.atproto.repo.getRecord", params={"repo": pds.did, "collection": "app.bsky.feed.post", "rkey": "3jzfcijpj2z2a"})
    assert (answer.status_code, answer.json()["error"], answer.headers["ratelimit-policy"]) == (400, "RecordNotFound", "3000;w=300")


def test_tokens_that_are_not_honoured_are_replaced(pds: Pds) -> None:
    store = MemorySession()
    assert pds.feed(store).post(draft("before")).reply is Reply.POSTED
    session = json.loads(store.load() or b"")
    store.save(json.dumps(session | {"access": session["access"][:-4] + "AAAA"}).encode())
    assert pds.feed(store).post(draft("after a refresh")).reply is Reply.POSTED
    refreshed = json.loads(store.load() or b"")
    assert refreshed["refresh"] != session["refresh"]
    store.save(json.dumps(session | {"access": "no.token.atall", "refresh": "no.token.atall"}).encode())
    assert pds.feed(store).post(draft("after logging in")).reply is Reply.POSTED


def test_a_wrong_password_locks_the_account_out(pds: Pds) -> None:
    assert BlueskyFeed(pds.url, HANDLE, "wrong", TIMEOUT_S, MemorySession()).post(draft("x")).reply is Reply.LOCKED_OUT
