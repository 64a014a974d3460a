"""When a part that has died is started again."""

import random

from services.kit.settings import Settings


class Pacing:
    """Keeps the starts of one part apart, rather than each start from the death before it.

    What served for a while and was killed is started again at once; what fails as it starts is tried less and less often.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._apart_s = settings.up_restart_s

    def wait_s(self, lived_s: float) -> float:
        """The seconds to wait before the next start, after a life of `lived_s`."""
        if lived_s >= self._settings.up_healthy_s:
            self._apart_s = self._settings.up_restart_s
        wait_s = max(0.0, self._apart_s * random.uniform(0.5, 1.0) - lived_s)
        self._apart_s = min(self._apart_s * 2, self._settings.up_restart_max_s)
        return wait_s
