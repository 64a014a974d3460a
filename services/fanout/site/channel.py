"""What the site channel does with one doorbell: render what changed, stamp the rest, say so last."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from importlib.resources import files

from msgspec import Struct

from services.fanout.channel import Work
from services.fanout.replica import Replica
from services.fanout.site.areas import last_changes
from services.fanout.site.documents import SUMMARY, AreaSheets, Documents
from services.fanout.site.estimates import Estimates
from services.fanout.site.sheet import Ink, Sheet, ink
from services.kernel.ids import AreaId, OutageKey
from services.kernel.manifest import refuse_older
from services.kernel.messages import Lang, Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.outputs import SiteStore
from services.kernel.sources import Source, stale_sources
from services.kernel.views import Position, Stamp
from services.kit import metrics
from services.kit.settings import Settings
from services.wire import SITE_ASSETS, Channel, site_area_feed, site_area_page, site_feed

ASSETS = ("site.css", "age.js", "chat.js", "mark.svg")
STAMPED_TOGETHER = 64
"""Areas whose files are stamped before the worker looks at the clock again."""
HALF_WRITTEN_FOR = timedelta(minutes=1)
"""A file that was begun so long ago and is not in its place has no writer any more."""


class _Kept(Struct):
    """One area's documents, and what the files of them show. `position` is None while the files are older than the documents."""

    sheets: AreaSheets
    position: Position | None = None
    as_of: datetime | None = None


class SiteChannel:
    """Feeds and pages, in every language. Holds each document but for its stamp, so that a run costs what changed."""

    channel = Channel.SITE

    def __init__(
        self, store: SiteStore, wordings: Mapping[Lang, Wording], settings: Settings, clock: Clock, sources: Callable[[], Sequence[Source]] = tuple
    ) -> None:
        """`sources` gives those that are expected to be heard from."""
        self._store, self._wordings, self._clock, self._sources = store, wordings, clock, sources
        self._stale: tuple[Source, ...] = ()
        self._restamp = timedelta(seconds=settings.restamp_s)
        self._settle = timedelta(seconds=settings.site_settle_s)
        self._stamping = timedelta(seconds=settings.site_stamping_s)
        self._settings = settings
        self._zone = next(iter(wordings.values())).zone
        self._day: date | None = None
        self._start()

    def _start(self) -> None:
        self._documents = Documents(self._wordings, self._settings)
        self._estimates = Estimates()
        self._areas: dict[AreaId, _Kept] = {}
        self._core: dict[str, tuple[Lang, Sheet]] = {}
        self._left_out: set[OutageKey] = set()
        """Changed outages in parked areas: looked at again each round."""

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Meets `ChannelWorker.run`: afterwards every file of what changed, and the totals, show `stamp`; the others follow within moments.

        Raises `Overtaken` where a later position is shown: the files stay.
        """
        shown = self._store.published()
        refuse_older(Stamp(replica.position), shown)
        self._notice_silence(stamp.as_of or self._clock.now())
        if work.alone:
            self._show_alone(replica, work.areas, shown)
            return {}
        try:
            return self._run(replica, work, stamp)
        except BaseException:
            self._day = None  # nobody knows how far it came: all is rendered anew
            raise

    def _show_alone(self, replica: Replica, areas: Iterable[AreaId], shown: Stamp | None) -> None:
        """Render areas and write their own files under the stamp that the manifest has. What is kept in memory waits for the next round."""
        now = self._clock.now()
        for area in areas:
            for key, row in replica.board.by_area.get(area, {}).items():
                self._documents.features.refresh(key, row, now)
            kept = _Kept(self._documents.area(replica, area, now))
            if shown is not None and shown.as_of is not None:
                self._write_areas([kept], self._inks(shown, shown.as_of), shown.position, shown.as_of)

    def _notice_silence(self, now: datetime) -> None:
        """See which sources are stale. Where others were before, every area's files say so as soon as there is time, not when they are old."""
        stale = stale_sources(self._sources(), now)
        if stale != self._stale:
            for kept in self._areas.values():
                kept.as_of = None
        self._stale = stale

    def _inks(self, stamp: Stamp, as_of: datetime) -> dict[Lang, Ink]:
        return {lang: ink(stamp, as_of, wording, self._stale) for lang, wording in self._wordings.items()}

    def _run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        now = stamp.as_of or self._clock.now()
        cold = work.cold or self._day is None
        if cold:
            self._start()
            self._recall(replica)
        changed = self._refresh(replica, work, now, cold)
        inks = self._inks(stamp, now)
        if changed or not self._core:
            self._core = self._documents.core(replica, [kept.sheets for kept in self._areas.values()], now)
        self._write_changed(inks, stamp.position, now)  # before the totals: who reads an area that they list must find it no older
        refuse_older(stamp, self._store.published())  # a worker that stood still meanwhile has a successor
        self._write({path: sheet.stamped(inks[lang]) for path, (lang, sheet) in self._core.items()})
        left = self._stamp_rest(inks, stamp.position, now, work.parked, quiet=not work.keys)
        if cold:
            self._tidy(work.parked)
            self._store.sweep(now - HALF_WRITTEN_FOR)
        self._store.publish(stamp)
        return self._estimate_due(replica) | left

    def _recall(self, replica: Replica) -> None:
        """Take from what readers were told when areas last changed: outages that have ended since don't say so any more, and it must not step back."""
        for area, at in last_changes(self._store.read(site_feed(next(iter(self._wordings)), SUMMARY))):
            replica.board.note_change(area, at)

    def _refresh(self, replica: Replica, work: Work, now: datetime, cold: bool) -> bool:
        """Render the documents of what changed; whether anything did."""
        today = now.astimezone(self._zone).date()
        anew = cold or today != self._day  # texts that say 'tomorrow' are wrong after midnight
        passed = self._estimates.passed(now)
        keys = set(replica.board.open) if anew else {*work.keys, *passed, *self._left_out}
        self._left_out = {key for key in keys if key in replica.board.open and not work.parked.isdisjoint(replica.board.open[key].areas)}
        areas = {area for area in work.areas if area in work.due or area in self._areas or area in replica.board.by_area}
        if len(areas) < len(work.areas):  # of those that only have a name there is nothing to tell
            areas |= work.areas & replica.mentioned()
        if anew:
            areas |= self._areas.keys() | set(replica.board.areas()) | replica.mentioned()
            self._documents.forget_words()
        for key in keys - self._left_out:
            row = replica.board.open.get(key)
            self._estimates.note(key, row.event.estimated_restoration if row else None)
            self._documents.features.refresh(key, row, now)
            areas.update(row.areas if row else ())
        for area in areas - work.parked:
            self._areas[area] = _Kept(self._documents.area(replica, area, now))
        self._estimates.passed(now)  # those set above that had passed already are rendered so
        self._day = today
        return bool(areas or keys)

    def _write_changed(self, inks: Mapping[Lang, Ink], position: Position, now: datetime) -> None:
        """Write the areas that were rendered."""
        self._write_areas([kept for kept in self._areas.values() if kept.position is None], inks, position, now)

    def _stamp_rest(self, inks: Mapping[Lang, Ink], position: Position, now: datetime, parked: frozenset[AreaId], *, quiet: bool) -> dict[AreaId, datetime]:
        """Stamp the areas that did not change, those at older positions first, as far as it is time and there is time.

        While events keep coming they are stamped when they are `restamp_s` old; once they stop, at once. Gives an area that
        still shows an older position, and when to go on.
        """
        behind = [
            (kept.position == position, kept.as_of or now, area)
            for area, kept in self._areas.items()
            if area not in parked and (kept.position != position or self._is_old(kept, now))
        ]
        stamped = [area for _, _, area in sorted(behind) if quiet or self._is_old(self._areas[area], now)]
        until = self._clock.now() + self._stamping
        for start in range(0, len(stamped), STAMPED_TOGETHER):
            if self._clock.now() > until:
                break
            self._write_areas([self._areas[area] for area in stamped[start : start + STAMPED_TOGETHER]], inks, position, now)
        left = next((area for _, _, area in behind if self._areas[area].position != position), None)
        if left is None:  # what is only old waits for the next heartbeat
            return {}
        return {left: now if quiet or self._is_old(self._areas[left], now) else now + self._settle}

    def _is_old(self, kept: _Kept, now: datetime) -> bool:
        return kept.as_of is None or now - kept.as_of >= self._restamp

    def _write_areas(self, areas: Sequence[_Kept], inks: Mapping[Lang, Ink], position: Position, now: datetime) -> None:
        self._write({path: sheet.stamped(inks[lang]) for kept in areas for path, (lang, sheet) in kept.sheets.files.items()})
        for kept in areas:
            kept.position, kept.as_of = position, now

    def _write(self, files: Mapping[str, bytes]) -> None:
        self._store.write_all(list(files.items()))
        metrics.RENDERED.labels(self.channel.value).inc(len(files))

    def _tidy(self, parked: frozenset[AreaId]) -> None:
        """The style sheet and scripts of this version, and no file of an area that nothing is known of."""
        for name in ASSETS:
            self._store.write(f"{SITE_ASSETS}/{name}", files("services.fanout.site").joinpath("assets", name).read_bytes())
        for lang in self._wordings:
            for path in (site_area_feed, site_area_page):
                self._store.keep(path(lang, "").rpartition("/")[0], [path(lang, area) for area in self._areas.keys() | parked])

    def _estimate_due(self, replica: Replica) -> dict[AreaId, datetime]:
        """The next estimate to pass makes its area due: one is enough, as each round looks for all that have passed."""
        soonest = self._estimates.soonest()
        row = replica.board.open.get(soonest[1]) if soonest else None
        return {row.areas[0]: soonest[0]} if soonest and row else {}
