"""What the site channel does with one doorbell: render what changed, stamp the rest, say so last."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from importlib.resources import files

from msgspec import Struct

from services.fanout.channel import Work
from services.fanout.replica import Replica
from services.fanout.site.documents import AreaSheets, Documents
from services.fanout.site.estimates import Estimates
from services.fanout.site.sheet import Ink, Sheet, ink
from services.kernel.ids import AreaId, OutageKey
from services.kernel.messages import Lang, Wording
from services.kernel.ports import Clock, SiteStore
from services.kernel.views import Position, Stamp
from services.kit import metrics
from services.kit.settings import Settings
from services.wire import SITE_ASSETS, Channel, site_area_feed, site_area_page

ASSETS = ("site.css", "age.js", "mark.svg")


class _Kept(Struct):
    """One area's documents, and what the files of them show. `position` is None while the files are older than the documents."""

    sheets: AreaSheets
    position: Position | None = None
    as_of: datetime | None = None


class SiteChannel:
    """Feeds and pages, in every language. Holds each document but for its stamp, so that a run costs what changed."""

    channel = Channel.SITE

    def __init__(self, store: SiteStore, wordings: Mapping[Lang, Wording], settings: Settings, clock: Clock) -> None:
        self._store, self._wordings, self._clock = store, wordings, clock
        self._restamp = timedelta(seconds=settings.restamp_s)
        self._settle = timedelta(seconds=settings.site_settle_s)
        self._settings = settings
        self._zone = next(iter(wordings.values())).zone
        self._day: date | None = None
        self._restamped: datetime | None = None
        self._start()

    def _start(self) -> None:
        self._documents = Documents(self._wordings, self._settings)
        self._estimates = Estimates()
        self._areas: dict[AreaId, _Kept] = {}
        self._core: dict[str, tuple[Lang, Sheet]] = {}

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Meets `ChannelWorker.run`: afterwards every file of what changed, and the totals, show `stamp`; the others follow within moments."""
        now = stamp.as_of or self._clock.now()
        cold = work.cold or self._day is None
        if cold:
            self._start()
        changed = self._refresh(replica, work, now, cold)
        inks = {lang: ink(stamp, now, wording) for lang, wording in self._wordings.items()}
        if changed or not self._core:
            self._core = self._documents.core(replica, [kept.sheets for kept in self._areas.values()], now)
        for path, (lang, sheet) in self._core.items():
            self._write(path, sheet.stamped(inks[lang]))
        left = self._write_areas(inks, stamp.position, now, quiet=not work.keys)
        if cold:
            self._tidy()
        self._store.publish(stamp)
        return self._next(replica, left, now)

    def _refresh(self, replica: Replica, work: Work, now: datetime, cold: bool) -> bool:
        """Render the documents of what changed; whether anything did."""
        today = now.astimezone(self._zone).date()
        anew = cold or today != self._day  # texts that say 'tomorrow' are wrong after midnight
        passed = self._estimates.passed(now)
        keys: set[OutageKey] | frozenset[OutageKey] = set(replica.board.open) if anew else work.keys | passed
        areas = set(work.areas)
        if anew:
            areas |= self._areas.keys() | set(replica.board.areas())
            areas.update(area for entry in replica.recent for area in (*entry.areas_before, *entry.areas_after))
            self._documents.forget_words()
        for key in keys:
            row = replica.board.open.get(key)
            self._estimates.note(key, row.event.estimated_restoration if row else None)
            self._documents.features.refresh(key, row, now)
            areas.update(row.areas if row else ())
        for area in areas:
            self._areas[area] = _Kept(self._documents.area(replica, area, now))
        self._estimates.passed(now)  # those set above that had passed already are rendered so
        self._day = today
        return bool(areas or keys)

    def _write_areas(self, inks: Mapping[Lang, Ink], position: Position, now: datetime, *, quiet: bool) -> AreaId | None:
        """Write what was rendered, and where it is time the rest; an area that still shows an older position, if there is one."""
        all_of_them = quiet or self._restamped is None or now - self._restamped >= self._restamp
        left = None
        for area, kept in self._areas.items():
            moved = kept.position != position
            old = kept.as_of is None or now - kept.as_of >= self._restamp
            if kept.position is None or (all_of_them and (moved or old)):
                for path, (lang, sheet) in kept.sheets.files.items():
                    self._write(path, sheet.stamped(inks[lang]))
                kept.position, kept.as_of = position, now
            elif moved:
                left = area
        if all_of_them:
            self._restamped = now
        return left

    def _write(self, path: str, body: bytes) -> None:
        self._store.write(path, body)
        metrics.RENDERED.labels(self.channel.value).inc()

    def _tidy(self) -> None:
        """The style sheet and script of this version, and no file of an area that nothing is known of."""
        for name in ASSETS:
            self._store.write(f"{SITE_ASSETS}/{name}", files("services.fanout.site").joinpath("assets", name).read_bytes())
        for lang in self._wordings:
            for path in (site_area_feed, site_area_page):
                self._store.keep(path(lang, "").rpartition("/")[0], [path(lang, area) for area in self._areas])

    def _next(self, replica: Replica, left: AreaId | None, now: datetime) -> dict[AreaId, datetime]:
        due: dict[AreaId, datetime] = {}
        soonest = self._estimates.soonest()
        if soonest is not None:
            estimate, key = soonest
            if row := replica.board.open.get(key):
                due[row.areas[0]] = estimate
        if left is not None:
            due[left] = now + self._settle
        return due
