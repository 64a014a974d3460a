"""Preloaded by the server that forks processes to kill: whatever is slow the first time was done once by then. Imported by nobody else."""

from tempfile import TemporaryDirectory

from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from tests.builders import event
from tests.chaos import killed_sender as killed_sender
from tests.unit.fanout.social_stage import Stage

with TemporaryDirectory() as folder:
    upgrade(f"sqlite:///{folder}/ledger.sqlite3")
    ledger = SqlLedger(f"sqlite:///{folder}/ledger.sqlite3", 10.0)
    stage = Stage(ledger=ledger)
    for minute, customers in ((0, 1_000), (40, 9_000)):
        stage.clock.move(minutes=minute)
        stage.hear(event("A", minute=minute, customers_affected=customers))
        stage.settle()
    ledger.close()
