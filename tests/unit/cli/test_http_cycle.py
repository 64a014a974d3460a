"""An answer on the wire: the same bytes as uvicorn's own, in one piece where it is there whole, and at once where it is not."""

import asyncio
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from services.cli.http_cycle import WHOLE_MAX_BYTES, Cycle

Header = tuple[bytes, bytes]
JSON, DATE = (b"content-type", b"application/json"), (b"date", b"Fri, 27 Nov 2026 19:00:00 GMT")


class Wire(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.pieces.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def start(*headers: Header, status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(text: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


def length(number: int) -> Header:
    return b"Content-Length", b"%d" % number


def answered(kind: type[RequestResponseCycle], messages: list[dict[str, Any]], method: str = "POST", keep_alive: bool = True) -> tuple[Wire, Any, str]:
    """What is on the wire, the cycle, and what the application was told of its mistake."""
    wire, over, told = Wire(), list[bool](), ""

    async def run() -> RequestResponseCycle:
        nonlocal told
        logger: Any = None
        scope: Any = {"type": "http", "method": method}
        cycle = kind(scope, wire, FlowControl(wire), logger, logger, False, [DATE], asyncio.Event(), False, keep_alive, lambda: over.append(True))
        try:
            for message in messages:
                await cycle.send(message)  # type: ignore[arg-type]  # as applications do, some of them wrongly
        except RuntimeError as error:
            told = str(error)
        return cycle

    cycle = asyncio.run(run())
    assert bool(over) == cycle.response_complete == cycle.message_event.is_set()
    return wire, cycle, told


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([start(JSON, length(4)), body(b"true")], {}),
        ([start(JSON, length(0), status=404), body(b"")], {}),
        ([start(JSON, length(4)), body(b"tr", True), body(b"ue")], {}),
        ([start(JSON), body(b"true")], {}),
        ([start(JSON, (b"Transfer-Encoding", b"chunked")), body(b"true")], {}),
        ([start(JSON, length(4), (b"Connection", b"close")), body(b"true")], {}),
        ([start(JSON, length(4), (b"connection", b"keep-alive, close")), body(b"true")], {}),
        ([start(JSON, length(4)), body(b"true")], {"keep_alive": False}),
        ([start(JSON, length(4)), body(b"true")], {"method": "HEAD"}),
        ([start(JSON, length(WHOLE_MAX_BYTES + 1)), body(b"x" * (WHOLE_MAX_BYTES + 1))], {}),
        ([start(status=204)], {}),
        ([start(length(0), status=304), body(b"")], {}),
        ([start(JSON, length(5)), body(b"true")], {}),
        ([start(JSON, length(3)), body(b"true")], {}),
        ([start((b"location", b"/a?" + b"b" * 300), length(0), status=303), body(b"")], {}),
        ([start((b"x", b"1\r\nset-cookie: a"), length(0)), body(b"")], {}),
        ([start((b"x\r\n", b"1"), length(0)), body(b"")], {}),
        ([start((b"x", b"b\0" * 300), length(0)), body(b"")], {}),
        ([start(length(0)), body(b""), body(b"")], {}),
        ([start(length(0)), start(length(0))], {}),
        ([body(b"true")], {}),
    ],
)
def test_the_same_goes_on_the_wire_as_uvicorn_would_write(messages: list[dict[str, Any]], told: dict[str, Any]) -> None:
    ours, theirs = answered(Cycle, messages, **told), answered(RequestResponseCycle, messages, **told)
    if messages[1:2] != [start(length(0))]:  # an answer that is begun twice is still whole for us
        assert b"".join(ours[0].pieces) == b"".join(theirs[0].pieces)
        assert ours[2] == theirs[2]
    assert ours[0].closed == theirs[0].closed


def test_what_is_whole_is_one_piece_and_what_streams_begins_at_once() -> None:
    assert len(answered(Cycle, [start(JSON, length(4)), body(b"true")])[0].pieces) == 1
    head = b"".join(answered(Cycle, [start((b"content-type", b"text/event-stream"))])[0].pieces)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n"), "whoever listens hears that it is an answer before there is anything to tell"


def test_an_application_that_fails_before_its_body_is_a_500() -> None:
    """uvicorn would have promised a body by then, and could only break off."""
    wire, cycle, _ = answered(Cycle, [start(JSON, length(4))])
    assert (wire.pieces, cycle.response_started) == ([], False)
    asyncio.run(cycle.send_500_response())
    assert b"".join(wire.pieces).startswith(b"HTTP/1.1 500 ")
