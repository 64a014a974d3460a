"""Whether a worker still hears its doorbells. After a lost connection, Celery's consumer now and then goes on turning and takes nothing any more."""

import time
from collections.abc import Callable


class Hearing:
    """Looked at once a second or so; a worker that is found deaf is started anew by its supervisor."""

    def __init__(self, waiting: Callable[[], int], deaf_after_s: float, now: Callable[[], float] = time.monotonic) -> None:
        """`waiting` tells how many doorbells wait in the queues, 0 where that can't be told."""
        self._waiting, self._deaf_after_s, self._now = waiting, deaf_after_s, now
        self._unheard_since: float | None = None

    def heard(self) -> None:
        """A doorbell was heard."""
        self._unheard_since = None

    def deaf(self, busy: bool) -> bool:
        """Whether doorbells have waited for too long before a worker that does nothing. One that is `busy` hears them afterwards."""
        if busy or not self._waiting():
            self._unheard_since = None
            return False
        if self._unheard_since is None:
            self._unheard_since = self._now()
        return self._now() - self._unheard_since >= self._deaf_after_s
