"""Pictures beside the ledger: in the database that their posts are in, so that the one is there where the other is. Meets `kernel.ports.PictureShelf`.

They are no part of the record: nothing of them is in the audit trail, and they go when they are old.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from services.adapters.ledger_engine import IMMEDIATE, engine, told
from services.adapters.ledger_tables import pictures as table
from services.kernel.messages import Lang
from services.kernel.ports.pictures import Kept
from services.kernel.ports.social import Picture


class SqlPictures:
    """Make one a process, after forking."""

    def __init__(self, url: str, timeout_s: float, keep: timedelta) -> None:
        """What is older than `keep` is thrown away with the next one that is kept."""
        self._engine, self._keep = engine(url, timeout_s), keep

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def keep(self, channel: str, account: str, post: str, pictures: Mapping[Lang, Kept], now: datetime) -> None:
        """Meets `PictureShelf.keep`."""
        rows = [
            {
                "channel": channel,
                "account": account,
                "post": post,
                "lang": lang,
                "words": kept.words,
                "alt": kept.picture.alt,
                "png": kept.picture.png,
                "created_at": now,
            }
            for lang, kept in pictures.items()
        ]
        insert: Any = (postgresql if self._engine.dialect.name == "postgresql" else sqlite).insert
        with told(), self._engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
            connection.execute(delete(table).where(table.c.created_at < now - self._keep))
            if rows:
                connection.execute(insert(table).values(rows).on_conflict_do_nothing())

    def of(self, channel: str, account: str, post: str, lang: str) -> Kept | None:
        """Meets `PictureShelf.of`."""
        which = (table.c.channel == channel) & (table.c.account == account) & (table.c.post == post) & (table.c.lang == lang)
        with told(), self._engine.begin() as connection:
            row = connection.execute(select(table.c.png, table.c.alt, table.c.words).where(which)).one_or_none()
        return Kept(Picture(bytes(row.png), row.alt), row.words) if row else None
