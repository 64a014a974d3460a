"""Ingest keys: `sgc_`, a public id, and a secret of 256 bits. What is stored of one is its SHA-256, which a secret that long needs no salt for.

Nor can its comparison leak it: a key is looked up by that digest, which nobody can steer towards one that is stored.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec

from services.kernel.ids import SOURCE_NAME, SourceName
from services.kernel.ports.keys import KeyHolder, Rights

ID_BYTES, SECRET_BYTES = 4, 32
PREFIX = "sgc_"
_KEY = re.compile(rf"{PREFIX}(?P<id>[0-9a-f]{{{2 * ID_BYTES}}})_[0-9a-f]{{{2 * SECRET_BYTES}}}")


class Scope(StrEnum):
    """What a key may send."""

    EVENTS = "events"
    SNAPSHOTS = "snapshots"
    ALERTS = "alerts"


SCOPES = tuple(Scope)


class KeyState(StrEnum):
    """How a key stands at a moment."""

    ACTIVE = "active"
    REPLACED = "replaced"
    """Still good, until its overlap with the key made in its place is over."""
    EXPIRED = "expired"


def key_of(key_id: str, secret: str) -> str:
    """The key in plain text: `key_id` and `secret` in hexadecimal digits."""
    return f"{PREFIX}{key_id}_{secret}"


def looks_like_key(key: str) -> bool:
    """Whether `key` could be one of ours: what isn't need not be looked up."""
    return _KEY.fullmatch(key) is not None


def key_digest(key: str) -> str:
    """What is stored of `key`, and looked up."""
    return sha256(key.encode()).hexdigest()


def checked_source(source: str) -> SourceName:
    """`source` as the name of a source. Raises ValueError that says what one looks like."""
    if not SOURCE_NAME.fullmatch(source):
        raise ValueError(f"source: {source!r} is not a name of a source. Use up to 32 of a-z, 0-9 and '-', not beginning with '-'.")
    return SourceName(source)


def checked_scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    """`scopes` as scopes, at least one. Raises ValueError that lists those there are."""
    given = frozenset(scopes)
    unknown = sorted(given - set(SCOPES))
    if unknown or not given:
        raise ValueError(f"scopes: {', '.join(unknown) or 'none'} given; there are {', '.join(SCOPES)}.")
    return frozenset(map(Scope, given))


def holder_of(key: str, source: str, rights: Rights | Iterable[str], now: datetime) -> KeyHolder:
    """Whom `key` names from `now` on. Raises ValueError for what is no key, and for a bad source or right."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise ValueError("key: not a key of ours; they look like sgc_, 8 digits, _, 64 digits (hexadecimal)")
    given = rights if isinstance(rights, Rights) else Rights(scopes=frozenset(rights))
    if given.expires_at is not None and given.expires_at <= now:
        raise ValueError(f"expires: {given.expires_at:%Y-%m-%d %H:%M} UTC is past.")
    limits = {"requests-per-s": given.requests_per_s, "events-per-s": given.events_per_s, "events-per-day": given.events_per_day}
    if wrong := [name for name, limit in limits.items() if limit is not None and not 0 <= limit < float("inf")]:
        raise ValueError(f"{wrong[0]}: {limits[wrong[0]]} is no limit. Use a positive number, or 0 for none.")
    plain = {name: getattr(given, name) for name in Rights.__struct_fields__}
    return KeyHolder(**{**plain, "scopes": checked_scopes(given.scopes)}, id=found["id"], source=checked_source(source), created_at=now)


def successor_of(old: KeyHolder, key: str, now: datetime, expires_at: datetime | None = None) -> KeyHolder:
    """Whom `key` names, made at `now` in place of `old`'s. Raises ValueError where that was replaced already."""
    if old.replaced_by:
        raise ValueError(f"key: {old.id} was replaced by {old.replaced_by} already; rotate that one.")
    lifetime = old.expires_at - old.created_at if old.expires_at else None
    expiry = expires_at or (now + lifetime if lifetime else None)
    return holder_of(key, old.source, msgspec.structs.replace(old, expires_at=expiry), now)


def replaced(old: KeyHolder, successor: KeyHolder, now: datetime, overlap: timedelta) -> KeyHolder:
    """`old`, which ends after `overlap`, or earlier where it would anyway."""
    ends = min(filter(None, (now + overlap, old.expires_at)))
    return msgspec.structs.replace(old, expires_at=ends, replaced_by=successor.id)


def expired(holder: KeyHolder, now: datetime) -> bool:
    """Whether the time of a key is over."""
    return holder.expires_at is not None and holder.expires_at <= now


def state_of(holder: KeyHolder, now: datetime) -> KeyState:
    """How a key stands at `now`."""
    if expired(holder, now):
        return KeyState.EXPIRED
    return KeyState.REPLACED if holder.replaced_by else KeyState.ACTIVE
