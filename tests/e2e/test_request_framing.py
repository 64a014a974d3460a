"""Request smuggling: no bytes are one request to one of our servers and two to another. Asked of a service's own server, and of the origin before it."""

import contextlib
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from services.cli.http_protocol import http_protocol
from services.cli.up.proxy import Proxy
from services.kit.settings import Settings
from tests.served import serve

SETTINGS = Settings(_env_file=None, proxy_body_idle_s=1.0)
HEAD = b"POST /first HTTP/1.1\r\nHost: x\r\n"
SECOND = b"GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(SECOND)

REFUSED = {
    "a length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 0\r\n" + LENGTH + b"\r\n",
    "the same length twice": HEAD + LENGTH + LENGTH + b"\r\n",
    "a list of lengths": HEAD + b"Content-Length: 0, 0\r\n\r\n",
    "a length with a sign": HEAD + b"Content-Length: +0\r\n\r\n",
    "a length below nothing": HEAD + b"Content-Length: -1\r\n\r\n",
    "a length in hexadecimal": HEAD + b"Content-Length: 0x0\r\n\r\n",
    "a length beyond all": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a blank before the colon": HEAD + b"Content-Length : 0\r\n\r\n",
    "a blank in a name": HEAD + b"Content Length: 0\r\n\r\n",
    "a folded line": HEAD + b"X-A: 1\r\n " + LENGTH + b"\r\n",
    "a folded coding": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a coding nobody knows": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a coding of several": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a coding twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding behind a control character": HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks before there were any": HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk's size in no digits": CHUNKED + b"zz\r\nhi\r\n0\r\n\r\n",
    "a chunk's size below nothing": CHUNKED + b"-2\r\nhi\r\n0\r\n\r\n",
    "a chunk's size with a prefix": CHUNKED + b"0x2\r\nhi\r\n0\r\n\r\n",
    "a chunk's size beyond all": CHUNKED + b"fffffffffffffffff\r\nhi\r\n0\r\n\r\n",
    "a chunk longer than it says": CHUNKED + b"2\r\nhihi\r\n0\r\n\r\n",
    "chunks with bare line feeds": CHUNKED + b"2\nhi\n0\n\n",
    "an extension with a line feed": CHUNKED + b"2;a\nb\r\nhi\r\n0\r\n\r\n",
    "a head with bare line feeds": b"POST /first HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
    "a bare carriage return": HEAD + b"X-A: 1\r" + LENGTH + b"\r\n",
    "a NUL": HEAD + b"X-A: \0\r\nContent-Length: 0\r\n\r\n",
    "no host": b"POST /first HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    "two hosts": HEAD + b"Host: y\r\nContent-Length: 0\r\n\r\n",
    "no version": b"GET /first\r\n\r\n",
    "a version to come": b"GET /first HTTP/2.0\r\nHost: x\r\n\r\n",
}
TAKEN = {
    "a length": HEAD + b"Content-Length: 2\r\n\r\nhi",
    "chunks": CHUNKED + b"1\r\nh\r\n1;an=extension\r\ni\r\n0\r\n\r\n",
    "a length that Connection names": HEAD + b"Connection: content-length\r\nContent-Length: 2\r\n\r\nhi",
    "another request as its body": HEAD + LENGTH + b"\r\n" + SECOND,
}


class Part:
    """A service that remembers what it was sent, whole."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                self.got.append((scope["path"], body))
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def part() -> Part:
    return Part()


@pytest.fixture(scope="module", params=["service", "origin"])
def port(request: pytest.FixtureRequest, part: Part) -> Iterator[int]:
    protocol = http_protocol(SETTINGS)
    with serve(part, http=protocol) as its_port, serve(Proxy("ingest", lambda: [its_port], SETTINGS), http=protocol) as before_it:
        yield before_it if request.param == "origin" else its_port


def statuses(port: int, data: bytes) -> list[int]:
    """Of all answers to `data` on one connection, until the server ends it."""
    answers = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client, contextlib.suppress(ConnectionResetError):
        client.sendall(data)
        while piece := client.recv(65_536):
            answers += piece
    return [int(line.split()[1]) for line in answers.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_request_that_can_be_read_in_two_ways_is_refused_and_the_connection_ends(port: int, part: Part, data: bytes) -> None:
    part.got.clear()
    answered = statuses(port, data + SECOND)
    assert part.got == []
    assert answered in ([400], [501])


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN.keys())
def test_request_is_taken_whole_and_the_next_one_is_the_next_one(port: int, part: Part, data: bytes) -> None:
    part.got.clear()
    assert statuses(port, data + SECOND) == [200, 200]
    assert [path for path, _ in part.got] == ["/first", "/second"]
    assert part.got[0][1] in (b"hi", SECOND)
