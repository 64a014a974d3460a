"""Is this event usable? The rules beyond its type (kernel.events), and the words for whatever is wrong with it."""

import json
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec
from msgspec import Raw, Struct

from services.ingest.batches import Item, constant_in
from services.ingest.faults import Fault, explain, shortened
from services.ingest.geometry import problem_with
from services.kernel.events import Note, OutageEvent, Status
from services.kernel.ids import AREA_ID
from services.kit.settings import Settings

_LINE_BREAKS = "\t\n\r"


class Rules(Struct, frozen=True):
    """What an event may say, at the moment that it comes in."""

    earliest: datetime
    """Before it no time is believed: a clock that was never set."""
    latest: datetime
    """Of `occurred_at`: further ahead, the sender's clock is wrong, and would make every later event stale."""
    horizon: datetime
    """Of every other time: planned work and estimates lie ahead."""
    bytes_max: int
    """Of one event's JSON."""
    positions_max: int
    """Of one event's geometry."""


def rules_at(now: datetime, settings: Settings) -> Rules:
    """The rules in force at `now`."""
    return Rules(
        earliest=datetime(settings.ingest_event_min_year, 1, 1, tzinfo=UTC),
        latest=now + timedelta(seconds=settings.ingest_future_skew_s),
        horizon=now + timedelta(days=settings.ingest_horizon_days),
        bytes_max=settings.ingest_event_max_bytes,
        positions_max=settings.ingest_shape_positions_max,
    )


def fault_in(event: OutageEvent, rules: Rules) -> str | None:
    """`field: what is wrong` with a well-typed event, or None. Runs for every event: the checks are in order of cost."""
    if event.status is Status.CLEARING:
        return "status: clearing is derived from pictures, never sent: use active, restored or cancelled"
    if not (event.event_id.isprintable() and event.outage_id.isprintable()):
        fault = control_character((("event_id", event.event_id), ("outage_id", event.outage_id)))
        if fault:
            return fault
    fault = moment_fault("occurred_at", event.occurred_at, rules.earliest, rules.latest) or _other_times(event, rules)
    if fault:
        return fault
    for index, area in enumerate(event.areas):
        if not _is_area(area):
            return f"areas[{index}]: letters, digits, spaces and . ' ( ) & - only, at most 64, beginning with a letter or digit"
    if event.devices:
        fault = control_character((f"devices[{index}]", name) for index, name in enumerate(event.devices))
        if fault:
            return fault
    if event.note is not None and (fault := _in_note(event.note)):
        return fault
    wrong = None if event.geometry is None else problem_with(event.geometry, rules.positions_max)
    return wrong and f"geometry: {wrong}"


def moment_fault(name: str, moment: datetime, earliest: datetime, latest: datetime) -> str | None:
    """What is wrong with a time outside of what is believed, or None."""
    if moment < earliest:
        return f"{name}: {moment.isoformat()} is before {earliest.year}: check the sender's clock"
    if moment > latest:
        return f"{name}: {moment.isoformat()} is too far in the future (after {latest.isoformat(timespec='seconds')}): check the sender's clock"
    return None


def control_character(named: Iterable[tuple[str, str]], allowed: str = "") -> str | None:
    """The first field with a control character (Unicode category Cc) other than `allowed`, or None."""
    for name, text in named:
        if not text.isprintable() and any(unicodedata.category(letter) == "Cc" and letter not in allowed for letter in text):
            return f"{name}: has a control character; send plain text"
    return None


def refusal_of(item: Raw | bytes, error: Exception) -> str:
    """Why `item` couldn't be decoded: its field first, wherever that can be told."""
    if isinstance(error, msgspec.ValidationError):
        return explain(error)
    if isinstance(error, RecursionError):
        return "event: nested too deeply"
    raw = bytes(item)
    constant = constant_in(raw)
    return shortened(constant) if constant else _broken_text(raw, error)


def readable_id(item: Item) -> str | None:
    """The event's id, where at least that can be read and echoed."""
    event_id: object = item.event_id if isinstance(item, Fault) else _event_id_in(item)
    return event_id if isinstance(event_id, str) and 0 < len(event_id) <= 200 and _whole(event_id) == event_id else None


class _Named(Struct):
    event_id: str


def _event_id_in(item: Raw | bytes) -> object:
    try:
        return _named(item).event_id
    except msgspec.ValidationError:
        return None
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(bytes(item)).get("event_id")  # takes NaN, which msgspec doesn't
    except (ValueError, RecursionError, AttributeError):
        return None


_named = msgspec.json.Decoder(_Named).decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _broken_text(raw: bytes, error: Exception) -> str:
    """Of an item whose text is no JSON: the member at fault (not UTF-8, or half a surrogate pair), else the byte at which it breaks."""
    for name, value in _texts_of_members(raw):
        try:
            msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return shortened(f"{_whole(name)}: has text that is not valid Unicode (UTF-8, whole surrogate pairs)")
    return shortened(f"event: not JSON ({error}); nothing of it was read")


def _whole(text: str) -> str:
    """`text` as it can be told: half a surrogate pair, which Python's reader takes and nobody can write, is a question mark."""
    return text.encode("utf-8", "replace").decode()


def _texts_of_members(raw: bytes) -> Iterable[tuple[str, Raw | bytes]]:
    try:
        return _members(raw).items()
    except (ValueError, RecursionError):
        pass
    try:  # Python's reader takes half a surrogate pair, which msgspec's stops at
        return [(name, json.dumps(value).encode()) for name, value in json.loads(raw).items()]
    except (ValueError, RecursionError, AttributeError):
        return ()


def _other_times(event: OutageEvent, rules: Rules) -> str | None:
    started, estimate, restored = event.started_at, event.estimated_restoration, event.restored_at
    for name, moment in (("started_at", started), ("estimated_restoration", estimate), ("restored_at", restored)):
        if moment is not None and not rules.earliest <= moment <= rules.horizon:
            return moment_fault(name, moment, rules.earliest, rules.horizon)
    if started is not None and estimate is not None and estimate < started:
        return f"estimated_restoration: {estimate.isoformat()} is before started_at"
    if started is not None and restored is not None and restored < started:
        return f"restored_at: {restored.isoformat()} is before started_at"
    return None


def _in_note(note: Note) -> str | None:
    return control_character((("note.en", note.en or ""), ("note.fr", note.fr or "")), _LINE_BREAKS)


@lru_cache(maxsize=16_384)
def _is_area(area: str) -> bool:
    return AREA_ID.fullmatch(area) is not None
