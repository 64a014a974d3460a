"""The one place that reads the time."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock. Meets `kernel.ports.Clock`."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock that all others ask
