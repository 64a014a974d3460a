"""Ingest keys: `sgc_`, a public id, and a secret of 256 bits. What is stored of one is its SHA-256, which a secret that long needs no salt for."""

import re
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from services.kernel.ids import SOURCE_NAME, SourceName

ID_BYTES, SECRET_BYTES = 4, 32
_KEY = re.compile(rf"sgc_(?P<id>[0-9a-f]{{{2 * ID_BYTES}}})_[0-9a-f]{{{2 * SECRET_BYTES}}}")


class Scope(StrEnum):
    """What a key may send."""

    EVENTS = "events"
    SNAPSHOTS = "snapshots"
    ALERTS = "alerts"


SCOPES = tuple(Scope)


def key_of(key_id: str, secret: str) -> str:
    """The key in plain text: `key_id` and `secret` in hexadecimal digits."""
    return f"sgc_{key_id}_{secret}"


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
