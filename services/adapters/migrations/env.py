"""What Alembic runs: the steps still missing, within the transaction and the lock that `ledger_upgrade.upgrade` holds."""

from alembic import context

from services.adapters.ledger_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
