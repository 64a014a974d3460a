"""How things stand for one account: the board and the areas' names, of all areas or only of those that concern its followers."""

import heapq
from collections.abc import Callable, Mapping, Set

from msgspec import Struct

from services.kernel.areas import AreaName
from services.kernel.board import Board
from services.kernel.events import Cause, Status
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Facts, Place
from services.kernel.views import AreaBrief, Count


class Outlook(Struct, frozen=True):
    """What a desk looks at; it changes with the board."""

    board: Board
    names: Mapping[AreaId, AreaName]
    standing: Callable[[AreaId], Status | None]
    """How an area's newest outage stands, as `Board.standing` says it."""
    areas: frozenset[AreaId] = frozenset()
    """Empty: all of them."""

    def brief(self, area: AreaId, causes: Set[Cause]) -> AreaBrief:
        """One area, as far as the planner asks: its largest outages only where some are planned, or of one of those `causes`. Each row is seen once."""
        rows = self.board.by_area.get(area, {})
        customers = unestimated = 0
        masked, latest, first, cause = False, None, None, Cause.UNKNOWN
        for key, row in rows.items():
            event, count = row.event, row.customers
            customers += count.customers
            masked = masked or count.masked
            if event.planned or event.cause in causes:
                return self.board.brief(area, self.names)
            if (estimate := event.estimated_restoration) is None:
                unestimated += 1
            elif latest is None or estimate > latest:
                latest = estimate
            if event.cause is not Cause.UNKNOWN and (first is None or (-count.customers, key) < first):
                first, cause = (-count.customers, key), event.cause
        return AreaBrief(area, "", len(rows), Count(customers, masked), latest_estimate=latest, unestimated=unestimated, cause=cause)

    def overall(self, places_max: int) -> Facts:
        """All its areas together, each outage once, with the `places_max` that have the most customers out."""
        rows = self.board.by_area
        mine = rows.keys() & self.areas if self.areas else rows.keys()
        if self.areas:
            each = {key: row.customers for area in mine for key, row in rows[area].items()}
            outages, customers = len(each), sum(each.values(), Count(0))
        else:
            totals = self.board.totals()
            outages, customers = totals.outages, totals.customers
        counts = ((sum((row.customers for row in rows[area].values()), Count(0)), area) for area in mine)
        worst = heapq.nsmallest(places_max, counts, key=lambda one: (-one[0].customers, one[1]))
        return Facts(outages, customers, places=tuple(Place(area, count) for count, area in worst if count.customers))
