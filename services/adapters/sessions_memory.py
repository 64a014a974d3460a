"""A session in memory: the twin of `sessions_file`."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class MemorySession:
    """One account's, for as long as the process lives."""

    def __init__(self) -> None:
        self._session: bytes | None = None
        self._lock = Lock()

    def load(self) -> bytes | None:
        """What was saved last."""
        return self._session

    def save(self, session: bytes) -> None:
        """Save `session` in place of the last one."""
        self._session = session

    @contextmanager
    def alone(self, wait_s: float) -> Iterator[bool]:
        """Be the only one to renew it."""
        held = self._lock.acquire(timeout=wait_s)
        try:
            yield held
        finally:
            if held:
                self._lock.release()
