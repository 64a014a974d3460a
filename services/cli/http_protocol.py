"""The HTTP/1.1 server's protocol, with whoever guards the service at its door: a refusal is written by the protocol itself (docs/decisions).

It is the one piece of work that grows with a storm. So what can be refused at once is refused from the head alone: no scope, no cycle of uvicorn's, no timer.
"""

from collections.abc import Callable, Collection
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.cli.http_client import Client, Headers, hosts
from services.cli.http_cycle import OVER, on_the_wire
from services.cli.http_framing import Framed, address
from services.cli.http_heads import Heads
from services.kit.guard import Told
from services.kit.line import Waiting
from services.kit.prompt import Posted
from services.kit.refusal import Refusal, refusal_bytes
from services.kit.settings import Settings


class Door(Protocol):
    """Who decides which requests come in: `kit.guard.Guard`, or what stands before several."""

    def refuses(self, head: Scope) -> Refusal | None:
        """As `Guard.refuses`."""

    def ask(self, scope: Scope, told: Told) -> Waiting | None:
        """As `Guard.ask`."""

    @property
    def prompted(self) -> Collection[str]:
        """As `Guard.prompted`."""

    def prompt(self, posted: Posted) -> Response | None:
        """As `Guard.prompt`."""


def http_protocol(settings: Settings, door: Door | None = None) -> type[HttpToolsProtocol]:
    """The protocol with the limits of `settings`, for uvicorn's `http`. What `door` refuses never becomes a task, nor reaches the application."""

    class Bounded(Framed if door is None else _Prompt):  # type: ignore[misc]  # one of the two
        bytes_max, timeout_s = settings.http_head_max_bytes, settings.http_head_timeout_s
        retry_after_max_s = settings.guard_retry_after_max_s

    if door is not None:
        Bounded.door, Bounded.heads, Bounded.host = door, Heads(), staticmethod(hosts(settings.proxies_trusted))
    return Bounded


class _Guarded(Framed):
    door: Door
    heads: Heads
    retry_after_max_s: int
    _between = True
    """Whether nothing of the next request has been read."""
    _head: Scope | None = None
    """Of the request that was refused last in this read, if its connection goes on."""
    _waiting: Waiting | None = None
    """The place in line of a request that nothing is decided about yet."""
    _unread = False
    """Whether nothing more is read because the client doesn't read its refusals."""

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._between:
            super().data_received(data)
        elif not self._refused_again(data):
            self._head = None
            super().data_received(data)
            if self._head is not None and self._between:
                self.heads.keep(data, self._head)

    def on_message_begin(self) -> None:
        self._between = False
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        if self.cycle is not OVER:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._between = True
        if self.cycle is OVER:
            self._in_head, self._got = True, 0
        else:
            super().on_message_complete()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread:
            self._unread = False
            self.flow.resume_reading()

    def _take(self, version: str) -> None:
        if not self._refused(version):
            super()._take(version)

    def _refused_again(self, data: bytes) -> bool:
        """Refuse the request that `data` is, whole and alone, where its like was refused before and this one is."""
        cycle: Any = self.cycle
        if (cycle is not None and not cycle.response_complete) or (head := self.heads.known(data)) is None:
            return False
        refusal = self.door.refuses(head.scope)
        if refusal is None:
            return False
        if self._late is not None:
            self._head_over()
        self._in_head, self._got = True, 0
        self.cycle = OVER
        self.server_state.total_requests += 1
        self._write(refusal, with_body=True, close=False)
        self._idles()
        return True

    def _refused(self, version: str) -> bool:
        """Refuse the request whose head has come, where that is certain already and nothing is to be answered before it."""
        cycle: Any = self.cycle
        if (cycle is not None and not cycle.response_complete) or self.parser.should_upgrade():
            return False
        method = self.parser.get_method()
        path, _, _ = address(self.url)
        head: Scope = {"type": "http", "method": method.decode(), "path": self.root_path + path, "headers": self.headers}
        refusal = self.door.refuses(head)
        if refusal is None:
            return False
        self.cycle = OVER
        self.server_state.total_requests += 1
        # who waits to be told to go on may take this for an end, or send its body all the same
        close = version == "1.0" or b"expect" in dict(self.headers) or not self.parser.should_keep_alive()
        self._write(refusal, method != b"HEAD", close)
        if not close:
            self._idles()
            self._head = head if method != b"HEAD" else None
        return True

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._waiting = self.door.ask(cycle.scope, lambda refusal: self._decided(cycle, app, refusal))

    def _decided(self, cycle: Any, app: Any, refusal: Refusal | None) -> None:
        """Begin a request that is let in; answer one that is not, without more. What of its body is still to come is read, and dropped."""
        if refusal is None:
            super()._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        self._write(refusal, cycle.scope["method"] != "HEAD", not cycle.keep_alive or cycle.waiting_for_100_continue)
        if self.pipeline:
            self.loop.call_soon(self.on_response_complete)  # at once, thousands of them would be as many calls within calls
        else:
            self.on_response_complete()

    def _write(self, refusal: Refusal, with_body: bool, close: bool) -> None:
        self.transport.write(refusal_bytes(refusal, self.retry_after_max_s, with_body=with_body, close=close))
        if close:
            self.transport.close()
        elif self.flow.write_paused and not self._unread:
            self._unread = True
            self.flow.pause_reading()

    def _let_go(self) -> None:
        if self.cycle is OVER and self.flow.write_paused:
            self.transport.abort()  # it would stay until the client has read all
        else:
            super()._let_go()


class _Prompt(_Guarded):
    """Answers at once, where it can: a POST to such an address that comes whole in one read. All else takes the way of all others."""

    host: Callable[[Client, Headers], str]
    _pieces: list[bytes] | None = None
    """The body of a request that may be answered at once, as far as it has come in this read."""

    def on_body(self, body: bytes) -> None:
        if self._pieces is None:
            super().on_body(body)
        else:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        if self._pieces is None:
            super().on_message_complete()
            return
        path, body = self.root_path + address(self.url)[0], b"".join(self._pieces)
        answer = self.door.prompt(Posted(path, self.headers, body, self.host(self.client, self.headers)))
        if answer is None:
            self._go_on()
            super().on_message_complete()
            return
        self._pieces, self.cycle = None, OVER
        self._between = self._in_head = True
        self._got = 0
        self.server_state.total_requests += 1
        self.transport.write(on_the_wire(answer.status_code, [*self.server_state.default_headers, *answer.raw_headers], bytes(answer.body)))
        self._idles()

    def _take(self, version: str) -> None:
        if self._refused(version):
            return
        if version == "1.1" and self.door.prompted and self._may_be_prompt():
            self._pieces = []
        else:
            Framed._take(self, version)

    def _may_be_prompt(self) -> bool:
        """Nothing is to be answered before it, nor to be said before its body comes, and the connection goes on after it."""
        parser, before = self.parser, self.cycle
        return (
            self.root_path + address(self.url)[0] in self.door.prompted
            and parser.get_method() == b"POST"
            and (before is None or before.response_complete)
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.flow.write_paused
            and all(name != b"expect" for name, _ in self.headers)
        )

    def _has_read(self) -> None:
        if self._pieces is not None and not self.transport.is_closing():
            self._go_on()

    def _go_on(self) -> None:
        """Begin the request as any other."""
        pieces, self._pieces = self._pieces or [], None
        Framed._take(self, "1.1")
        for piece in pieces:
            super().on_body(piece)
