"""A head that was refused before is refused without being read again: exactly as if it were."""

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from services.cli import http_heads
from services.cli.http_heads import Heads
from services.cli.http_protocol import http_protocol
from services.ingest.pressure import bulk_from
from services.kit.guard import Guard
from services.kit.refusal import BUSY, Refusal
from services.kit.settings import Settings
from tests.unit.cli.test_http_cycle import Wire
from tests.unit.cli.test_http_prompt import settled

SETTINGS = Settings(_env_file=None, guard_retry_after_max_s=1)
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
GET = b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
REQUESTS = [
    POST + b"true",
    POST + b"\r\n\r\n",
    GET,
    GET + GET,
    b"\r\n\r\n" + GET,
    b"\r\n" + POST + b"true",
    POST.replace(b"4", b"04") + b"true",
    POST.replace(b"\r\nContent", b"\r\nTransfer-Encoding: chunked\r\nContent") + b"true",
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntrue\r\n0\r\n\r\n",
    b"HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n",
    GET.replace(b"Host", b"Connection: close\r\nHost"),
    GET.replace(b"1.1", b"1.0"),
    POST.replace(b"Host", b"Expect: 100-continue\r\nHost") + b"true",
    GET.replace(b"Host", b"Upgrade: x\r\nConnection: upgrade\r\nHost"),
    GET.replace(b"/b", b"/healthz"),
    GET.replace(b"Host: x\r\n", b""),
    POST[:30],
    b"true",
]


class Served:
    """A service whose guard refuses, or not, as `busy` says."""

    def __init__(self, *, forgetful: bool = False) -> None:
        self.busy, self.forgetful = True, forgetful
        self.guard = Guard(self._app, "heads", SETTINGS, self._pressure, bulk_from(100))
        self.made = http_protocol(SETTINGS, self.guard)
        self.heads: Heads = self.made.heads
        self.paths: list[str] = []
        self.held: asyncio.Event | None = None
        self.connect()

    def connect(self) -> None:
        config = Config(self.guard, ws="none", log_config=None)
        self.wire, self.protocol = Wire(), self.made(config, ServerState(), {}, asyncio.get_running_loop())
        self.protocol.connection_made(self.wire)

    def _pressure(self, _bulk: bool) -> Refusal | None:
        return BUSY if self.busy else None

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        while (await receive()).get("more_body"):
            pass
        if self.held is not None:
            await self.held.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def sent(self, reads: Iterable[tuple[bool, bytes]]) -> tuple[bytes, bool, list[str]]:
        """What came of these reads of one connection: what was written, whether it was ended, and what reached the service."""
        for self.busy, read in reads:
            if self.wire.is_closing():
                break
            if self.forgetful:
                self.heads._kept.clear()
            self.protocol.data_received(read)
            await settled()
        said = b"".join(self.wire.pieces), self.wire.is_closing(), self.paths
        self.protocol.connection_lost(None)
        self.paths = []
        self.connect()
        return said


reads = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=2).map(b"".join)), min_size=1, max_size=6)


def cut(read: tuple[bool, bytes]) -> st.SearchStrategy[list[tuple[bool, bytes]]]:
    """That read in two, somewhere; or as it was."""
    return st.integers(0, len(read[1]) - 1).map(lambda at: [(read[0], read[1][:at]), (read[0], read[1][at:])] if at else [read])


@given(
    st.lists(reads.flatmap(lambda all_of: st.tuples(*map(cut, all_of))).map(lambda parts: [read for part in parts for read in part]), min_size=2, max_size=4)
)
def test_what_was_refused_before_is_refused_as_if_it_were_read(connections: list[list[tuple[bool, bytes]]]) -> None:
    async def run() -> None:
        knowing, forgetful = Served(), Served(forgetful=True)
        for made in connections:
            assert await knowing.sent(made) == await forgetful.sent(made)

    asyncio.run(run())


@pytest.mark.parametrize(("read", "kept"), [(one, one in (POST + b"true", POST + b"\r\n\r\n", GET)) for one in REQUESTS])
def test_only_a_head_that_stood_alone_with_its_whole_body_is_kept(read: bytes, kept: bool) -> None:
    async def run() -> None:
        served = Served()
        await served.sent([(True, read)])
        assert (served.heads.known(read) is not None) == kept
        assert served.heads.known(read[:-1]) is served.heads.known(read + b"x") is None

    asyncio.run(run())


def test_a_known_head_is_not_parsed_and_asked_about_each_time() -> None:
    async def run() -> None:
        served = Served()
        await served.sent([(True, POST + b"true")])
        served.protocol.parser = None  # whoever feeds it fails
        served.protocol.data_received(POST + b"else")
        assert [piece[:13] for piece in served.wire.pieces] == [b"HTTP/1.1 503 "]
        served.connect()
        _, _, paths = await served.sent([(True, POST + b"more"), (False, POST + b"more")])
        assert paths == ["/a"]

    asyncio.run(run())


def test_a_known_head_in_the_middle_of_another_is_none() -> None:
    async def run() -> None:
        served = Served()
        await served.sent([(True, GET)])
        served.protocol.data_received(b"POST /a HTTP/1.1\r\nHost: x\r\nNote: ")
        served.protocol.data_received(GET)
        assert b"".join(served.wire.pieces).startswith(b"HTTP/1.1 4")  # two hosts, and not a second request
        assert served.wire.is_closing()

    asyncio.run(run())


def test_a_refusal_does_not_overtake_the_answer_before_it() -> None:
    async def run() -> None:
        served = Served()
        await served.sent([(True, GET)])
        served.busy, served.held = False, asyncio.Event()
        served.protocol.data_received(GET)
        await settled()
        served.busy = True
        served.protocol.data_received(GET)
        await settled()
        assert served.wire.pieces == []
        served.held.set()
        await settled()
        assert [piece[9:12] for piece in served.wire.pieces] == [b"200", b"503"]

    asyncio.run(run())


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_heads, "HEADS_KEPT_MAX", 3)
    heads, scope = Heads(), {"method": "GET", "headers": []}
    for number in range(10):
        heads.keep(GET.replace(b"/b", b"/%d" % number), scope)
        assert len(heads._kept) <= 3
    heads.keep(GET.replace(b"/b", b"/" + b"b" * http_heads.HEAD_KEPT_MAX_BYTES), scope)
    assert heads.known(GET.replace(b"/b", b"/9")) is not None
    assert len(heads._kept) <= 3
