"""Durable ingest through HTTP: how many events a second are acknowledged, each on disk before its 202?

`python -m loadtests.bench.ingest [RUNS]`. An embedded Redis (appendfsync always), one ingest process, senders in threads; batches of 500 events
of about 400 bytes, all of them new. What is acknowledged is counted in the journal afterwards: a rate that lost events fails.
"""

import http.client
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from loadtests.bench.figures import row
from loadtests.bench.service import ingest

ASKED = 15_000
BATCH, BATCHES, SENDERS = 500, 80, 4
PATH = "/ingest/v1/events"


def event(run: int, number: int) -> dict[str, Any]:
    """An event of about 400 bytes, as an outage-management system sends it."""
    return {
        "event_id": f"r{run}-{number:07}", "outage_id": f"r{run}-o{number:06}", "occurred_at": "2024-11-20T21:04:00Z", "status": "active",
        "cause": "weather", "crew": "assigned", "customers_affected": 5 + number % 900, "started_at": "2024-11-20T20:04:00Z",
        "estimated_restoration": "2024-11-21T04:30:00Z", "areas": [f"K{number % 9}G"],
        "geometry": {"type": "Point", "coordinates": [-75.7 + number / 1e6, 45.3]}, "devices": [f"feeder:{number % 999}"],
        "note": {"en": "Assessing.", "fr": "Évaluation."},
    }  # fmt: skip


def bodies(run: int) -> list[bytes]:
    """The batches of one run."""
    return [json.dumps({"events": [event(run, start * BATCH + n) for n in range(BATCH)]}).encode() for start in range(BATCHES)]


def send(port: int, key: str, batches: list[bytes]) -> list[float]:
    """Send `batches` one after the other over one connection; the seconds that each took to be acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    took: list[float] = []
    for body in batches:
        started = time.perf_counter()
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        took.append(time.perf_counter() - started)
        if answer.status != 202 or told["accepted"] != BATCH:
            raise SystemExit(f"not all accepted: {answer.status} {str(told)[:300]}")
    connection.close()
    return took


def fsync_ms(folder: Path) -> float:
    """What this disk takes to make 4 KiB durable: durable ingest can't be faster than one of these a batch."""
    took: list[float] = []
    with (folder / "probe").open("wb", buffering=0) as probe:
        for _ in range(100):
            started = time.perf_counter()
            probe.write(b"x" * 4096)
            os.fsync(probe.fileno())
            took.append(time.perf_counter() - started)
    return median(took) * 1000


def measure(port: int, key: str, run: int, took: list[float]) -> float:
    """Events acknowledged a second in one run."""
    batches = bodies(run)
    with ThreadPoolExecutor(SENDERS) as senders:
        started = time.perf_counter()
        for seconds in senders.map(lambda turn: send(port, key, batches[turn::SENDERS]), range(SENDERS)):
            took += seconds
        return BATCH * BATCHES / (time.perf_counter() - started)


def main(runs: int) -> None:
    """Print what was measured."""
    with ingest() as served:
        measure(served.port, served.key, 0, [])  # warm
        before, took, began = served.cpu_s(), [], time.perf_counter()
        rates = [measure(served.port, served.key, run, took) for run in range(1, runs + 1)]
        busy = (served.cpu_s() - before) / (time.perf_counter() - began)
        acknowledged, kept = BATCH * BATCHES * (runs + 1), served.kept()
        print(row("durable ingest through HTTP", rates, "events/s", f"at least {ASKED:,}"))
        print(f"ratio to what is asked: {median(rates) / ASKED:.2f}")
        size, slowest = len(bodies(0)[0]) / BATCH, quantiles(took, n=100)[98] * 1000
        print(f"a batch of {BATCH} ({size:.0f} B an event): median {median(took) * 1000:.1f} ms, 99th percentile {slowest:.1f} ms")
        print(f"ingest process: {busy:.0%} of one core; {SENDERS} senders; fsync of this disk: median {fsync_ms(served.folder):.2f} ms")
        print(f"acknowledged {acknowledged:,}; in the journal {kept:,}")
    if kept != acknowledged or median(rates) < ASKED:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
