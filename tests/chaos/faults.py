"""The fault injector: at random, by a seed, it kills, stops and restarts parts of a tree, and their children."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import suppress

from tests.chaos.record import Recovery
from tests.tree import Tree, descendants

PARTS = {
    "redis": ("valkey", "redis-server"),
    "ingest": ("ingest",),
    "voice": ("voice",),
    "relay and beat": ("relay",),
    "voice worker": ("worker", "voice_cache"),
    "site worker": ("worker", "site"),
    "social worker": ("worker", "social"),
    "poller": ("sources",),
}
STILL_S = (0.5, 4.0)
"""How long a stopped process stands still: less than the supervisor takes for hung."""


class Injector(threading.Thread):
    """Does a fault about every `every_s` seconds until told to stop; whatever it stopped goes on."""

    def __init__(self, tree: Tree, every_s: float, recovery: Recovery, seed: int, parts: Collection[str] = ()) -> None:
        """Only to `parts`, where any are named."""
        super().__init__(name="faults")
        self._tree, self._every_s, self._recovery, self._parts = tree, every_s, recovery, list(parts or PARTS)
        self._chance, self._stop_asked = random.Random(f"{seed}-faults"), threading.Event()
        self.done: Counter[tuple[str, str]] = Counter()
        self.failure: str | None = None

    @property
    def kills(self) -> int:
        """How often it sent SIGKILL: to a part, to a part with its children, or to a child."""
        return sum(count for (_, action), count in self.done.items() if action.startswith("kill"))

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(self._every_s * self._chance.uniform(0.5, 1.5)):
                part = self._chance.choice(self._parts)
                (action,) = self._chance.choices(["kill", "kill all", "kill child", "stop", "restart"], [6, 2, 2, 2, 1])
                self._do(part, action)
        except Exception as error:
            self.failure = f"faults: {error!r}"

    def end(self) -> None:
        self._stop_asked.set()
        self.join()

    def _do(self, part: str, action: str) -> None:
        processes = self._processes(part)
        mains, children = processes
        if action == "kill child" and not children:
            action = "kill"
        aims = {"kill": mains, "kill all": mains + children, "kill child": children[:1], "stop": mains + children, "restart": mains}[action]
        if not aims:  # it is between two lives
            return
        number = {"stop": signal.SIGSTOP, "restart": signal.SIGTERM}.get(action, signal.SIGKILL)
        _signal(aims, number)
        self._recovery.fault(part, action)
        self.done[part, action] += 1
        if action == "stop":
            self._stop_asked.wait(self._chance.uniform(*STILL_S))
            _signal(aims, signal.SIGCONT)

    def _processes(self, part: str) -> tuple[list[int], list[int]]:
        """The part's own process, one of them at random where it has several, and those below it."""
        root, words = self._tree.process.pid, PARTS[part]
        below = descendants(root)
        its = [pid for pid, argv in below.items() if (part == "redis" and any(word in argv[0] for word in words)) or _serves(argv, words)]
        mains = sorted(pid for pid in its if _parent(pid) == root)
        if len(mains) > 1:
            mains = [self._chance.choice(mains)]
        return mains, [pid for pid in descendants(mains[0]) if pid in its] if mains else []


def _serves(argv: list[str], words: tuple[str, ...]) -> bool:
    """Whether it is `python -m services.cli.serving` of that service (and channel)."""
    return "services.cli.serving" in argv and argv[argv.index("services.cli.serving") + 1] == words[0] and set(words) <= set(argv)


def _parent(pid: int) -> int:
    with suppress(OSError), open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rpartition(")")[2].split()[1])
    return 0


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
