"""How long to wait before trying again: full jitter, so that a thousand clients of one dead server don't come back together; or as a server asks.

Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRY_AFTER_DIGITS_MAX = 9
"""Of seconds: 31 years say the same as more."""


def full_jitter(attempt: int, base_s: float, cap_s: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait before try number `attempt` (0 is the first repeat): anything from 0 to `base_s` doubled each time, `cap_s` at most."""
    return chance() * min(cap_s, base_s * 2.0 ** min(attempt, 32))


def retry_after_s(value: str, now: datetime) -> float | None:
    """Seconds to wait, from either form of Retry-After (RFC 9110, section 10.2.3); None where there is none."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:RETRY_AFTER_DIGITS_MAX])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
