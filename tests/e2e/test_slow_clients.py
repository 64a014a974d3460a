"""Clients that send little, slowly, or without end: they are let go, and hold nothing that others need."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from services.cli.http_protocol import http_protocol
from services.cli.up.proxy import Proxy
from services.kit.settings import Settings
from tests.served import serve

SETTINGS = Settings(
    proxy_body_idle_s=1.0, proxy_connect_s=0.3, proxy_connections_max=1, proxy_uploads_max=1, http_head_timeout_s=0.6, http_head_max_bytes=10_000
)
LARGE = 100_000
HEAD = "POST /ingest/x HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n"


async def _picky(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 401 without reading a body, but reads it all where a key is sent."""
    keyed = any(name == b"authorization" for name, _ in scope["headers"])
    while keyed and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 202 if keyed else 401, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def origin() -> Iterator[int]:
    with serve(_picky) as part, serve(Proxy("ingest", lambda: [part], SETTINGS), http=http_protocol(SETTINGS)) as port:
        yield port


@contextmanager
def sent(port: int, data: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(data)
        yield client


def answer_to(client: socket.socket) -> int:
    """The status of the answer; 0 where the connection was closed without one."""
    got = client.recv(65_536)
    return int(got.split(b" ", 2)[1]) if got else 0


def ask(port: int, size: int) -> httpx.Response:
    return httpx.post(f"http://127.0.0.1:{port}/ingest/x", content=b"x" * size, headers={"Authorization": "Bearer k"}, trust_env=False, timeout=30)


def test_a_slow_small_body_holds_no_connection_to_the_part_and_ends_in_408(origin: int) -> None:
    with sent(origin, HEAD.format(100).encode() + b"x") as slow:
        assert ask(origin, 10).status_code == 202, "the only connection is free"
        assert answer_to(slow) == 408


def test_a_slow_large_body_with_a_key_leaves_small_requests_alone_and_ends_in_408(origin: int) -> None:
    with sent(origin, HEAD.format(LARGE + 1).replace("\r\n\r\n", "\r\nAuthorization: Bearer k\r\n\r\n").encode() + b"x" * LARGE) as slow:
        assert ask(origin, 10).status_code == 202
        assert answer_to(slow) == 408
    assert ask(origin, LARGE).status_code == 202


def test_a_large_body_without_a_key_is_answered_before_it_is_whole_and_its_connection_is_free_at_once() -> None:
    patient = SETTINGS.model_copy(update={"proxy_body_idle_s": 30.0})
    with serve(_picky) as part, serve(Proxy("ingest", lambda: [part], patient)) as origin, sent(origin, HEAD.format(LARGE + 1).encode() + b"x" * LARGE) as slow:
        assert answer_to(slow) == 401
        assert ask(origin, LARGE).status_code == 202


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"a" * 10_001, id="a header without end"),
        pytest.param(b"GET /" + b"a" * 10_001 + b" HTTP/1.1\r\n\r\n", id="a long address, whole"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 5_000 + b"\r\n", id="many headers, whole"),
    ],
)
def test_a_head_that_is_too_large_is_refused(origin: int, head: bytes) -> None:
    with sent(origin, head) as client:
        assert answer_to(client) == 431


@pytest.mark.parametrize("head", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nX: 1\r\n"])
def test_a_head_that_does_not_come_is_given_up(origin: int, head: bytes) -> None:
    with sent(origin, head) as client:
        assert answer_to(client) == 408


def test_a_second_head_on_one_connection_is_bounded_too(origin: int) -> None:
    with sent(origin, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        assert answer_to(client) == 401
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        time.sleep(0.05)
        client.sendall(b"1")
        assert answer_to(client) == 408


@pytest.mark.parametrize("rest", [b"x", b"x" * 9], ids=["drips on", "ends, and nothing follows"])
def test_a_connection_whose_body_was_answered_early_is_closed_however_the_body_goes_on(rest: bytes) -> None:
    with serve(_picky, http=http_protocol(SETTINGS)) as port, sent(port, HEAD.format(10).encode() + b"x") as client:
        assert answer_to(client) == 401
        client.sendall(rest)
        assert client.recv(100) == b"", "closed, and without another answer"


def test_a_connection_whose_body_was_answered_early_takes_the_next_request() -> None:
    with serve(_picky, http=http_protocol(SETTINGS)) as port, sent(port, HEAD.format(10).encode() + b"x") as client:
        assert answer_to(client) == 401
        client.sendall(b"x" * 4)
        time.sleep(0.05)
        client.sendall(b"x" * 5 + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer_to(client) == 401


def test_a_large_body_in_the_same_reads_as_its_head_is_no_large_head(origin: int) -> None:
    with sent(origin, HEAD.format(LARGE).replace("\r\n\r\n", "\r\nAuthorization: Bearer k\r\n\r\n").encode() + b"x" * LARGE) as client:
        assert answer_to(client) == 202
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer_to(client) == 401
