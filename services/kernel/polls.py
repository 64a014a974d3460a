"""Sources that are polled: what is remembered of each between two polls, and when it is polled next. Pure: chance is given.

The breaker is part of it: after so many failures in a row it opens, and the source is left alone for a while; the poll after
that is the probe, one request, which closes it or leaves it open for as long again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from services.kernel import breaker
from services.kernel.ids import SourceName


class Polled(Struct, frozen=True):
    """A source to be polled. Units are last in the names; `_s` is seconds."""

    name: SourceName
    url: str
    format: str
    interval_s: float
    jitter_s: float
    timeout_s: float
    headers: Mapping[str, str]
    max_bytes: int
    pages: int
    """Most pages of one picture (ArcGIS); 1: it isn't paged."""
    stale_after_s: float | None
    labels: Mapping[str, str]


class Validators(Struct, frozen=True, omit_defaults=True):
    """What a server said of its last answer, for it to say whether that still holds (RFC 9110, section 8.8)."""

    etag: str = ""
    last_modified: str = ""


class PollState(Struct, frozen=True, omit_defaults=True):
    """What is remembered of a polled source."""

    validators: Validators = Validators()
    failures: int = 0
    """In a row."""
    last_success: datetime | None = None
    last_change: datetime | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    changed_at: datetime | None = None
    """The source's time of the last picture that changed anything."""
    pictures_since: int = 0
    """Complete pictures taken after that one."""


class Pacing(Struct, frozen=True):
    """How a source that fails is left alone, and how long it must show its whole picture after a change."""

    backoff_s: float
    backoff_max_s: float
    open_after: int
    open_s: float
    retry_after_max_s: float
    settle_pictures: int
    settle_s: float


def settled(state: PollState, pacing: Pacing) -> bool:
    """Whether 'nothing changed' is all that need be known of the source now.

    After a change it isn't: an outage gone from that picture is restored only after so many more pictures without it and so much
    time (kernel/picture.py), and a source that answers 304 sends none. So for that long it is asked for the whole picture.
    """
    if state.changed_at is None or state.last_success is None:
        return state.changed_at is None
    shown_for = state.last_success - state.changed_at
    return state.pictures_since >= pacing.settle_pictures and shown_for >= timedelta(seconds=pacing.settle_s)


def unchanged(state: PollState, now: datetime) -> PollState:
    """After the source said that its last picture still holds."""
    return msgspec.structs.replace(state, failures=0, last_success=now)


def taken(state: PollState, validators: Validators, observed_at: datetime, now: datetime, *, changes: int) -> PollState:
    """After a picture of `observed_at` was taken, and changed so many outages."""
    state = msgspec.structs.replace(state, validators=validators, failures=0, last_success=now)
    if changes:
        return msgspec.structs.replace(state, last_change=now, changed_at=observed_at, pictures_since=0)
    return msgspec.structs.replace(state, pictures_since=state.pictures_since + 1)


def failed(state: PollState, reason: str, now: datetime, *, blame: bool = True) -> PollState:
    """After a poll that came to nothing; without `blame` it was not the source's fault."""
    return msgspec.structs.replace(state, failures=state.failures + blame, last_error=reason, last_error_at=now)


def is_open(state: PollState, pacing: Pacing) -> bool:
    """Whether the breaker is open: the next poll is a probe."""
    return breaker.is_open(state.failures, pacing.open_after)


def wait_s(state: PollState, source: Polled, pacing: Pacing, chance: float, retry_after_s: float = 0) -> float:
    """Seconds until the next poll. `chance`, from 0 to 1, spreads those of many sources. What the server asked for is honoured, within bounds."""
    asked_s = min(retry_after_s, pacing.retry_after_max_s)
    if not state.failures:
        return max(source.interval_s + chance * source.jitter_s, asked_s)
    if is_open(state, pacing):
        return max(pacing.open_s * (1 + chance) / 2, asked_s)
    backoff_s = min(pacing.backoff_max_s, pacing.backoff_s * 2.0 ** min(state.failures - 1, 32))
    return max(chance * backoff_s, 1.0, asked_s)
