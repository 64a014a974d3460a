"""Who is out, kept up to date event by event: the cost of an event does not grow with the number of open outages."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from services.kernel.areas import AreaName, name_of
from services.kernel.events import Cause, Crew, OutageEvent, Status
from services.kernel.ids import UNPLACED, AreaId, OutageKey
from services.kernel.views import AreaBrief, Count, OutageBrief, Totals, count_of

LARGEST_MAX = 50
_CREW = {crew: step for step, crew in enumerate(Crew)}


class Open(Struct):
    """One active outage on the board, or one that is missing from its source's picture."""

    event: OutageEvent
    customers: Count
    areas: tuple[AreaId, ...]


class Board:
    """All active outages, by key and by area, with running totals.

    `clearing` and ended outages are not on it: they count nowhere. Applying the same events twice, or older ones late, is
    the journal's matter: the board takes the events in the journal's order.
    """

    def __init__(self, privacy_threshold: int) -> None:
        self.threshold = privacy_threshold
        self.open: dict[OutageKey, Open] = {}
        self.by_area: dict[AreaId, dict[OutageKey, Open]] = {}
        self.changed_at: dict[AreaId, datetime] = {}
        self._clearing: dict[OutageKey, Open] = {}
        self._clearing_in: Counter[AreaId] = Counter()
        self._missing: Counter[AreaId] = Counter()
        self._newest: dict[AreaId, Status] = {}
        self._customers = 0
        self._masked = 0
        self._planned = 0

    def apply(self, key: OutageKey, event: OutageEvent) -> set[AreaId]:
        """Take in the newest event of one outage; return the areas whose brief it may change."""
        before = self.open.pop(key, None)
        touched: set[AreaId] = set()
        if before is not None:
            self._tally(before, -1)
            touched.update(before.areas)
            for area in before.areas:
                del self.by_area[area][key]
                if not self.by_area[area]:
                    del self.by_area[area]
        if event.status is Status.ACTIVE:
            now = Open(event, count_of(event, self.threshold), placed(event.areas))
            self.open[key] = now
            self._tally(now, +1)
            for area in now.areas:
                self.by_area.setdefault(area, {})[key] = now
            touched.update(now.areas)
        for area in touched:
            self.note_change(area, event.occurred_at)
        self._note_status(key, event, touched)
        return touched

    def note_change(self, area: AreaId, at: datetime) -> None:
        """`area` is known to have changed at `at`; an earlier moment than is known tells nothing. What is open doesn't tell of what has ended."""
        self.changed_at[area] = max(self.changed_at.get(area, at), at)

    def _note_status(self, key: OutageKey, event: OutageEvent, touched: set[AreaId]) -> None:
        before, areas = self._clearing.pop(key, None), placed(event.areas)
        if before is not None:
            self._note_clearing(before, -1)
        if event.status is Status.CLEARING:
            self._clearing[key] = now = Open(event, count_of(event, self.threshold), areas)
            self._note_clearing(now, +1)
        for area in {*touched, *(before.areas if before else ()), *areas}:
            self._newest[area] = event.status

    def _note_clearing(self, outage: Open, sign: int) -> None:
        for area in outage.areas:
            self._clearing_in[area] += sign
            self._missing[area] += sign * outage.customers.customers

    def missing(self, area: AreaId) -> int:
        """Customers of outages that are missing from their source's picture, and not yet said to be restored."""
        return self._missing[area]

    def standing(self, area: AreaId) -> Status | None:
        """ACTIVE with any outage open, CLEARING with none open but one missing from its source's picture, else what ended the last one.

        None where that isn't known: the board was filled after it ended, or the last outage moved to another area.
        """
        if area in self.by_area:
            return Status.ACTIVE
        if self._clearing_in[area] > 0:
            return Status.CLEARING
        newest = self._newest.get(area)
        return newest if newest is not None and newest.is_over else None

    def stands(self, key: OutageKey) -> bool:
        """Whether this outage is open, or only missing from its source's picture."""
        return key in self.open or key in self._clearing

    def _tally(self, outage: Open, sign: int) -> None:
        self._customers += sign * outage.customers.customers
        self._masked += sign * outage.customers.masked
        self._planned += sign * outage.event.planned

    def totals(self) -> Totals:
        """Each open outage once."""
        return Totals(len(self.open), Count(self._customers, self._masked > 0), self._planned)

    def areas(self) -> Iterable[AreaId]:
        """The areas with an open outage."""
        return self.by_area.keys()

    def brief(self, area: AreaId, names: Mapping[AreaId, AreaName]) -> AreaBrief:
        """`area` as it stands; an area with no open outage has a brief that says so."""
        rows = sorted(self.by_area.get(area, {}).items(), key=lambda row: (-row[1].customers.customers, row[0]))
        events = [row.event for _, row in rows]
        estimates = [event.estimated_restoration for event in events if event.estimated_restoration]
        starts = [event.started_at for event in events if event.started_at]
        crews = [event.crew for event in events if event.crew]
        name = name_of(names, area)
        return AreaBrief(
            area=area,
            name=name.en,
            outages=len(rows),
            customers=sum((row.customers for _, row in rows), Count(0)),
            planned=sum(event.planned for event in events),
            started_at=min(starts, default=None),
            earliest_estimate=min(estimates, default=None),
            latest_estimate=max(estimates, default=None),
            unestimated=len(rows) - len(estimates),
            cause=next((event.cause for event in events if event.cause is not Cause.UNKNOWN), Cause.UNKNOWN),
            crew=max(crews, key=_CREW.__getitem__, default=None),
            largest=tuple(outage_brief(key, row) for key, row in rows[:LARGEST_MAX]),
            changed_at=self.changed_at.get(area),
            name_fr=name.fr,
            aliases=name.aliases,
        )


def outage_brief(key: OutageKey, row: Open) -> OutageBrief:
    """One outage of the board as the public may see it."""
    event = row.event
    customers = None if event.customers_affected is None else row.customers.customers
    return OutageBrief(key, customers, row.customers.masked, event.planned, event.cause, event.crew, event.started_at, event.estimated_restoration)


def placed(areas: tuple[AreaId, ...]) -> tuple[AreaId, ...]:
    """`areas` without repeats, or the area of outages without a place."""
    return tuple(dict.fromkeys(areas)) or (UNPLACED,)
