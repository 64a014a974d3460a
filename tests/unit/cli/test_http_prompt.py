"""Answered in the turn in which it is read: only what comes whole and waits for nothing, with the same bytes as on the way of all others."""

import asyncio
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from services.cli.http_protocol import http_protocol
from services.kit import metrics
from services.kit.direct import JsonAnswer
from services.kit.guard import Guard
from services.kit.http import Problem
from services.kit.logs import REQUEST_ID
from services.kit.prompt import Posted, Prompt
from services.kit.settings import Settings
from tests.unit.cli.test_http_cycle import Wire

HEAD = b"POST /hot HTTP/1.1\r\nHost: x\r\nX-Request-Id: a-1\r\nContent-Length: 4\r\n\r\n"
ASKED = HEAD + b"true"


class Served:
    """A guarded service on one connection, and which way each request went."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(_env_file=None, **settings)
        self.at_once, self.later = list[bytes](), list[bytes]()
        self.guard = Guard(self._app, "voice", self.settings, prompt=Prompt("voice", {"/hot": self._answer}))
        self.wire, self.protocol = self._connected()

    def _connected(self) -> tuple[Wire, Any]:
        config = Config(self.guard, ws="none", log_config=None)
        protocol, wire = http_protocol(self.settings, self.guard)(config, ServerState(), {}, asyncio.get_running_loop()), Wire()
        protocol.connection_made(wire)
        return wire, protocol

    def _answer(self, posted: Posted) -> Response | None:
        if posted.body == b"wait":
            return None
        if posted.body == b"oops":
            raise Problem(422, "oops", "Oops", "Send something else.")
        assert REQUEST_ID.get() == dict(posted.headers).get(b"x-request-id", b"").decode() or len(REQUEST_ID.get()) == 32
        self.at_once.append(posted.body)
        return JsonAnswer(posted.body)

    async def _app(self, _scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        self.later.append(body)
        await JsonAnswer(body)({"type": "http"}, receive, send)

    async def sent(self, *pieces: bytes) -> bytes:
        """What is answered to `pieces`, each of which is read by itself."""
        before = len(self.wire.pieces)
        for piece in pieces:
            self.protocol.data_received(piece)
            await settled()
        return b"".join(self.wire.pieces[before:])


async def settled() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


def test_it_is_answered_before_anything_else_happens_and_counted() -> None:
    async def run() -> None:
        served, counted = Served(), metrics.HTTP_REQUESTS.labels("voice", "/hot", "POST", 200)
        before = counted._value.get()
        served.protocol.data_received(ASKED)
        assert served.wire.pieces == [
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\ncontent-length: 4\r\nx-request-id: a-1\r\n\r\ntrue"
        ]
        assert counted._value.get() == before + 1
        assert (served.protocol.server_state.total_requests, served.protocol.tasks) == (1, set())
        assert (await served.sent(HEAD + b"oops")).startswith(b"HTTP/1.1 422 ")
        assert (served.at_once, served.later) == ([b"true"], [])

    asyncio.run(run())


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"wait"],
        [HEAD, b"true"],
        [HEAD + b"tr", b"ue"],
        [HEAD[:20], HEAD[20:] + b"tr", b"u", b"e"],
        [ASKED.replace(b"Host", b"Connection: close\r\nHost")],
        [ASKED.replace(b"1.1", b"1.0")],
        [ASKED.replace(b"Host", b"Expect: 100-continue\r\nHost")],
        [ASKED.replace(b"POST", b"PUT")],
        [ASKED.replace(b"/hot", b"/cold")],
    ],
)
def test_all_else_takes_the_way_of_all_others_whole(pieces: list[bytes]) -> None:
    async def run() -> None:
        served = Served()
        answer = await served.sent(*pieces)
        assert b" 200 OK\r\n" in answer
        assert (served.at_once, served.later) == ([], [b"".join(pieces)[-4:]])
        assert served.guard._limit.taken == 0

    asyncio.run(run())


def test_what_comes_together_is_answered_in_its_order() -> None:
    async def run() -> None:
        served = Served()
        later = HEAD + b"wait"
        bodies = [b"true", b"1234", b"wait", b"abcd"]
        told = await served.sent(ASKED + HEAD + b"1234" + later + HEAD + b"abcd")
        assert [part[-4:] for part in told.split(b"HTTP/1.1 200 OK\r\n")[1:]] == bodies
        assert (served.at_once, served.later) == ([b"true", b"1234"], [b"wait", b"abcd"])

    asyncio.run(run())


def test_a_head_that_lies_about_its_body_is_refused_all_the_same() -> None:
    async def run() -> None:
        served = Served(http_head_timeout_s=0.01)
        assert (await served.sent(ASKED + b"\0nonsense\r\n\r\n")).partition(b"true")[2].startswith(b"HTTP/1.1 400 ")
        assert served.wire.closed

    asyncio.run(run())


def test_places_are_free_as_the_turn_ends_and_beyond_them_it_is_guarded_as_any_other() -> None:
    """What is read in one turn is one burst: however fast each is answered, no more of it is than there are places."""

    async def run() -> None:
        served = Served(guard_start=2, guard_min=2, guard_max=2, guard_queue_max=1, guard_queue_s=0.05)
        wires = [served._connected() for _ in range(4)]
        for _, protocol in wires:
            protocol.data_received(ASKED)
        assert [len(wire.pieces) for wire, _ in wires] == [1, 1, 0, 1]
        assert wires[3][0].pieces[0].startswith(b"HTTP/1.1 503 ")
        assert served.guard._limit.taken == 2
        await settled()
        assert (served.at_once, served.later, served.guard._limit.taken) == ([b"true"] * 2, [b"true"], 0)
        assert (await served.sent(ASKED)).startswith(b"HTTP/1.1 200 ")

    asyncio.run(run())
