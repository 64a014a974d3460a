"""Operators' updates, one event a request, from 64 clients: how many a second are durable, and how long does one take at half of the rate asked?

`python -m loadtests.bench.single [RUNS]`. Each event is new; what was acknowledged is counted in the journal afterwards.
"""

import sys
from collections.abc import Iterator
from itertools import count
from statistics import median

from loadtests.bench.figures import row
from loadtests.bench.ingest import PATH, event
from loadtests.bench.lean import Load, Measured, as_json, posted, run
from loadtests.bench.service import Served, ingest

ASKED, ASKED_MS, CLIENTS = 1_500, 50, 64
REQUESTS, OPEN_S = 9_000, 6


def measure(served: Served, numbers: Iterator[int], rate: float = 0.0) -> Measured:
    """Fresh events, closed or at `rate`; ends the benchmark where one was not taken."""
    requests = [posted(PATH, served.key, as_json(event(0, next(numbers)))) for _ in range(int(rate * OPEN_S) or REQUESTS)]
    measured = run(Load(served.port, requests, CLIENTS, rate))
    if bad := [sample for sample in measured.samples if sample.status != 202]:
        raise SystemExit(f"not taken: {len(bad)}, the first: {bad[0]}")
    return measured


def main(runs: int) -> None:
    """Print what was measured."""
    numbers = count()
    with ingest(ingest_source_requests_per_s="0") as served:
        measure(served, numbers)  # warm
        rates, slow, slow_closed, late, spent = [], [], [], 0, []
        for _ in range(runs):
            before = served.cpu_s()
            closed = measure(served, numbers)
            spent.append((served.cpu_s() - before) / len(closed.samples) * 1e6)
            rates.append(len(closed.samples) / closed.took_s)
            slow_closed.append(closed.ms(99))
            opened = measure(served, numbers, ASKED / 2)
            slow.append(opened.ms(99))
            late += opened.late
        kept, sent = served.kept(), next(numbers)
    print(row(f"single events through HTTP, {CLIENTS} clients", rates, "events/s", f"at least {ASKED:,}"))
    print(row("  99th percentile of those", slow_closed, "ms"))
    print(row("  ingest's processor time for one", spent, "µs"))
    print(row(f"99th percentile at {ASKED // 2} a second, open model", slow, "ms", f"under {ASKED_MS}"))
    print(f"begun late by the generator: {late}; acknowledged {sent:,}; in the journal {kept:,}")
    if kept != sent or median(rates) < ASKED or median(slow) >= ASKED_MS:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
