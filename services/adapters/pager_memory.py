"""Keeps what the people who approve posts were told: the twin of `pager_apprise`."""

from services.kernel.ports.social import Asked


class MemoryPager:
    """Never fails."""

    def __init__(self) -> None:
        self.calls: list[Asked] = []

    def call(self, asked: Asked) -> None:
        """Keep `asked`."""
        self.calls.append(asked)
