"""Brings the ledger's schema up to date, and tells whether it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from services.adapters.ledger_engine import IMMEDIATE, engine, told

_LOCK = 0x5347_4C44
"""Any number, as long as every version of this code asks for the same one (PostgreSQL's advisory lock)."""


def upgrade(url: str, timeout_s: float = 30.0) -> None:
    """Run the migrations that the ledger at `url` still lacks, all or none. Safe to repeat, and safe when two start at once: one waits.

    Raises `Unavailable` where the database can't be reached, or the other one takes longer than `timeout_s`.
    """
    config = _config()
    made = engine(url, timeout_s)
    try:
        with told(), made.connect().execution_options(**IMMEDIATE) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        made.dispose()


def is_current(url: str, timeout_s: float = 5.0) -> bool:
    """Whether the ledger at `url` is there and lacks no migration; makes and changes nothing. Raises `Unavailable` where it can't be reached."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).exists():
        return False
    made = engine(url, timeout_s)
    try:
        with told(), made.connect() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
    finally:
        made.dispose()
    return at == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
