"""Which of a service's processes a request is given to."""

import time
from collections import Counter
from collections.abc import Callable, Sequence

REFUSED_S = 0.25
"""One that refused a connection is asked last for so long: it starts, and gives no sign of when it will listen."""


class Choice:
    """The processes of one service, each known by its port, at whichever ports they are now."""

    def __init__(self, ports: Callable[[], Sequence[int]], now: Callable[[], float] = time.monotonic) -> None:
        self._ports, self._now = ports, now
        self._busy: Counter[int] = Counter()
        self._refused: dict[int, float] = {}

    def order(self) -> list[int]:
        """All of them, in the order in which they are to be tried: first the one with the fewest requests, so that one that stands still gets few more.

        Of equals it is the one named first: where little comes in, one process has all of it, and the caches and groups that come of that.
        """
        ports, now = self._ports(), self._now()
        self._refused = {port: at for port, at in self._refused.items() if now - at < REFUSED_S}
        return sorted(ports, key=lambda port: (port in self._refused, self._busy[port]))

    def begin(self, port: int) -> None:
        """A request goes to the one at `port`."""
        self._busy[port] += 1

    def end(self, port: int, *, refused: bool = False) -> None:
        """That request is over; `refused`: it took no connection."""
        self._busy[port] -= 1
        if not self._busy[port]:
            del self._busy[port]
        if refused:
            self._refused[port] = self._now()
