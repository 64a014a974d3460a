"""The time, as a thing that is given."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, given so that nothing pure asks for it."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...
