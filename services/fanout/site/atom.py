"""The Atom feed (RFC 4287): one entry an outage that changed lately, newest first, with ids that never change."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from msgspec import Struct

from services.fanout.site.estimates import has_passed
from services.fanout.site.features import note_in
from services.fanout.site.sheet import AS_OF, POSITION, SILENT_XML, Sheet, rfc3339
from services.fanout.site.words import area_name, dated
from services.kernel.areas import AreaName, name_of
from services.kernel.board import placed
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import AreaId, OutageKey
from services.kernel.messages import Wording
from services.kernel.ports.journal import Entry
from services.kernel.views import Position, count_of
from services.wire import site_feed

AREAS_NAMED = 3
"""Areas that a title names before it says 'and others'."""


class Origin(Struct, frozen=True):
    """Whose feed it is: the address that customers reach, and a day on which its host was the utility's."""

    url: str
    tag_date: str

    def tag(self, rest: str) -> str:
        """A permanent id (RFC 4151)."""
        return f"tag:{urlsplit(self.url).hostname},{self.tag_date}:{quote(rest, safe=':/')}"


class _Told(Struct, frozen=True):
    position: Position
    passed: bool
    named: tuple[str, ...]
    xml: bytes


class AtomFeed:
    """The feed of one language. An entry is rendered when its outage changes and kept while it is in the feed."""

    def __init__(self, wording: Wording, origin: Origin, threshold: int, entries_max: int) -> None:
        self._wording, self._origin, self._threshold, self._max = wording, origin, threshold, entries_max
        self._told: dict[OutageKey, _Told] = {}

    def sheet(self, recent: Iterable[Entry], names: Mapping[AreaId, AreaName], now: datetime) -> Sheet:
        """The feed of the `recent` entries of the journal, given newest first."""
        newest = _newest(recent, self._max)
        self._told = {entry.key: self._tell(entry, names, now) for entry in newest}
        updated = max((entry.event.occurred_at for entry in newest), default=None)
        return Sheet(self._head(updated).encode(), (*(told.xml for told in self._told.values()), b"</feed>\n"))

    def forget(self) -> None:
        """Render every entry anew."""
        self._told.clear()

    def _tell(self, entry: Entry, names: Mapping[AreaId, AreaName], now: datetime) -> _Told:
        event = entry.event
        passed = event.status is Status.ACTIVE and has_passed(event.estimated_restoration, now)
        named = tuple(name_of(names, area).called(self._wording.lang) for area in placed(event.areas)[:AREAS_NAMED])
        before = self._told.get(entry.key)
        if before is not None and (before.position, before.passed, before.named) == (entry.position, passed, named):
            return before
        return _Told(entry.position, passed, named, self._entry(entry, names, passed).encode())

    def _head(self, updated: datetime | None) -> str:
        say, lang = self._wording.say, self._wording.lang
        page, itself = f"{self._origin.url}/{lang}/", f"{self._origin.url}/{site_feed(lang, 'atom.xml')}"
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:sc="urn:surgecast:feed" xml:lang="{lang}-CA">\n'
            f"<sc:position>{POSITION}</sc:position><sc:as_of>{AS_OF}</sc:as_of>\n"
            f"<id>{escape(self._origin.tag(f'outages/{lang}'))}</id>\n"
            f"<title>{escape(say('feed-title'))}</title>\n"
            f"<updated>{rfc3339(updated) if updated else AS_OF}</updated>\n{SILENT_XML}"
            f"<author><name>{escape(say('page-utility'))}</name></author>\n"
            f"<link rel='self' type='application/atom+xml' href={quoteattr(itself)}/>\n"
            f"<link rel='alternate' type='text/html' href={quoteattr(page)}/>\n"
        )

    def _entry(self, entry: Entry, names: Mapping[AreaId, AreaName], passed: bool) -> str:
        areas = placed(entry.event.areas)
        link = f"{self._origin.url}/{self._wording.lang}/areas/{quote(areas[0], safe='')}"
        return (
            f"<entry><id>{escape(self._origin.tag(f'outages/{self._wording.lang}/{entry.key}'))}</id>\n"
            f"<title>{escape(self._title(entry.event, areas, names))}</title>\n"
            f"<updated>{rfc3339(entry.event.occurred_at)}</updated>\n"
            f"<link rel='alternate' type='text/html' href={quoteattr(link)}/>\n"
            f"<summary>{escape(self._summary(entry.event, passed))}</summary></entry>\n"
        )

    def _title(self, event: OutageEvent, areas: tuple[AreaId, ...], names: Mapping[AreaId, AreaName]) -> str:
        named = [area_name(self._wording, area, name_of(names, area)) for area in areas[:AREAS_NAMED]]
        if len(areas) > AREAS_NAMED:
            named.append(self._wording.say("feed-other-areas", count=len(areas) - AREAS_NAMED))
        return self._wording.say("feed-entry-title", status=event.status.value, planned="yes" if event.planned else "no", areas=self._wording.list(named))

    def _summary(self, event: OutageEvent, passed: bool) -> str:
        """Sentences, each only where the source said so."""
        wording = self._wording
        if event.status is Status.CLEARING:
            return wording.say("feed-clearing")
        if event.status is Status.CANCELLED:
            return wording.say("feed-cancelled")
        if event.status is Status.RESTORED:
            return wording.say("feed-restored", at=dated(wording, event.restored_at or event.occurred_at), known="yes" if event.restored_at else "no")
        said = []
        if event.customers_affected is not None:
            said.append(wording.say("feed-customers", customers=wording.customers(count_of(event, self._threshold))))
        if event.started_at:
            said.append(wording.say("feed-since", when=dated(wording, event.started_at)))
        said.append(wording.say("feed-cause", cause=wording.say("cause", cause=event.cause.value)))
        if event.crew:
            said.append(wording.say("feed-crew", crew=event.crew.value))
        estimate = event.estimated_restoration
        state = "none" if estimate is None else "passed" if passed else "ahead"
        said.append(wording.say("feed-estimate", state=state, when=dated(wording, estimate) if estimate else ""))
        return " ".join([*said, note_in(event.note, wording.lang) or ""]).strip()


def _newest(recent: Iterable[Entry], limit: int) -> list[Entry]:
    newest: dict[OutageKey, Entry] = {}
    for entry in recent:
        newest.setdefault(entry.key, entry)
        if len(newest) == limit:
            break
    return list(newest.values())
