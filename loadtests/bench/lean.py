"""A lean load generator in a process of its own: raw HTTP/1.1 over kept connections, one request at a time on each.

`closed`: each connection sends its next request when the last is answered: what can be served at most.
`open`: requests are due at fixed moments whatever the answers do, and latency counts from the moment a request was due: what a storm does.
It costs about 40 µs a request, so that on two cores the service stays what is measured. Where it falls behind by itself, `late` says so.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from multiprocessing.connection import Connection
from statistics import quantiles

from msgspec import Struct

LATE_S = 0.05


class Load(Struct, frozen=True):
    """What to send. `rate` 0 is closed: all of `requests` as fast as answered; else they are due `rate` a second."""

    port: int
    requests: Sequence[bytes]
    """Heads and bodies, as they go on the wire."""
    connections: int
    rate: float = 0.0
    core: int | None = None
    """Where the generator runs; anywhere, if not told."""


class Sample(Struct, frozen=True, array_like=True):
    """One request: status (0: no answer), seconds from due to answered, and the answer's body where it was no success."""

    status: int
    took_s: float
    ended_s: float
    told: str = ""


class Measured(Struct, frozen=True):
    """What came of a load."""

    samples: list[Sample]
    took_s: float
    late: int
    """Requests begun more than 50 ms after they were due, because the generator itself was slow: above 1 % the run says nothing."""
    late_s: float = 0.0
    """How late it was at the worst of them."""

    def goodput(self, slo_s: float) -> float:
        """Requests a second that were served within `slo_s`."""
        return sum(sample.status < 300 and sample.took_s <= slo_s and sample.status > 0 for sample in self.samples) / self.took_s

    def count(self, status: int) -> int:
        """Requests that were answered with `status`."""
        return sum(sample.status == status for sample in self.samples)

    def ms(self, percent: int, status: int = 202) -> float:
        """A percentile of the time to an answer with `status`, in milliseconds."""
        took = [sample.took_s for sample in self.samples if sample.status == status]
        return quantiles(took, n=100)[percent - 1] * 1000 if len(took) > 1 else float("nan")


class _Wire(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, idle: Callable[["_Wire"], None], samples: list[Sample]) -> None:
        self._idle, self._samples = idle, samples
        self._due = 0.0
        self._buffer = b""
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def send(self, request: bytes, due: float) -> None:
        self._due, self.busy = due, True
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(rest) < length:
            return
        self._buffer = b""
        status, now = int(head[9:12]), time.perf_counter()
        self._samples.append(Sample(status, now - self._due, now, "" if status < 300 else rest[:300].decode()))
        self.busy = False
        self._idle(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self.busy:
            self._samples.append(Sample(0, time.perf_counter() - self._due, time.perf_counter(), str(error)))


async def _wires(load: Load, idle: Callable[[_Wire], None], samples: list[Sample]) -> list[_Wire]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(lambda: _Wire(idle, samples), "127.0.0.1", load.port))[1] for _ in range(load.connections)]


async def _closed(load: Load) -> Measured:
    samples: list[Sample] = []
    waiting = iter(load.requests)

    def on(wire: _Wire) -> None:
        for request in islice(waiting, 1):
            wire.send(request, time.perf_counter())

    wires, started = await _wires(load, on, samples), time.perf_counter()
    for wire in wires:
        on(wire)
    while any(wire.busy for wire in wires) and time.perf_counter() - started < 120:  # noqa: ASYNC110 - the protocols make progress meanwhile
        await asyncio.sleep(0.005)
    return Measured(samples, max(sample.ended_s for sample in samples) - started, 0)


async def _open(load: Load) -> Measured:
    samples: list[Sample] = []
    due: deque[tuple[bytes, float]] = deque()
    free: deque[_Wire] = deque()

    def on(wire: _Wire) -> None:
        if due:
            wire.send(*due.popleft())
        else:
            free.append(wire)

    free += await _wires(load, on, samples)
    started, late, latest = time.perf_counter(), 0, 0.0
    for number, request in enumerate(load.requests):
        at = started + number / load.rate
        if (ahead := at - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        late += -ahead > LATE_S
        latest = max(latest, -ahead)
        due.append((request, at))
        if free:
            on(free.popleft())  # by turns: one that is never used would be closed by the service
    ended = time.perf_counter()
    while len(samples) < len(load.requests) and time.perf_counter() - ended < 10:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.005)
    return Measured(samples, max(ended, *(sample.ended_s for sample in samples)) - started, late, latest)


def _work(load: Load, answer: Connection) -> None:
    import uvloop

    gc.disable()  # a collection among its many samples would be taken for the service's pause
    if load.core is not None:
        os.sched_setaffinity(0, {load.core})
    answer.send(uvloop.run(_open(load) if load.rate else _closed(load)))


def run(load: Load) -> Measured:
    """Send `load` from a process of its own."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_work, args=(load, theirs))
    process.start()
    theirs.close()  # so that a process that dies is heard of
    try:
        return ours.recv()  # type: ignore[no-any-return]
    finally:
        process.join(10)


def posted(path: str, key: str, body: bytes) -> bytes:
    """A POST of JSON as it goes on the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: ingest\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def as_json(value: object) -> bytes:
    """A body."""
    return json.dumps(value).encode()
