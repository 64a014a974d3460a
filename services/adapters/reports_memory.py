"""What people reported, in memory: the twin of `reports_redis`."""

from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product

from services.kernel.order import EPOCH
from services.kernel.outage import Acceptance
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.reports import Kind, Look, Report, sameness
from services.kit.settings import Settings


class MemoryReports:
    """Meets `kernel.ports.reports.Reports`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.down = False
        self._clock, self._settings = clock, settings
        self._piles: dict[tuple[Kind, bool], deque[Report]] = {pile: deque(maxlen=settings.reports_kept) for pile in product(Kind, (True, False))}
        self._looks: deque[Look] = deque(maxlen=settings.reports_looks_kept)
        self._said: dict[str, datetime] = {}
        self._minute, self._counts = EPOCH, Counter[tuple[Kind, str]]()

    async def take(self, report: Report) -> Acceptance:
        """Meets `Reports.take`."""
        self._check()
        settings, now, same = self._settings, self._clock.now(), sameness(report)
        self._said = {one: until for one, until in self._said.items() if until > now}
        if same in self._said:
            return Acceptance.DUPLICATE
        if (minute := now.replace(second=0, microsecond=0)) != self._minute:
            self._minute, self._counts = minute, Counter()
        asker_max = settings.reports_asker_per_minute if report.asker else settings.reports_unnamed_per_minute
        asker, everybody = (report.kind, report.asker or "unnamed"), (report.kind, "")
        if self._counts[asker] >= asker_max or self._counts[everybody] >= settings.reports_per_minute:
            return Acceptance.REJECTED
        self._counts.update((asker, everybody))
        self._piles[report.kind, bool(report.asker)].append(report)
        if same:
            self._said[same] = now + timedelta(seconds=settings.reports_again_s)
        return Acceptance.ACCEPTED

    async def newest(self, since: datetime, limit: int) -> Sequence[Report]:
        """Meets `Reports.newest`."""
        self._check()
        kept = max(since, self._clock.now() - timedelta(days=self._settings.reports_keep_days))
        found = [report for pile in self._piles.values() for report in pile if report.at >= kept]
        return sorted(found, key=lambda report: report.at, reverse=True)[:limit]

    async def look(self, look: Look) -> None:
        """Meets `Reports.look`."""
        self._check()
        self._looks.append(look)

    async def looks(self, limit: int) -> Sequence[Look]:
        """Meets `Reports.looks`."""
        self._check()
        return list(self._looks)[: -limit - 1 : -1]

    def _check(self) -> None:
        if self.down:
            raise Unavailable("The reports in memory are set down.")
