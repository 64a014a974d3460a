"""What the writers sent and what they were told is safe: on disk line by line, before they go on. The checker reads nothing else of theirs."""

import json
import os
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple


class Record:
    """One writer's file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def write(self, **line: Any) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


class Ended:
    """Which outages a source has begun to call over: nobody may announce it sooner (I5)."""

    def __init__(self) -> None:
        self._lock, self._keys = threading.Lock(), set[str]()

    def add(self, keys: list[str]) -> None:
        with self._lock:
            self._keys.update(keys)

    def lacks(self, keys: set[str]) -> set[str]:
        with self._lock:
            return keys - self._keys


@dataclass(frozen=True)
class Fault:
    """One thing that was done to one part."""

    at: float
    part: str
    action: str
    alone: bool
    """Whether no other fault came before all was well again."""

    @property
    def kills(self) -> bool:
        """Whether it was SIGKILL."""
        return self.action.startswith("kill")


class Recovered(NamedTuple):
    """A fault that was followed by an acknowledgement of something that was sent after it."""

    fault: Fault
    taken_s: float
    """From the fault itself, whatever else was done meanwhile."""
    since_last_s: float
    """From the last fault that was done meanwhile: the same where it was alone."""


class Recovery:
    """From each fault to the next acknowledgement of something that was sent after it."""

    def __init__(self) -> None:
        self._lock, self._open = threading.Lock(), list[Fault]()
        self.times: list[Recovered] = []
        self.acknowledged = 0

    @property
    def whole(self) -> bool:
        """Whether something was acknowledged after each fault."""
        with self._lock:
            return not self._open

    def fault(self, part: str, action: str) -> None:
        """Call it when the fault has been done."""
        with self._lock:
            fault = Fault(time.monotonic(), part, action, alone=not self._open)
            self._open = [*(replace(other, alone=False) for other in self._open), fault]

    def ack(self, sent_at: float, events: int) -> None:
        """Something sent at `sent_at` (monotonic) was acknowledged now."""
        now = time.monotonic()
        with self._lock:
            self.acknowledged += events
            over = [fault for fault in self._open if fault.at <= sent_at]
            self.times += [Recovered(fault, now - fault.at, now - over[-1].at) for fault in over]
            self._open = [fault for fault in self._open if fault.at > sent_at]
