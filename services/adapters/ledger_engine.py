"""How this house connects to its SQL database: bounded waits, WAL on SQLite, and being down told as `Unavailable`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.kernel.ports.failures import Unavailable

_BEGIN = "sqlite_begin"
IMMEDIATE = {_BEGIN: "IMMEDIATE"}
"""Execution option: take SQLite's write lock at once, so that nobody writes between what is read and what is written."""


def engine(url: str, timeout_s: float) -> Engine:
    """An engine for `url`. Make it after forking: a connection must not be shared. Waits no longer than `timeout_s` for a lock or a connection."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_timeout=timeout_s, connect_args={"connect_timeout": max(1, int(timeout_s))})
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(url, connect_args={"timeout": timeout_s})
    event.listen(made, "connect", _open_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins: Python's sqlite3 would leave DDL out of the transaction
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(_BEGIN, 'DEFERRED')}")


@contextmanager
def told() -> Iterator[None]:
    """Turn what SQLAlchemy raises while the database can't be used into `Unavailable`; a mistake of ours stays what it is."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable(_reason(error)) from error
    except ProgrammingError as error:
        if "does not exist" not in str(error):  # PostgreSQL's word for a table that is missing
            raise
        raise Unavailable(_reason(error)) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise Unavailable(_reason(error)) from error


def _reason(error: Exception) -> str:
    cause = str(getattr(error, "orig", None) or error)
    if "no such table" in cause or "does not exist" in cause:
        return f"The ledger is not set up ({cause}). Run `surgecast migrate`."
    return f"The ledger can't be used: {cause}"
