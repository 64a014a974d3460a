"""`make chaos MINUTES=N [SEED=S]`: a long storm of faults, told as it goes, with a report at the end.

Exits 1 where anything is lost, twice or backwards, where a recovery took too long, or where there were too few kills to tell.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.faults import PARTS
from tests.chaos.storm import Plan, run

EVERY_S = 5.0
"""About twelve faults a minute, of which ten are kills: three times as many as a verdict asks for."""


def tell(line: str) -> None:
    """At once: a long run is watched through a pipe too."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None, help="the same faults in the same order; not the same moments")
    parser.add_argument("--every-s", type=float, default=EVERY_S, help="about how often something is done to a part")
    parser.add_argument("--load", type=float, default=1.0, help="scales how much is sent")
    parser.add_argument("--part", action="append", choices=list(PARTS), default=[], help="do it to this one only; may be given several times")
    parser.add_argument("--ingests", type=int, default=2, help="processes that take events in; one at a time is hit")
    given = parser.parse_args()
    seed = random.randrange(10**6) if given.seed is None else given.seed
    folder = Path(tempfile.mkdtemp(prefix="surgecast-chaos-"))
    tell(f"Seed {seed}; all logs and records are in {folder}")
    report = run(folder, Plan(given.minutes, seed, given.every_s, given.load, tuple(given.part), given.ingests), tell)
    tell(report.words())
    tell(f"{folder / 'report.json'} has it all.")
    return 1 if report.wrong or report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
