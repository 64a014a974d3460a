"""`surgecast keys`: make, list, rotate and end ingest keys."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import sync_link
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES, checked_scopes, state_of
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.keys import KeyHolder, Rights
from services.kit.clock import SystemClock
from services.kit.settings import Settings

_SPAN = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@contextmanager
def _keys(settings: Settings) -> Iterator[RedisKeys]:
    try:
        with sync_link(with_journal(settings)) as link:
            yield RedisKeys(link)
    except ValueError as error:
        raise Failure(str(error)) from None
    except Unavailable as error:
        raise Failure(f"{error}. Keys live in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None


def create(
    settings: Settings,
    name: str,
    scopes: Sequence[str] | None = None,
    formats: Sequence[str] | None = None,
    expires: str | None = None,
    limits: tuple[float | None, float | None, int | None] = (None, None, None),
) -> None:
    """Make a key and print it: standard output carries the key alone. `limits`: requests a second, events a second, events a day."""
    requests_per_s, events_per_s, events_per_day = limits
    with _keys(settings) as keys:
        rights = Rights(
            scopes=checked_scopes(scopes or SCOPES),
            formats=_known_formats(settings, formats or ()),
            expires_at=moment(expires, SystemClock().now()) if expires else None,
            requests_per_s=requests_per_s,
            events_per_s=events_per_s,
            events_per_day=events_per_day,
        )
        key = keys.create(SourceName(name), rights)
    _hand_over(key, f"A key for the source {name}. Keep it: it isn't shown again.")


def rotate(settings: Settings, key_id: str, overlap: str, expires: str | None = None) -> None:
    """Make a key in place of another and print it: standard output carries the key alone."""
    with _keys(settings) as keys:
        now, lasting = SystemClock().now(), span("overlap", overlap)
        key = keys.rotate(key_id, lasting, moment(expires, now) if expires else None)
        if key is None:
            raise _unknown(key_id)
        ends = next(holder.expires_at for holder in keys.list() if holder.id == key_id)
    _hand_over(key, f"A key in place of {key_id}, which ends at {ends:%Y-%m-%d %H:%M} UTC. Keep it: it isn't shown again.")


def show(settings: Settings) -> None:
    """Print a table of the keys."""
    table = Table(box=None)
    for heading in ("ID", "Source", "May", "Formats", "Limits", "Made", "Expires", "Last used", "State"):
        table.add_column(heading, overflow="fold")
    now = SystemClock().now()
    with _keys(settings) as keys:
        used = keys.used()
        for holder in keys.list():
            may, formats = ", ".join(sorted(holder.scopes)), ", ".join(sorted(holder.formats)) or "all"
            times = (_told(holder.created_at), _told(holder.expires_at), _told(used.get(holder.id)))
            state = state_of(holder, now) + (f" by {holder.replaced_by}" if holder.replaced_by else "")
            table.add_row(holder.id, holder.source, may, formats, _limits(holder), *times, state)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 240  # a pipe has no width: rows stay whole
    console.print(table if table.row_count else "There are no keys. Make one with `surgecast keys create NAME`.")


def revoke(settings: Settings, key_id: str) -> None:
    """End a key."""
    with _keys(settings) as keys:
        if not keys.revoke(key_id):
            raise _unknown(key_id)
    words = f"The key {key_id} is revoked. Processes that have just used it forget it within {settings.key_cache_s:g} seconds."
    Console(highlight=False).print(words, markup=False)


def span(name: str, text: str) -> timedelta:
    """How long `text` is, as 90d or 24h. Raises ValueError that names `name`."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"{name}: {text!r} is no span of time. Write it as 30m, 24h, 90d or 12w.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def moment(text: str, now: datetime) -> datetime:
    """When `text` is: a span from `now`, a date (the key is good until it begins, UTC), or a time with its offset. Raises ValueError."""
    if _SPAN.fullmatch(text):
        return now + span("expires", text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expires: {text!r} is neither a span (90d) nor a date (2027-01-31) nor a time (2027-01-31T12:00:00Z).") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _known_formats(settings: Settings, names: Sequence[str]) -> frozenset[str]:
    if not names:
        return frozenset()
    from services.ingest.formats import formats  # slow to import, and seldom asked for

    known = formats(settings.ingest_mappings, settings.timezone)
    if unknown := sorted(set(names) - known.keys()):
        raise ValueError(f"format: there is no {unknown[0]!r}; there are {', '.join(known)}.")
    return frozenset(names)


def _hand_over(key: str, words: str) -> None:
    Console(stderr=True, highlight=False).print(words, markup=False)
    print(key)  # noqa: T201 - the command's output


def _unknown(key_id: str) -> Failure:
    return Failure(f"There is no key {key_id}. `surgecast keys list` shows them.")


def _told(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _limits(holder: KeyHolder) -> str:
    given = ((holder.requests_per_s, "requests/s"), (holder.events_per_s, "events/s"), (holder.events_per_day, "events/day"))
    return ", ".join(f"{limit:g} {what}" if limit else f"any {what}" for limit, what in given if limit is not None) or "as set"
