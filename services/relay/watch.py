"""Looks whether a source has gone quiet, and says so once; and once when it is back. What customers are told doesn't wait for this."""

from services.kernel.ports.clock import Clock
from services.kernel.ports.sources import Sources
from services.kit import metrics
from services.kit.logs import log
from services.relay.pace import Pace


class Watch:
    """Any number of these may look: the sources' own memory knows what was told."""

    def __init__(self, sources: Sources, clock: Clock, pace: Pace) -> None:
        self._sources, self._clock, self._pace = sources, clock, pace
        self._shown: set[str] = set()

    def look(self) -> None:
        """Look, if it is time to. Raises `Unavailable`."""
        if not self._pace.due():
            return
        now, known = self._clock.now(), self._sources.known()
        stale = 0
        for source in known:
            is_stale = source.stale_at <= now
            stale += is_stale
            if source.heard_at is not None:
                metrics.SOURCE_AGE.labels(source.name).set((now - source.heard_at).total_seconds())
                self._shown.add(source.name)
            if is_stale and self._sources.quiet(source.name):
                log.warning("sources.silenced", source=source.name, last_heard=source.heard_at and source.heard_at.isoformat())
            elif not is_stale and self._sources.back(source.name):
                log.info("sources.resumed", source=source.name)
        metrics.SOURCES_STALE.set(stale)
        for gone in self._shown - {source.name for source in known}:
            metrics.SOURCE_AGE.labels(gone).set(0)  # a series can't be taken back from metrics that processes share
            self._shown.discard(gone)
