"""A session in memory: the twin of `sessions_file`."""


class MemorySession:
    """One account's, for as long as the process lives."""

    def __init__(self) -> None:
        self._session: bytes | None = None

    def load(self) -> bytes | None:
        """What was saved last."""
        return self._session

    def save(self, session: bytes) -> None:
        """Save `session` in place of the last one."""
        self._session = session
