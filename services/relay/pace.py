"""Now and then: something that a loop does every so often, however fast the loop turns."""

from datetime import datetime, timedelta

from services.kernel.ports.clock import Clock


class Pace:
    """Due at once, and then whenever `every` has passed."""

    def __init__(self, clock: Clock, every: timedelta) -> None:
        self._clock, self._every = clock, every
        self._next: datetime | None = None

    def due(self) -> bool:
        """Whether it is time. A clock that was set back doesn't hold it up for longer than `every`."""
        now = self._clock.now()
        if self._next is not None and self._next - self._every <= now < self._next:
            return False
        self._next = now + self._every
        return True
