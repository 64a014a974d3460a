"""Ingest keys: made by the command line, checked by ingest. And what else may name a sender: see `TokenCheck`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from services.kernel.ids import SourceName


class Rights(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a key may do, and for how long. What is left out is not limited, or as the settings say."""

    scopes: frozenset[str]
    formats: frozenset[str] = frozenset()
    """Formats of pictures that it may send; none named: all."""
    expires_at: datetime | None = None
    requests_per_s: float | None = None
    """In place of the settings' rate; 0: no limit. So are the two below."""
    events_per_s: float | None = None
    events_per_day: int | None = None


class KeyHolder(Rights, frozen=True, omit_defaults=True, kw_only=True):
    """Whom an ingest key or a token names, and what it may do. Never the key itself."""

    id: str
    """Public name of the key: the part between `sgc_` and the secret. Of a token: its subject."""
    source: SourceName
    created_at: datetime
    replaced_by: str = ""
    """The id of the key that was made in its place."""


class Keys(Protocol):
    """The ingest keys, as the command line manages them. Only their hashes are stored. Down: raises `Unavailable`."""

    def create(self, source: SourceName, rights: Rights | Iterable[str]) -> str:
        """A new key for `source` with `rights` (or with those scopes alone), in plain text: this is the only time that anyone sees it.

        Raises ValueError for a bad name or scope.
        """
        ...

    def restore(self, key: str, source: SourceName, rights: Rights | Iterable[str]) -> None:
        """Make `key`, which `create` gave before the data was lost, good again. Raises ValueError for what is no key."""
        ...

    def list(self) -> Sequence[KeyHolder]:
        """All keys, oldest first."""
        ...

    def used(self) -> Mapping[str, datetime]:
        """When each key, by its id, was last good for a request, to within about a minute. One that was never used is not there."""
        ...

    def rotate(self, key_id: str, overlap: timedelta, expires_at: datetime | None = None) -> str | None:
        """A new key for the same source with the same rights, in plain text; the old one ends after `overlap`, or earlier where it would anyway.

        The new one expires at `expires_at`; where none is given, it lives as long as the old one was meant to. None where there is no key
        of that id. Raises ValueError for one that was replaced already.
        """
        ...

    def revoke(self, key_id: str) -> bool:
        """End a key. Processes that have just used it may honour it for as long as their cache says. False where there is none."""
        ...


class KeyCheck(Protocol):
    """Who holds this key? Asked by ingest, for each request, in its event loop."""

    async def verify(self, key: str) -> KeyHolder | None:
        """Whom `key` names, though it may have expired; None for a key that is unknown or revoked.

        Down: a key that this process has seen answers as it last did; any other raises `Unavailable`.
        """
        ...
