"""A circuit breaker's decision: after so many failures in a row leave it alone for a while, then try it with one. Pure."""

from datetime import datetime, timedelta

from msgspec import Struct


class Tolerance(Struct, frozen=True):
    """How much is put up with."""

    open_after: int
    """Failures in a row."""
    open_for: timedelta


class Health(Struct, frozen=True):
    """How it has fared."""

    failures: int = 0
    """In a row."""
    failed_at: datetime | None = None


def is_open(failures: int, open_after: int) -> bool:
    """Whether so many failures in a row open the breaker."""
    return failures >= open_after


def failed(health: Health, now: datetime) -> Health:
    """After one more failure."""
    return Health(health.failures + 1, now)


def may_try(health: Health, tolerance: Tolerance, now: datetime) -> bool:
    """Whether it may be asked: the breaker is closed, or has been open for long enough. A clock that was set back closes it too."""
    if not is_open(health.failures, tolerance.open_after) or health.failed_at is None:
        return True
    return not timedelta() <= now - health.failed_at < tolerance.open_for
