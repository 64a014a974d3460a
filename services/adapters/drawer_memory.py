"""What one account's desk holds back, in memory: the twin of `drawer_redis`."""

from collections.abc import Iterable

import msgspec

from services.kernel.ids import AreaId
from services.kernel.planning.memory import Kept


class MemoryDrawer:
    """Meets `kernel.ports.Drawer`. Never down."""

    def __init__(self) -> None:
        self._kept = Kept()

    def all(self) -> Kept:
        """Meets `Drawer.all`."""
        return msgspec.structs.replace(self._kept, waiting=dict(self._kept.waiting))

    def keep(self, changed: Kept, gone: Iterable[AreaId]) -> None:
        """Meets `Drawer.keep`."""
        dropped = frozenset(gone)
        waiting = {area: one for area, one in self._kept.waiting.items() if area not in dropped}
        self._kept = Kept(waiting | dict(changed.waiting), changed.seen)
