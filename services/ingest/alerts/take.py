"""One CAP message in: read, checked whole, found its outage, appended, and only then remembered for the messages that will refer to it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import msgspec

from services.ingest.accept import judge
from services.ingest.alerts import mapping, profile, schema
from services.ingest.alerts.chain import Place, place_of
from services.ingest.alerts.message import Alert, alert_of
from services.ingest.alerts.reading import Bounds, TooMuch, Unreadable, tree_of
from services.ingest.answers import Answered, Result
from services.ingest.areas.places import Nowhere, Placing
from services.ingest.faults import Fault, shortened
from services.ingest.geometry import Mender
from services.ingest.judge import rules_at
from services.ingest.quota import Charge, free
from services.kernel.events import encode_event
from services.kernel.ids import OutageId, SourceName
from services.kernel.outage import Acceptance
from services.kernel.ports.alerts import AlertChains
from services.kernel.ports.clock import Clock
from services.kernel.ports.journal import Journal
from services.kit.http import Problem
from services.kit.metrics import INGEST_ALERTS
from services.kit.settings import Settings

KINDS = ("application/cap+xml", "application/xml", "text/xml")
"""Media types that a message may come as (CAP 1.2, section 3.4; RFC 7303)."""
REASONS_MAX = 100
"""Reasons that one refusal lists: a document that is none of CAP's has as many as it has elements."""
TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")


class Alerts:
    """Takes CAP messages for the journal, of one source one at a time."""

    def __init__(self, journal: Journal, chains: AlertChains, clock: Clock, settings: Settings, places: Placing | None = None) -> None:
        """Raises ValueError for a cause in the settings that there is none of."""
        self._journal, self._chains, self._clock, self._settings = journal, chains, clock, settings
        self._places = places or Nowhere()
        self._bounds = Bounds(settings.ingest_alert_elements_max, settings.ingest_alert_depth_max)
        self._table = mapping.Table(
            estimate=settings.ingest_cap_estimate_parameter,
            customers=settings.ingest_cap_customers_parameter,
            area_geocode=settings.ingest_cap_area_geocode,
            causes=mapping.causes_named(settings.ingest_cap_causes),
            event_codes=frozenset(settings.ingest_cap_event_codes.replace(",", " ").split()),
        )
        self._turns: defaultdict[SourceName, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, source: SourceName, body: bytes, charge: Charge = free) -> Answered:
        """Append what the message in `body` says; a sound one that is not for the public is answered `rejected`, with the reason.

        Raises `Problem` 400 (no XML that is taken), 413 or 422 (with all reasons), and `Unavailable`. Repeating is safe. Each message, bad ones
        too, is charged for as one event.
        """
        await self._places.ready()
        await charge(1)
        aside = len(body) > self._settings.ingest_off_loop_bytes
        alert = await asyncio.to_thread(self._sound, body) if aside else self._sound(body)
        if source in self._settings.source_stale_after:
            await self._journal.heard(source, self._clock.now())
        if why := mapping.set_aside(alert, self._table):
            _count(alert, Acceptance.REJECTED)
            return Answered.of([Result(mapping.event_id_of(alert), Acceptance.REJECTED, index=0, error=why)])
        async with self._turns[source]:
            place = await self._place(alert, source)
            told = await asyncio.to_thread(self._told, alert, place)  # however short: its shapes may take long
            await self._journal.name_areas(dict(told.area_names), anew=False)  # by a geocode, any message could rename any area
            answers = await self._journal.append(source, told.events)
            await self._chains.remember(source, place.links)
        _count(alert, answers[0].outcome)
        return Answered.of([*map(Result.of, told.events, answers)])

    async def _place(self, alert: Alert, source: SourceName) -> Place:
        """Where the message belongs; of the chains that it joins only those whose outage is still open need an end."""
        place = await place_of(alert, source, self._chains)
        if not place.superseded:
            return place
        still_open = await self._journal.current(source, [OutageId(other.message) for other in place.superseded])
        return msgspec.structs.replace(place, superseded=tuple(other for other in place.superseded if other.message in still_open))

    def _sound(self, body: bytes) -> Alert:
        """The message, if it is one by every rule."""
        try:
            root = tree_of(body, self._bounds)
        except TooMuch as error:
            raise Problem(413, "too-large", "Message too large", f"The message has {error}. Nothing was taken.") from error
        except Unreadable as error:
            raise Problem(400, "xml", "Not XML that is taken", f"The body can't be taken: {error}. Nothing was taken.") from error
        alert = alert_of(root)
        faults = list(islice(chain(schema.faults_in(root), self._rules_broken(alert)), REASONS_MAX))
        if faults:
            raise _refused(alert, faults)
        return alert

    def _rules_broken(self, alert: Alert) -> Iterator[str]:
        yield from profile.conditions_unmet(alert)
        if self._settings.ingest_cap_profile == "cap-cp" or profile.carries_profile(alert):
            yield from profile.faults_in(alert)
        drawn, most = sum(map(len, {text for info in alert.infos for area in info.areas for text in area.polygons})), self._settings.ingest_event_max_bytes
        if drawn > most:  # said before it is worked out: so large a shape takes seconds
            yield f"polygon: {drawn} characters in all; at most {most} are taken (SURGECAST_INGEST_EVENT_MAX_BYTES): simplify the polygons"
        if len(alert.references) > self._settings.ingest_alert_references_max:
            most = self._settings.ingest_alert_references_max
            yield f"references: {len(alert.references)} messages; at most {most} are taken (SURGECAST_INGEST_ALERT_REFERENCES_MAX)"

    def _mender(self) -> Mender:
        settings = self._settings
        return Mender(settings.ingest_shape_positions_max, settings.ingest_mend_near_max, settings.ingest_mend_near_max)

    def _told(self, alert: Alert, place: Place) -> mapping.Told:
        """The message's events, each one that would be taken from a source that sends events itself."""
        try:
            told = mapping.told(alert, place, self._table, self._mender())
        except Fault as fault:
            raise _refused(alert, [str(fault)]) from fault
        rules = rules_at(self._clock.now(), self._settings)
        judged = [judge(encode_event(event), rules) for event in told.events]
        if faults := [fault for fault in judged if isinstance(fault, str)]:
            raise _refused(alert, faults)
        return msgspec.structs.replace(told, events=list(self._places.placed(told.events)))


def _refused(alert: Alert, faults: Sequence[str]) -> Problem:
    """422 with each reason; the counts and the one result are as in every answer."""
    _count(alert, Acceptance.REJECTED)
    reasons = [shortened(fault) for fault in faults]
    named = mapping.event_id_of(alert) if all(part for part in (alert.name.sender, alert.name.identifier, alert.name.sent)) else None
    answered = Answered.of([Result(named, Acceptance.REJECTED, index=0, error=reasons[0])])
    more = f" It is the first of {len(reasons)} reasons." if len(reasons) > 1 else ""
    detail = f"The message can't be used; nothing was taken. {reasons[0]}.{more}"
    return Problem(422, "cap", "Not a usable CAP message", detail, reasons=reasons, **answered.members())


def _count(alert: Alert, outcome: Acceptance) -> None:
    INGEST_ALERTS.labels(alert.type if alert.type in TYPES else "other", outcome.value).inc()
