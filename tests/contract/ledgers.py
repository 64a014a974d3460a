"""Empty ledgers for the contract tests: SQLite, and the PostgreSQL that SURGECAST_TEST_POSTGRES names (all that is in it is dropped)."""

import os
from pathlib import Path

import pytest

from services.adapters.ledger_engine import engine
from services.adapters.ledger_upgrade import upgrade


def empty_ledger(kind: str, folder: Path) -> str:
    """The URL of a ledger of that kind, migrated and empty; skips the test where there is no PostgreSQL to test on."""
    url = f"sqlite:///{folder}/ledger.sqlite3" if kind == "sqlite" else os.environ.get("SURGECAST_TEST_POSTGRES", "")
    if not url:
        pytest.skip("SURGECAST_TEST_POSTGRES names no PostgreSQL to test on")
    if kind == "postgresql":
        made = engine(url, 5)
        with made.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        made.dispose()
    upgrade(url)
    return url
