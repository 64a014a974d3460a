"""Counts of what people ask, for good, in the ledger's database. Meets `kernel.ports.asked.AskedArchive`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import case, select
from sqlalchemy.dialects import postgresql, sqlite

from services.adapters.ledger_engine import IMMEDIATE, engine, told
from services.adapters.ledger_tables import turn_counts
from services.kernel.asked import Tallied


class SqlAskedArchive:
    """Make one a process, after forking."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._engine = engine(url, timeout_s)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def write(self, counts: Mapping[Tallied, int]) -> None:
        """Meets `AskedArchive.write`."""
        if not counts:
            return
        with told(), self._engine.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
            insert: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(turn_counts)
            new, old = insert.excluded.count, turn_counts.c.count
            larger = insert.on_conflict_do_update(index_elements=list(turn_counts.primary_key.columns), set_={"count": case((new > old, new), else_=old)})
            connection.execute(larger, [{**msgspec.structs.asdict(tallied), "count": count} for tallied, count in counts.items()])

    def read(self, since: datetime) -> Mapping[Tallied, int]:
        """Meets `AskedArchive.read`."""
        with told(), self._engine.begin() as connection:
            rows = connection.execute(select(turn_counts).where(turn_counts.c.hour >= since)).all()
        return {Tallied(*tallied): count for *tallied, count in rows}
