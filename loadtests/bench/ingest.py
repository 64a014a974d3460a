"""Durable ingest through HTTP: how many events a second are acknowledged, each on disk before its 202?

`python -m loadtests.bench.ingest [RUNS]`. An embedded Redis (appendfsync always), one ingest process, senders in threads; batches of 500 events
of about 400 bytes, all of them new. What is acknowledged is counted in the journal afterwards: a rate that lost events fails.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import redis

from loadtests.bench.figures import row
from services import wire
from services.adapters.keys_redis import RedisKeys
from services.cli.embedded_redis import running
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from tests.tree import ROOT, free_port, wait_until

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


def answers(port: int) -> bool:
    """Whether the service is ready."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as server, redis.Redis.from_url(server.url) as link:
        key, port = RedisKeys(link).create(SourceName("bench"), SCOPES), free_port()
        environment = {**os.environ, "SURGECAST_JOURNAL_URL": server.url, "SURGECAST_INGEST_LAG_MAX_ENTRIES": "10000000", "SURGECAST_DATA": name}
        with (Path(name) / "ingest.log").open("wb") as log:
            command = [sys.executable, "-m", "services", "ingest", "--port", str(port)]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
        try:
            wait_until(lambda: answers(port), 20, "the ingest service to be ready")
            measure(port, key, 0, [])  # warm
            before, took, began = cpu_s(process.pid), [], time.perf_counter()
            rates = [measure(port, key, run, took) for run in range(1, runs + 1)]
            busy = (cpu_s(process.pid) - before) / (time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait(20)
        acknowledged, kept = BATCH * BATCHES * (runs + 1), int(link.xlen(wire.JOURNAL))
        print(row("durable ingest through HTTP", rates, "events/s", f"at least {ASKED:,}"))
        print(f"ratio to what is asked: {median(rates) / ASKED:.2f}")
        size, slowest = len(bodies(0)[0]) / BATCH, quantiles(took, n=100)[98] * 1000
        print(f"a batch of {BATCH} ({size:.0f} B an event): median {median(took) * 1000:.1f} ms, 99th percentile {slowest:.1f} ms")
        print(f"ingest process: {busy:.0%} of one core; {SENDERS} senders; fsync of this disk: median {fsync_ms(Path(name)):.2f} ms")
        print(f"acknowledged {acknowledged:,}; in the journal {kept:,}")
    if kept != acknowledged or median(rates) < ASKED:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
