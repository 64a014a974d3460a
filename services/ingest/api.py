"""The front door over HTTP: `/ingest/v1/events`, `/ingest/v1/snapshots/{format}` and `/ingest/v1/alerts`."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from fastapi import Request, Response
from msgspec import Struct

from services.ingest import bodies, contract
from services.ingest.accept import Accept
from services.ingest.admission import Room, Slot
from services.ingest.alerts.take import KINDS as ALERT_KINDS
from services.ingest.alerts.take import Alerts
from services.ingest.answers import Answered, encode_answer
from services.ingest.areas.places import Placing
from services.ingest.auth import Doorkeeper
from services.ingest.batches import split_json, split_lines
from services.ingest.formats.format import Format
from services.ingest.pictures import Asked, Pictures
from services.ingest.pressure import GONE, MISSED, SNAPSHOTS, bulk_from
from services.ingest.quota import Charge, Quota, free
from services.kernel.events import Moment
from services.kernel.ids import SourceName
from services.kernel.keys import Scope
from services.kernel.outage import Acceptance
from services.kernel.ports.alerts import AlertChains
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.journal import Journal
from services.kernel.ports.keys import KeyCheck
from services.kernel.ports.quotas import Quotas
from services.kernel.ports.tokens import TokenCheck
from services.kit.direct import Direct
from services.kit.guard import Guard, Pressure
from services.kit.http import Observed, Problem, service_app
from services.kit.logs import log
from services.kit.metrics import INGEST_EVENTS
from services.kit.refusal import refused
from services.kit.settings import Settings
from services.kit.shared import Shared

EVENTS = "/ingest/v1/events"
SPLIT = {"application/json": split_json, "application/x-ndjson": split_lines}
_FLAGS = {"true": True, "false": False}
_COUNTED = {outcome.value: INGEST_EVENTS.labels(outcome.value) for outcome in Acceptance}


class Visit(Struct):
    """One request, while it is inside."""

    slot: Slot
    source: SourceName | None = None
    batch: Charge = free
    whole: Charge = free
    """Spend what the source may: events sent as such, and those that a picture or an alert yields."""


class FrontDoor:
    """What all addresses do alike: ask who it is, read the body, answer, and log one line."""

    def __init__(self, journal: Journal, doorkeeper: Doorkeeper, quota: Quota | None, settings: Settings, pressure: Pressure) -> None:
        self._journal, self._doorkeeper, self._quota, self._pressure = journal, doorkeeper, quota, pressure
        self._limits = bodies.Limits(settings.ingest_body_max_bytes, settings.ingest_body_timeout_s)
        self._retry_after_max_s = settings.guard_retry_after_max_s
        self._room = Room(settings.ingest_inflight_max_bytes, self._retry_after_max_s)

    @contextmanager
    def visit(self) -> Iterator[Visit]:
        """One request's stay. What refuses it is logged; a journal that is down becomes 503."""
        visit = Visit(Slot(self._room))
        try:
            with visit.slot:
                yield visit
        except Problem as problem:
            counts = {outcome.value: problem.body[outcome] for outcome in Acceptance if outcome in problem.body}
            log.info("ingest.request_refused", source=visit.source, status=problem.body["status"], problem=problem.body["type"], **counts)
            raise
        except Unavailable as error:
            log.warning("ingest.journal_missed", source=visit.source, error=str(error))
            raise refused(MISSED, self._retry_after_max_s) from error

    async def source(self, request: Request, scope: Scope, visit: Visit, format_name: str = "") -> SourceName:
        """Who sends. One without a good key (for a picture in `format_name`) sends no body."""
        holder = await self._doorkeeper.holder(request, scope, format_name)
        visit.source = holder.source
        if self._quota:
            visit.batch, visit.whole = partial(self._quota.batch, holder), partial(self._quota.whole, holder)
            await self._quota.request(holder)
        return holder.source

    async def body(self, request: Request, kinds: tuple[str, ...], visit: Visit, bytes_max: int | None = None) -> tuple[str, bytes]:
        """The media type and bytes of what was sent, at most `bytes_max` where that is less than any body may have.

        Raises `Problem` 503 where the journal has gone meanwhile: appending would only wait for it.
        """
        limits = self._limits if bytes_max is None else bodies.Limits(min(bytes_max, self._limits.bytes_max), self._limits.timeout_s)
        kind, body = await bodies.read(request, kinds, limits, visit.slot)
        if self._pressure(False) is GONE:
            raise refused(GONE, self._retry_after_max_s)
        return kind, body

    async def answer(self, source: SourceName, answered: Answered, *, sound: bool = False, **facts: Any) -> Response:
        """202 with all results, or 422 where each item was rejected, unless what was sent is `sound` and only not for us to show."""
        for outcome, count in answered.counts.items():
            if count:
                _COUNTED[outcome].inc(count)
        if answered.nothing_taken and not sound:
            detail = f"Not one item can be used; nothing was taken. The first: {answered.results[0].error}"
            raise Problem(422, "all-rejected", "Nothing usable", detail, **answered.members())
        if answered.position is None:
            answered = msgspec.structs.replace(answered, position=await self._journal.tip())
        tell = log.info if len(answered.results) > 1 else log.debug  # a storm's single updates are told by the metrics: a line each would cost a tenth of each
        tell("ingest.events_taken", source=source, position=answered.position, **answered.counts, **facts)
        return Response(encode_answer(answered), 202, media_type="application/json")


def application(
    journal: Journal,
    keys: KeyCheck,
    clock: Clock,
    settings: Settings,
    formats: Mapping[str, Format],
    chains: AlertChains,
    pressure: Pressure = lambda _bulk: None,
    tokens: TokenCheck | None = None,
    quotas: Quotas | None = None,
    places: Placing | None = None,
    reachable: Callable[[], Awaitable[object]] | None = None,
    **options: Any,
) -> Guard:
    """The ingest service over its ports, guarded. `pressure` tells, at once, what speaks against taking more; `tokens` who may send besides those
    with keys; `quotas` how much (None: any amount); `places` finds the areas of outages that only say where they are; `reachable`
    raises `Unavailable` where the journal can't be reached (None: the journal itself is asked). `options` go to FastAPI.
    """

    async def ready() -> Mapping[str, str]:
        try:
            await (reachable or journal.tip)()
            if places is not None:
                await places.ready()
        except Unavailable as error:
            return {"journal": str(error) or "can't be reached"}
        return {}

    app = service_app("ingest", Shared(ready, settings.http_ready_fresh_s), version="1", **options)
    doorkeeper = Doorkeeper(keys, tokens, clock, settings.guard_retry_after_max_s)
    door = FrontDoor(journal, doorkeeper, Quota(quotas, clock, settings) if quotas else None, settings, pressure)
    accept, pictures = Accept(journal, clock, settings, places), Pictures(journal, clock, settings, formats, places)
    alerts = Alerts(journal, chains, clock, settings, places)

    @app.post(EVENTS, **contract.EVENTS_OPERATION)
    async def events(request: Request) -> Response:
        with door.visit() as visit:
            source = await door.source(request, Scope.EVENTS, visit)
            kind, body = await door.body(request, tuple(SPLIT), visit)
            return await door.answer(source, await accept.batch(source, body, SPLIT[kind], visit.batch))

    @app.post(SNAPSHOTS + "{format}", **contract.SNAPSHOTS_OPERATION)
    async def snapshots(request: Request) -> Response:
        with door.visit() as visit:
            source = await door.source(request, Scope.SNAPSHOTS, visit, request.path_params["format"])
            asked = asked_by(request, formats)
            _, body = await door.body(request, formats[asked.format_name].media_types, visit)
            return await door.answer(source, await pictures.take(source, asked, body, visit.whole), format=asked.format_name)

    @app.post("/ingest/v1/alerts", **contract.ALERTS_OPERATION)
    async def cap_alerts(request: Request) -> Response:
        with door.visit() as visit:
            source = await door.source(request, Scope.ALERTS, visit)
            _, body = await door.body(request, ALERT_KINDS, visit, settings.ingest_alert_max_bytes)
            return await door.answer(source, await alerts.take(source, body, visit.whole), sound=True)

    app.openapi = partial(contract.openapi, app)  # type: ignore[method-assign] # FastAPI's documented way to amend it
    observed = Observed(Direct(app, "ingest", {("POST", EVENTS): events}), "ingest")
    return Guard(observed, "ingest", settings, pressure, bulk_from(settings.ingest_bulk_min_bytes))


def asked_by(request: Request, formats: Mapping[str, Format]) -> Asked:
    """What the address says about the picture. Raises `Problem` 404 for an unknown format and 422 for a parameter that can't be used."""
    name = request.path_params["format"]
    if name not in formats:
        known = sorted(formats)
        raise Problem(404, "unknown-format", "Unknown format", f"There is no such format. Those there are: {', '.join(known)}.", formats=known)
    given = request.query_params
    if unknown := sorted(given.keys() - {"observed_at", "confirm_empty"}):
        raise _parameter(f"{unknown[0][:50]}: unknown parameter; there are observed_at and confirm_empty")
    flag = given.get("confirm_empty", "false").lower()
    if flag not in _FLAGS:
        raise _parameter("confirm_empty: use true or false")
    return Asked(name, _moment(given["observed_at"]) if "observed_at" in given else None, _FLAGS[flag])


def _moment(text: str) -> datetime:
    """RFC 3339. A `+` that was not escaped has come as a space, and means the plus again."""
    try:
        return msgspec.convert(text[:10] + text[10:11].replace(" ", "T") + text[11:].replace(" ", "+"), Moment)
    except msgspec.ValidationError as error:
        raise _parameter("observed_at: write it with its offset, as 2019-10-26T00:00:25Z or 2019-10-26T00:00:25%2B00:00") from error


def _parameter(detail: str) -> Problem:
    return Problem(422, "parameter", "Parameter not usable", f"{detail}. Nothing was taken.")
