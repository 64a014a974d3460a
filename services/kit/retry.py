"""How long to wait before trying again: full jitter, so that a thousand clients of one dead server don't come back together.

Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
"""

import random
from collections.abc import Callable


def full_jitter(attempt: int, base_s: float, cap_s: float, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait before try number `attempt` (0 is the first repeat): anything from 0 to `base_s` doubled each time, `cap_s` at most."""
    return chance() * min(cap_s, base_s * 2.0 ** min(attempt, 32))
