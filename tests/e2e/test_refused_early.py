"""A server that asks the guard refuses before there is a task: the same answer as the guard's own, and the connection goes on as HTTP says."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from services.cli.http_protocol import http_protocol
from services.kit import metrics
from services.kit.guard import Guard
from services.kit.settings import Settings
from tests.e2e.test_request_framing import REFUSED, TAKEN
from tests.e2e.test_request_framing import SECOND as LAST
from tests.served import serve
from tests.tree import wait_until

SETTINGS = Settings(_env_file=None, guard_start=1, guard_min=1, guard_max=1, guard_queue_max=0)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SECOND = b"POST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"


class Stage:
    """A guard with one place, which a request to `/held` keeps until `go`."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.go, self.inside, self.seen = threading.Event(), threading.Event(), list[str]()
        self.guard = Guard(self._app, "early", settings)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope["path"])
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == "/held":
            self.inside.set()
            await asyncio.to_thread(self.go.wait, 10)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class Client:
    """A connection, and the answers on it one by one."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._answers = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; status 0 where the connection has ended."""
        first = self._answers.readline()
        if not first:
            return 0, {}, b""
        lines = iter(self._answers.readline, b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)}
        return int(first.split()[1]), headers, self._answers.read(int(headers["content-length"])) if body else b""

    def close(self) -> None:
        self._answers.close()
        self._socket.close()


@contextmanager
def busy(settings: Settings = SETTINGS, **options: Any) -> Iterator[tuple[Stage, Client, Client]]:
    """A server whose only place is taken by the second of two clients."""
    stage = Stage(settings)
    with serve(stage.guard, http=http_protocol(settings, stage.guard), **options) as port:
        client, holder = Client(port), Client(port)
        holder.send(GET.replace(b"/ ", b"/held "))
        assert stage.inside.wait(10)
        yield stage, client, holder
        stage.go.set()
        client.close()
        holder.close()


def refused_count() -> float:
    return float(metrics.GUARD_REFUSED.labels("early", "single", "busy")._value.get())


def settled(value: Callable[[], float]) -> float:
    """`value` once it is above nothing and no longer changes."""
    last, now = -1.0, 0.0
    while now != last or not now:
        time.sleep(0.5)
        last, now = now, value()
    return now


def test_what_is_refused_reaches_no_application_and_its_body_is_never_a_request() -> None:
    with busy() as (stage, client, holder):
        before = refused_count()
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (100_000 + len(SECOND)) + b"x" * 100_000 + SECOND[:10])
        status, headers, body = client.answer()
        assert (status, headers["content-type"]) == (503, "application/problem+json")
        assert json.loads(body)["type"] == "urn:surgecast:problem:busy"
        assert f"in {headers['retry-after']} s" in json.loads(body)["detail"]
        assert "connection" not in headers
        client.send(SECOND[10:] + SECOND + GET.replace(b"/ ", b"/healthz "))
        assert [client.answer()[0] for _ in range(2)] == [503, 200]
        assert stage.seen == ["/held", "/healthz"]
        wait_until(lambda: refused_count() == before + 2, 10, "both to be counted")
        stage.go.set()
        assert holder.answer()[0] == 200
        client.send(SECOND)
        assert client.answer()[0] == 200, "the place is free again, and the connection was kept"
        wait_until(lambda: stage.guard._limit.taken == 0, 10, "the places to be free")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="HTTP/1.0"),
        pytest.param(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), id="asked to close"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", id="waits before it sends its body"),
    ],
)
def test_a_connection_that_can_not_go_on_is_closed(head: bytes) -> None:
    with busy() as (_, client, _holder):
        client.send(head)
        status, headers, _ = client.answer()
        assert (status, headers["connection"]) == (503, "close")
        assert client.answer()[0] == 0


@pytest.mark.parametrize("data", [*REFUSED.values(), *TAKEN.values()], ids=[*REFUSED, *TAKEN])
def test_being_refused_makes_no_request_of_what_is_none(data: bytes) -> None:
    """A head that can be read in two ways is no less wrong when nobody is let in; one that is whole is refused, and so is the next."""
    with busy() as (stage, client, _holder):
        client.send(data + LAST)
        answered = list(iter(lambda: client.answer()[0], 0))
        assert answered in ([[503, 503]] if data in TAKEN.values() else [[400], [501], [503, 400]])
        assert stage.seen == ["/held"]


def test_a_client_that_does_not_read_its_refusals_is_not_read_either_and_loses_none() -> None:
    many = 30_000
    with busy() as (_, client, _holder):
        before, sending = refused_count(), threading.Thread(target=client.send, args=(GET * many,))
        sending.start()
        refused = settled(lambda: refused_count() - before)
        assert 0 < refused < many, "their answers would be kept in memory without a bound"
        assert {client.answer()[0] for _ in range(many)} == {503}
        sending.join(10)
        wait_until(lambda: refused_count() - before == many, 10, "all to be counted")


def test_a_connection_on_which_nothing_follows_a_refusal_is_closed() -> None:
    with busy(timeout_keep_alive=1) as (_, client, _holder):
        for _ in range(3):
            client.send(SECOND)
            assert client.answer()[0] == 503
            time.sleep(0.1)
        assert client.answer()[0] == 0


def test_the_refusal_of_a_head_has_no_body() -> None:
    with busy() as (_, client, _holder):
        client.send(GET.replace(b"GET", b"HEAD") + GET)
        assert client.answer(body=False)[0] == 503
        assert client.answer()[0] == 503


def test_thousands_behind_one_that_is_served_are_refused_one_after_the_other() -> None:
    with busy() as (stage, client, holder):
        holder.send(GET * 3_000)
        client.send(GET)
        assert client.answer()[0] == 503
        stage.guard._limit.taken += 1  # the place that the first gives back is taken at once
        stage.go.set()
        assert [holder.answer()[0] for _ in range(3_001)] == [200, *[503] * 3_000]


def test_in_line_it_gets_the_place_or_is_refused_after_its_wait_and_who_leaves_gets_none() -> None:
    patient = SETTINGS.model_copy(update={"guard_queue_max": 1, "guard_queue_s": 0.2})
    with busy(patient) as (stage, client, holder):
        client.send(GET)
        assert client.answer()[0] == 503
        assert stage.seen == ["/held"]
        client.send(GET)
        time.sleep(0.05)
        stage.go.set()
        assert (client.answer()[0], holder.answer()[0]) == (200, 200)
    with busy(patient.model_copy(update={"guard_queue_s": 30.0})) as (stage, client, holder):
        client.send(GET)
        time.sleep(0.1)
        client.close()
        time.sleep(0.1)
        stage.go.set()
        assert holder.answer()[0] == 200
        holder.send(GET)
        assert holder.answer()[0] == 200
        assert stage.seen == ["/held", "/"], "the one who left was not served"
        wait_until(lambda: stage.guard._limit.taken == 0, 10, "the places to be free")
