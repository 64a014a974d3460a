"""Against the naive design (loadtests/baseline), in the same run: how many times as many events a second are acknowledged?

`python -m loadtests.bench.naive [RUNS]`. The same batches of 500 and the same kind of Redis (appendfsync always) for both, by turns, so that both
meet the same machine. The naive design's workers run meanwhile, as they would; it is not asked to have delivered anything when it acknowledges,
only to have it in its queue. Its thousands of fsyncs are on our disk too: ours is told not to mind a Redis that is silent for a second.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from loadtests.baseline.tasks import CHANNELS
from loadtests.bench.figures import row
from loadtests.bench.ingest import BATCH, event, measure
from loadtests.bench.service import ingest, ready
from services.cli.embedded_redis import running
from tests.tree import ROOT, free_port, wait_until

ASKED, NAIVE_BATCHES = 10, 1


@contextmanager
def naive(folder: Path) -> Iterator[tuple[int, str]]:
    """The naive design on a Redis of its own: its port and Redis."""
    with running(folder) as server:
        port, started = free_port(), []
        environment = {**os.environ, "NAIVE_REDIS_URL": server.url}
        commands = (
            ["-m", "uvicorn", "loadtests.baseline.app:app", "--port", str(port), "--no-access-log", "--log-level", "warning"],
            ["-m", "celery", "-A", "loadtests.baseline.tasks", "worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"],
        )
        try:
            with (folder / "naive.log").open("wb") as log:
                started = [subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log) for command in commands]
            wait_until(lambda: ready(port), 20, "the naive service to be ready")
            yield port, server.url
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(30)


def naive_rates(port: int, url: str, run: int) -> tuple[float, float]:
    """Events acknowledged a second, and events whose tasks are all done a second."""
    import redis

    bodies = [json.dumps({"events": [event(run, 10_000_000 + start * BATCH + n) for n in range(BATCH)]}) for start in range(NAIVE_BATCHES)]
    with redis.Redis.from_url(url) as link, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        link.delete("naive:delivered")
        started = time.perf_counter()
        for body in bodies:
            client.post("/events", content=body, headers={"Content-Type": "application/json"}).raise_for_status()
        acknowledged = time.perf_counter() - started
        wait_until(lambda: int(link.get("naive:delivered") or 0) >= BATCH * NAIVE_BATCHES * len(CHANNELS), 120, "the naive workers to be done")  # type: ignore[arg-type]
        done = time.perf_counter() - started
    return BATCH * NAIVE_BATCHES / acknowledged, BATCH * NAIVE_BATCHES / done


def main(runs: int) -> None:
    """Print what was measured."""
    ours, acknowledged, done = [], [], []
    with ingest(ingest_silent_s="10") as served, naive(served.folder / "naive") as (port, url):
        measure(served.port, served.key, 0, [])  # warm
        naive_rates(port, url, 0)
        for run in range(1, runs + 1):
            ours.append(measure(served.port, served.key, run, []))
            rates = naive_rates(port, url, run)
            acknowledged.append(rates[0])
            done.append(rates[1])
    ratios = [mine / theirs for mine, theirs in zip(ours, acknowledged, strict=True)]
    print(row("ours, acknowledged durably", ours, "events/s"))
    print(row(f"naive ({len(CHANNELS)} channels), acknowledged once queued", acknowledged, "events/s"))
    print(row("naive, with all tasks done", done, "events/s"))
    print(row("ratio of those acknowledged", ratios, "times", f"at least {ASKED}"))
    if median(ratios) < ASKED:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
