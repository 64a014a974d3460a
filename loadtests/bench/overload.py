"""Twice what ingest can take, and it goes on taking what it can: goodput, and how long what is let in takes.

`python -m loadtests.bench.overload [RUNS]`. Single events. By turns the capacity is found (closed, 64 clients: what is served within the SLO) and twice as
much is offered, by the clock, whatever the answers (open model), for about as long. Each storm is compared with the mean of the capacities just before and
after it, so that a machine that changes its pace favours neither. Ingest has a core of its own; Redis and the generator share the next one, in both.
A run in which the generator itself was late is told, and says nothing. What was acknowledged is counted in the journal afterwards.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from statistics import mean, median

from loadtests.bench.figures import row
from loadtests.bench.ingest import PATH, event
from loadtests.bench.lean import Load, Measured, as_json, posted, run
from loadtests.bench.service import Served, ingest

SLO_S, ASKED_SHARE, ASKED_P99_MS = 0.25, 0.9, 500
CLIENTS, CONNECTIONS, LONG_S, WARM, LATE_MAX = 64, 512, 10, 5_000, 0.01


class Bench:
    """A service on a core of its own, and what was sent to it."""

    def __init__(self, served: Served) -> None:
        self._served, self._numbers = served, count()
        self.acknowledged, self.answers = 0, Counter[int]()
        cores = sorted(os.sched_getaffinity(0))
        self._beside = cores[1 % len(cores)]
        if len(cores) > 1:
            served.pin(cores[0], self._beside)

    def offered(self, requests: int, connections: int, rate: float = 0.0) -> tuple[Measured, float]:
        """Fresh events, and the share of its core that ingest had meanwhile."""
        made = [posted(PATH, self._served.key, as_json(event(0, number))) for number in _first(self._numbers, requests)]
        before = self._served.cpu_s()
        measured = run(Load(self._served.port, made, connections, rate, self._beside))
        self.acknowledged += measured.count(202)
        return measured, (self._served.cpu_s() - before) / measured.took_s


def _first(numbers: Iterator[int], many: int) -> Iterator[int]:
    return (next(numbers) for _ in range(many))


def main(runs: int) -> None:
    """Print what was measured."""
    good, share, by_core, p50, p99, refused, late, had = [], [], [], [], [], [], [], []
    with ingest(ingest_source_requests_per_s="0") as served:
        bench = Bench(served)
        pace = bench.offered(WARM, CLIENTS)[0].goodput(SLO_S)  # warm
        alone, its_core = bench.offered(int(pace * LONG_S), CLIENTS)
        top, top_had = [alone.goodput(SLO_S)], [its_core]
        for number in range(runs):
            stormed, its_core = bench.offered(int(2 * top[-1] * LONG_S), CONNECTIONS, 2 * top[-1])
            alone, alone_had = bench.offered(int(top[-1] * LONG_S), CLIENTS)
            top.append(alone.goodput(SLO_S))
            top_had.append(alone_had)
            bench.answers += Counter(sample.status for sample in stormed.samples)
            late.append(stormed.late_s * 1000)
            if stormed.late > LATE_MAX * len(stormed.samples):
                print(f"run {number + 1} says nothing: the generator was late for {stormed.late:,} of {len(stormed.samples):,}")
                continue
            good.append(stormed.goodput(SLO_S))
            share.append(good[-1] / mean(top[-2:]))
            by_core.append(share[-1] / its_core * mean(top_had[-2:]))
            p50.append(stormed.ms(50))
            p99.append(stormed.ms(99))
            refused.append(stormed.ms(99, 503))
            had.append(its_core)
        kept = served.kept()
    if not share:
        raise SystemExit("FAILED: no run in which the generator kept up")
    print(row(f"capacity: within {SLO_S * 1000:.0f} ms, {CLIENTS} clients", top, "events/s"))
    print(row("goodput at twice that", good, "events/s"))
    print(row("  as a share of the capacity just before and after", share, "", f"at least {ASKED_SHARE}"))
    print(row("  the same, each to a second of ingest's processor time", by_core, ""))
    print(row("  median of what was let in", p50, "ms"))
    print(row("  99th percentile of what was let in", p99, "ms", f"under {ASKED_P99_MS}"))
    print(row("  99th percentile of a refusal", refused, "ms"))
    print(row("  the generator was late by at most", late, "ms"))
    print(row("  ingest had of its core, at twice the capacity", had, ""))
    print(row("  and while that was found", top_had, ""))
    print(f"answers: {dict(bench.answers)} (0: none); acknowledged {bench.acknowledged:,}; in the journal {kept:,}")
    if kept < bench.acknowledged or set(bench.answers) - {202, 503} or median(share) < ASKED_SHARE or median(p99) >= ASKED_P99_MS:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
