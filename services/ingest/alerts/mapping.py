"""From a checked CAP message to the events of our model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from msgspec import Struct

from services.ingest.alerts import forms
from services.ingest.alerts.causes import cause_of
from services.ingest.alerts.chain import Place, began
from services.ingest.alerts.message import Alert, Info
from services.ingest.alerts.places import areas_of, geometry_of, told_once
from services.ingest.alerts.wording import note_of
from services.ingest.faults import Fault
from services.ingest.formats.fields import Flawed, Named, customers, shown
from services.ingest.geometry import Mender
from services.kernel.events import Cause, OutageEvent, Status
from services.kernel.ids import OutageId

_ID_MAX = 200


class Table(Struct, frozen=True):
    """What the settings say about the meaning of messages. The names are valueNames of parameters and geocodes; empty: none."""

    estimate: str
    customers: str
    area_geocode: str
    causes: Mapping[str, Cause]
    event_codes: frozenset[str]
    """Event codes that are outages; empty: any."""


def causes_named(words: Mapping[str, str]) -> dict[str, Cause]:
    """The settings' words with their causes. Raises ValueError that names the setting for a cause that there isn't."""
    if unknown := sorted(set(words.values()) - set(Cause)):
        raise ValueError(f"SURGECAST_INGEST_CAP_CAUSES: there is no cause {unknown[0]!r}; there are {', '.join(Cause)}.")
    return {word: Cause(cause) for word, cause in words.items()}


class Told(Struct, frozen=True):
    """What a message comes to."""

    events: Sequence[OutageEvent]
    area_names: Named


def event_id_of(alert: Alert, outage: str = "") -> str:
    """The name that other messages refer to it by, and `outage` where it speaks for several; shortened, still its own, where that is too long."""
    whole = ",".join(filter(None, (str(alert.name), outage)))
    return whole if len(whole) <= _ID_MAX else f"{whole[: _ID_MAX - 17]}~{blake2b(whole.encode(), digest_size=8).hexdigest()}"


def set_aside(alert: Alert, table: Table) -> str | None:
    """`field: why` a sound message is none about an outage that the public may see; None for one that is."""
    if alert.status != "Actual":
        return f"status: {alert.status} is not shown to the public; only Actual is"
    if alert.type in ("Ack", "Error"):
        return f"msgType: {alert.type} is about a message, not about an outage"
    if alert.scope != "Public":
        return f"scope: {alert.scope} is not for the public; only Public is shown"
    codes = {value for info in alert.infos for _, value in info.event_codes}
    if table.event_codes and not table.event_codes & codes:
        return f"eventCode: none of {', '.join(sorted(table.event_codes))} (SURGECAST_INGEST_CAP_EVENT_CODES): not an outage"
    return None


def told(alert: Alert, place: Place, table: Table, mender: Mender) -> Told:
    """The event of the message's outage, then the ends of those that it now speaks for too. Raises `Fault` for a parameter that can't be used."""
    standing = [info for info in alert.infos if not info.is_all_clear] or list(alert.infos)
    status = _status(alert)
    areas = areas_of(standing, table.area_geocode)
    cause = cause_of(standing, table.causes)
    sent = forms.moment(alert.name.sent).astimezone(UTC)
    event = OutageEvent(
        event_id=event_id_of(alert),
        outage_id=place.outage_id,
        occurred_at=sent,
        status=status,
        planned=cause is Cause.PLANNED,
        cause=cause,
        customers_affected=_customers(standing, table.customers),
        started_at=_started(standing, place),
        estimated_restoration=None if status.is_over else _estimate(standing, table.estimate),
        areas=tuple(area for area, _ in areas),
        geometry=geometry_of(standing, mender),
        note=note_of(standing),
    )
    over = status if status.is_over else Status.CANCELLED
    ends = [
        OutageEvent(event_id=event_id_of(alert, other.message), outage_id=OutageId(other.message), occurred_at=max(sent, other.latest), status=over)
        for other in place.superseded
    ]
    return Told([event, *ends], areas)


def _status(alert: Alert) -> Status:
    """All clear in every block: the power is back, whatever the type. A Cancel without it takes back what was said."""
    if alert.infos and all(info.is_all_clear for info in alert.infos):
        return Status.RESTORED
    return Status.CANCELLED if alert.type == "Cancel" else Status.ACTIVE


def _started(infos: Iterable[Info], place: Place) -> datetime | None:
    """The onset, else what the chain told of it. A later message's words may hold from now on only: the outage is at least as old as its first message."""
    onset, effective = began(infos)
    started = onset or place.first.since or (effective and min(effective, place.earliest_sent))
    return started and started.astimezone(UTC)


def _estimate(infos: Sequence[Info], parameter: str) -> datetime | None:
    """The latest that the parameter says: all are told the time by which everybody has power. `expires` is the message's end, and no estimate."""
    estimates = []
    for path, text in _values(infos, parameter):
        if fault := forms.date_time(text):
            raise Fault(f"{path}: {fault}")
        estimates.append(forms.moment(text).astimezone(UTC))
    return max(estimates, default=None)


def _customers(infos: Sequence[Info], parameter: str) -> int | None:
    """Added up over the blocks of one language, each of which is about other areas."""
    counts = []
    for path, text in _values(told_once(infos), parameter):
        try:
            counts.append(customers({"value": text}, "value") or 0)
        except Flawed as flaw:
            raise Fault(f"{path}: {flaw.message}") from flaw
    return sum(counts) if counts else None


def _values(infos: Iterable[Info], parameter: str) -> Iterator[tuple[str, str]]:
    for info in infos:
        for name, value in info.parameters:
            if parameter and name == parameter and value:
                yield f"info.parameter {shown(parameter)}", value
