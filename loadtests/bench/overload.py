"""Twice what ingest can take, and it goes on taking what it can: goodput, and how long what is let in takes.

`python -m loadtests.bench.overload [RUNS]`. Single events. Each run first finds the capacity (closed, 64 clients: what is served within the SLO), then
offers twice as much by the clock, whatever the answers (open model). A run in which the generator itself was late is told, and says nothing.
What was acknowledged is counted in the journal afterwards.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from statistics import median

from loadtests.bench.figures import row
from loadtests.bench.ingest import PATH, event
from loadtests.bench.lean import Load, Measured, as_json, posted, run
from loadtests.bench.service import Served, ingest

SLO_S, ASKED_SHARE, ASKED_P99_MS = 0.25, 0.9, 500
CLIENTS, CONNECTIONS, CLOSED, OPEN_S, LATE_MAX = 64, 512, 10_000, 10, 0.01


def offered(served: Served, numbers: Iterator[int], requests: int, connections: int, rate: float = 0.0) -> Measured:
    """Fresh events."""
    made = [posted(PATH, served.key, as_json(event(0, next(numbers)))) for _ in range(requests)]
    return run(Load(served.port, made, connections, rate))


def main(runs: int) -> None:
    """Print what was measured."""
    numbers, answers = count(), Counter[int]()
    top, good, share, p50, p99, refused = [], [], [], [], [], []
    with ingest(ingest_source_requests_per_s="0") as served:
        acknowledged = offered(served, numbers, CLOSED, CLIENTS).count(202)  # warm
        for number in range(runs):
            alone = offered(served, numbers, CLOSED, CLIENTS)
            capacity = alone.goodput(SLO_S)
            stormed = offered(served, numbers, int(2 * capacity * OPEN_S), CONNECTIONS, 2 * capacity)
            acknowledged += alone.count(202) + stormed.count(202)
            answers += Counter(sample.status for sample in stormed.samples)
            if stormed.late > LATE_MAX * len(stormed.samples):
                print(f"run {number + 1} says nothing: the generator was late for {stormed.late:,} of {len(stormed.samples):,}")
                continue
            top.append(capacity)
            good.append(stormed.goodput(SLO_S))
            share.append(good[-1] / capacity)
            p50.append(stormed.ms(50))
            p99.append(stormed.ms(99))
            refused.append(stormed.ms(99, 503))
        kept = served.kept()
    if not share:
        raise SystemExit("FAILED: no run in which the generator kept up")
    print(row(f"capacity: within {SLO_S * 1000:.0f} ms, {CLIENTS} clients", top, "events/s"))
    print(row("goodput at twice that", good, "events/s"))
    print(row("  as a share of the capacity of the same run", share, "", f"at least {ASKED_SHARE}"))
    print(row("  median of what was let in", p50, "ms"))
    print(row("  99th percentile of what was let in", p99, "ms", f"under {ASKED_P99_MS}"))
    print(row("  99th percentile of a refusal", refused, "ms"))
    print(f"answers: {dict(answers)} (0: none); acknowledged {acknowledged:,}; in the journal {kept:,}")
    if kept < acknowledged or set(answers) - {202, 503} or median(share) < ASKED_SHARE or median(p99) >= ASKED_P99_MS:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
