"""One timer sees to all answers on a connection: it ends none that is in use, and forgets none that isn't. By a clock of the test's own."""

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from services.cli.http_protocol import http_protocol
from services.kit.settings import Settings
from tests.unit.cli.test_http_cycle import Wire

ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SETTINGS = Settings(_env_file=None, http_head_timeout_s=3)


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """Runs a coroutine that waits for nothing at once, and a timer when it is its time."""

    def __init__(self) -> None:
        self.now, self.timers = 0.0, list[Timer]()

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def create_task(self, coming: Coroutine[Any, Any, None]) -> Any:
        try:
            coming.send(None)
        except StopIteration:
            return self
        raise AssertionError("it waits")

    def add_done_callback(self, _call: Any) -> None: ...

    def pass_s(self, seconds: float) -> None:
        until = self.now + seconds
        while due := [timer for timer in self.timers if timer.at <= until and not timer.cancelled]:
            first = min(due, key=lambda timer: timer.at)
            self.timers.remove(first)
            self.now = first.at
            first.call()
        self.now = until


async def _app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def connected() -> tuple[Loop, Any, Wire]:
    loop, wire = Loop(), Wire()
    config = Config(_app, ws="none", log_config=None, timeout_keep_alive=5)
    protocol = http_protocol(SETTINGS)(config, ServerState(), {}, loop)  # type: ignore[arg-type]  # as much of a loop as it needs
    protocol.connection_made(wire)
    return loop, protocol, wire


def test_it_is_kept_while_it_is_used_and_closed_when_nothing_follows_an_answer() -> None:
    loop, protocol, wire = connected()
    for number in range(1, 5):
        protocol.data_received(ASKED)
        assert len(wire.pieces) == number
        loop.pass_s(4.9)
        assert not wire.closed
        assert len([timer for timer in loop.timers if not timer.cancelled]) == 1
    loop.pass_s(0.2)
    assert wire.closed


def test_half_a_head_has_its_own_time_and_no_more() -> None:
    loop, protocol, wire = connected()
    protocol.data_received(ASKED)
    loop.pass_s(4)
    protocol.data_received(ASKED[:10])
    loop.pass_s(2.9)
    assert not wire.closed
    protocol.data_received(ASKED[10:])
    assert len(wire.pieces) == 2
    loop.pass_s(4)
    protocol.data_received(ASKED[:10])
    loop.pass_s(3)
    assert wire.closed
    assert wire.pieces[-1].startswith(b"HTTP/1.1 408 ")
