"""Empty ledgers for the contract tests: SQLite, and PostgreSQL."""

from pathlib import Path

import pytest

from services.adapters.ledger_engine import engine
from services.adapters.ledger_upgrade import upgrade


def empty_ledger(request: pytest.FixtureRequest, kind: str, folder: Path) -> str:
    """The URL of a ledger of that kind, migrated and empty; skips the test where there is no PostgreSQL to test on."""
    if kind == "sqlite":
        url = f"sqlite:///{folder}/ledger.sqlite3"
        upgrade(url)
        return url
    url = empty_database(request)
    upgrade(url)
    return url


def empty_database(request: pytest.FixtureRequest) -> str:
    """The URL of a PostgreSQL without tables; skips the test where there is none to test on."""
    url = str(request.getfixturevalue("postgresql_url"))
    made = engine(url, 5)
    with made.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    made.dispose()
    return url
