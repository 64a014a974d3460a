"""Which documents there are, in each language, and what each is made of."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from services.fanout.replica import Replica
from services.fanout.site.areas import Summary, area_document, area_line
from services.fanout.site.atom import AtomFeed, Origin
from services.fanout.site.features import Features
from services.fanout.site.pages import PageLimits, Pages, Row
from services.fanout.site.sheet import Sheet, json_sheet
from services.kernel.ids import AreaId
from services.kernel.messages import Lang, Wording
from services.kit.settings import Settings
from services.wire import site_area_feed, site_area_page, site_feed, site_page

SUMMARY = "summary.json"
_encode = msgspec.json.Encoder().encode


class AreaSheets(Struct, frozen=True):
    """All that is rendered of one area: its own files, and its part of the documents that tell of all areas."""

    area: AreaId
    outages: int
    customers: int
    files: dict[str, tuple[Lang, Sheet]]
    lines: dict[Lang, msgspec.Raw]
    rows: dict[Lang, Row]


class Documents:
    """Renders documents in every language; keeps the features and feed entries that don't change."""

    def __init__(self, wordings: Mapping[Lang, Wording], settings: Settings) -> None:
        limits = PageLimits(
            settings.site_rows_max,
            settings.site_links_max,
            settings.stale_after_s,
            settings.privacy_threshold,
            settings.outage_line,
            settings.voice_text_max_chars,
        )
        origin = Origin(settings.public_url.rstrip("/"), settings.feed_tag_date)
        self._wordings = wordings
        self._pages = {lang: Pages(wording, limits) for lang, wording in wordings.items()}
        self._feeds = {lang: AtomFeed(wording, origin, settings.privacy_threshold, settings.atom_entries_max) for lang, wording in wordings.items()}
        self.features = Features()

    def forget_words(self) -> None:
        """Names or days may have changed: word everything anew."""
        for feed in self._feeds.values():
            feed.forget()
        for pages in self._pages.values():
            pages.forget()

    def area(self, replica: Replica, area: AreaId, now: datetime) -> AreaSheets:
        """Everything of one area, of features already refreshed."""
        brief = replica.board.brief(area, replica.names)
        open_outages = [replica.board.open[outage.key] for outage in brief.largest]
        files: dict[str, tuple[Lang, Sheet]] = {}
        lines, rows = {}, {}
        for lang, wording in self._wordings.items():
            line = area_line(brief, now, wording)
            largest = tuple(self.features.properties(lang, outage.key, row, now) for outage, row in zip(brief.largest, open_outages, strict=True))
            files[site_area_feed(lang, area)] = lang, json_sheet(area_document(line, largest))
            files[site_area_page(lang, area)] = lang, self._pages[lang].area(brief, open_outages, now)
            lines[lang] = msgspec.Raw(_encode(line))
            rows[lang] = self._pages[lang].row(brief, now)
        return AreaSheets(area, brief.outages, brief.customers.customers, files, lines, rows)

    def core(self, replica: Replica, areas: Sequence[AreaSheets], now: datetime) -> dict[str, tuple[Lang, Sheet]]:
        """The documents that tell of all areas, by path."""
        hit = sorted((sheets for sheets in areas if sheets.outages), key=lambda sheets: (-sheets.customers, sheets.area))
        totals = replica.board.totals()
        core: dict[str, tuple[Lang, Sheet]] = {}
        for lang in self._wordings:
            lines = [sheets.lines[lang] for sheets in hit]
            summary = Summary(totals.outages, totals.customers.customers, totals.customers.masked, totals.planned, lines)
            core[site_feed(lang, SUMMARY)] = lang, json_sheet(summary)
            core[site_feed(lang, "outages.geojson")] = lang, self.features.sheet(lang)
            core[site_feed(lang, "atom.xml")] = lang, self._feeds[lang].sheet(replica.recent, replica.names, now)
            core[site_page(lang)] = lang, self._pages[lang].index(totals, (sheets.rows[lang] for sheets in hit), len(hit))
        return core
