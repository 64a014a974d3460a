"""`make chaos-failover`: what each mode of a journal under Sentinel loses, and how long it refuses, when its master goes.

Exits 1 where the mode that promises to lose nothing lost something.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import sync_link
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kit.settings import Settings
from tests.chaos.failing_over import Writers, lost, under_load
from tests.chaos.run import tell
from tests.processes import pieces
from tests.sentinels import REPLICAS, watched
from tests.tree import wait_until

MODES = {"plain": 0, "no loss": REPLICAS}
ACTIONS = ("kill", "kill_rejoining", "move", "move_coordinated", "stall")
"""Of `sentinels.Watched`."""


class Figure(NamedTuple):
    """One mode and one action."""

    acknowledged: int
    lost: int
    silent_s: list[float]
    """Of each round, the longest time without an acknowledgement."""


def measure(folder: Path, wait_replicas: int, action: str, rounds: int) -> Figure:
    """`rounds` times the same, under load, on one set of servers."""
    with watched(folder / "redis", min_replicas=1 if wait_replicas else 0) as group:
        settings = Settings(journal_url=group.url, data=folder, journal_wait_replicas=wait_replicas, redis_timeout_s=2)
        with sync_link(settings) as link:
            key = RedisKeys(link).create(SourceName("oms"), SCOPES)
            link.execute_command("WAIT", REPLICAS, 2_000)
        silent_s = []
        with pieces(settings, folder / "log", ["ingest"]) as (ingest,):
            with Writers(f"http://127.0.0.1:{ingest.port}", key, pause_s=0) as told:
                for _ in range(rounds):
                    silent_s.append(under_load(told, getattr(group, action), more=2_000))
                    wait_until(group.whole, 90, "all servers are back")
            with group.link(group.master()) as link:
                return Figure(len(told.positions), len(lost(told, link)), silent_s)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--action", action="append", choices=ACTIONS, default=[], help="this one only; may be given several times")
    given, broken = parser.parse_args(), False
    rounds = given.rounds
    tell("| mode | what happens to the master | times | acknowledged | lost | longest silence, median (most), s |\n|---|---|---|---|---|---|")
    for mode, wait_replicas in MODES.items():
        for action in given.action or ACTIONS:
            figure = measure(Path(tempfile.mkdtemp(prefix="surgecast-failover-")), wait_replicas, action, rounds)
            silence = f"{statistics.median(figure.silent_s):.1f} ({max(figure.silent_s):.1f})"
            tell(f"| {mode} | {action} | {rounds} | {figure.acknowledged:,} | {figure.lost:,} | {silence} |")
            broken |= bool(wait_replicas and figure.lost)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
