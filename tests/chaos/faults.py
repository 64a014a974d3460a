"""The fault injector: at random, by a seed, it kills, stops and restarts parts of a tree."""

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
        """How often it sent SIGKILL."""
        return sum(count for (_, action), count in self.done.items() if action == "kill")

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(self._every_s * self._chance.uniform(0.5, 1.5)):
                part = self._chance.choice(self._parts)
                (action,) = self._chance.choices(["kill", "stop", "restart"], [10, 2, 1])
                self._do(part, action)
        except Exception as error:
            self.failure = f"faults: {error!r}"

    def end(self) -> None:
        self._stop_asked.set()
        self.join()

    def _do(self, part: str, action: str) -> None:
        pid = self._process(part)
        if pid is None:  # it is between two lives
            return
        _signal(pid, {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "restart": signal.SIGTERM}[action])
        self._recovery.fault(part, action)
        self.done[part, action] += 1
        if action == "stop":
            self._stop_asked.wait(self._chance.uniform(*STILL_S))
            _signal(pid, signal.SIGCONT)

    def _process(self, part: str) -> int | None:
        """The part's process, one of them at random where it has several."""
        words = PARTS[part]
        below = descendants(self._tree.process.pid)
        its = sorted(pid for pid, argv in below.items() if (part == "redis" and any(word in argv[0] for word in words)) or _serves(argv, words))
        return self._chance.choice(its) if its else None


def _serves(argv: list[str], words: tuple[str, ...]) -> bool:
    """Whether it is `python -m services.cli.serving` of that service (and channel)."""
    return "services.cli.serving" in argv and argv[argv.index("services.cli.serving") + 1] == words[0] and set(words) <= set(argv)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
