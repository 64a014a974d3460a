"""Who waits for their own outage: whether another is theirs when it has ended. By what is known of the premise (kernel/mine.py)."""

from collections.abc import Iterable

from services.fanout.extents import extent_of
from services.fanout.replica import Replica
from services.kernel.customers import Premise
from services.kernel.extent_index import ExtentIndex
from services.kernel.ids import UNPLACED, AreaId, OutageKey
from services.kernel.mine import Mine, Sureness, of_premise
from services.kernel.views import ORIGIN, Position
from services.kernel.waiting import Waiter


class Homes:
    """Looks among the outages of a premise's area, of where the ended one was, and those that nobody has placed. One a worker."""

    def __init__(self, close_m: float, positions_max: int) -> None:
        """`close_m`: what is told as a point or a line reaches so many metres; a shape is held with `positions_max` positions, as voice holds it."""
        self._close_m, self._positions_max = close_m, positions_max
        self._at: Position = ORIGIN
        self._indices: dict[frozenset[AreaId], ExtentIndex] = {}

    def another(self, replica: Replica, waiter: Waiter, beside: Iterable[AreaId]) -> tuple[OutageKey, Sureness] | None:
        """The outage that `waiter` has to wait for now, and how sure it is theirs. None where none is as surely theirs as the ended one was.

        One that covers the premise is waited for even by who waited for its circuit; one that is merely close only by who waited for such a one.
        """
        home = waiter.home
        if home is None:
            return None
        index = self._index(replica, frozenset((waiter.area, UNPLACED, *beside)))
        mine: Mine = of_premise(Premise(home.premise, "", waiter.area, home.point, home.devices), index, None)
        if not mine.outages or mine.sureness < min(home.sureness, Sureness.COVERED):
            return None
        return mine.outages[0].key, mine.sureness

    def _index(self, replica: Replica, areas: frozenset[AreaId]) -> ExtentIndex:
        if replica.position != self._at:
            self._at, self._indices = replica.position, {}
        if areas not in self._indices:
            rows = {key: row for area in areas for key, row in replica.board.by_area.get(area, {}).items()}
            extents = {key: extent for key, row in rows.items() if (extent := extent_of(key, row, self._positions_max)) is not None}
            self._indices[areas] = ExtentIndex(extents, self._close_m)
        return self._indices[areas]
