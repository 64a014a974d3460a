"""Ingest keys: made by the command line, checked by ingest."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.ids import SourceName


class KeyHolder(Struct, frozen=True):
    """Whom an ingest key names, and what it may do. Never the key itself."""

    id: str
    """Public name of the key: the part between `sgc_` and the secret."""
    source: SourceName
    scopes: frozenset[str]
    created_at: datetime


class Keys(Protocol):
    """The ingest keys, as the command line manages them. Only their hashes are stored. Down: raises `Unavailable`."""

    def create(self, source: SourceName, scopes: Iterable[str]) -> str:
        """A new key for `source`, in plain text: this is the only time that anyone sees it. Raises ValueError for a bad name or scope."""
        ...

    def restore(self, key: str, source: SourceName, scopes: Iterable[str]) -> None:
        """Make `key`, which `create` gave before the data was lost, good again. Raises ValueError for what is no key."""
        ...

    def list(self) -> Sequence[KeyHolder]:
        """All keys, oldest first."""
        ...

    def revoke(self, key_id: str) -> bool:
        """End a key. Processes that have just used it may honour it for as long as their cache says. False where there is none."""
        ...


class KeyCheck(Protocol):
    """Who holds this key? Asked by ingest, for each request, in its event loop."""

    async def verify(self, key: str) -> KeyHolder | None:
        """Whom `key` names; None for a key that is unknown or revoked.

        Down: a key that this process has seen answers as it last did; any other raises `Unavailable`.
        """
        ...
