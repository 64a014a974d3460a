"""`surgecast customers`: loads the made-up customers of the demo utility, and prints the codes that they log in with."""

import secrets
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.adapters.customers_rows import load
from services.adapters.links_sql import SqlLinks
from services.cli.demo_customers import demo_url, made_up
from services.cli.failure import Failure
from services.cli.up.folder import write_private
from services.kernel.customers import CustomerId
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings

CODES_NAME = "demo-customers.txt"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""None that is taken for another. Twelve of them are 60 bits."""


def demo(settings: Settings) -> None:
    """Load them, due dates as of today. Safe to repeat: the codes stay. Raises `Failure`."""
    url = demo_url(settings.data)
    if settings.customers_url not in ("", url):
        raise Failure("SURGECAST_CUSTOMERS_URL names a database that is not the demo's: nothing was loaded into it.")
    clock = SystemClock()
    customers = made_up(clock.now().date())
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        load(url, customers)
        codes = _codes(settings.data / CODES_NAME, [customer.id for customer in customers])
        store = SqlLinks(url, settings.ledger_timeout_s, clock, settings.linking_grants_max)
        for name, code in codes.items():
            store.add_login(code, name)
        store.close()
    except (Unavailable, OSError) as error:
        raise Failure(f"The made-up customers could not be loaded: {error}") from None
    table = Table("Login code", "Address", "Supplied through", box=None, pad_edge=False)
    for customer in customers:
        for premise in customer.premises:
            table.add_row(codes[customer.id], f"{premise.address}, {premise.area}", " > ".join(premise.devices))
    Console(highlight=False, width=160).print(table)


def _codes(path: Path, customers: list[CustomerId]) -> dict[CustomerId, str]:
    """Each customer's code: those in the file, and new ones for customers that have none."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    known = {CustomerId(name): code for name, _, code in (line.partition(" ") for line in lines)}
    codes = {customer: known.get(customer) or _code() for customer in customers}
    if codes != known:
        write_private(path, "".join(f"{customer} {code}\n" for customer, code in codes.items()))
    return codes


def _code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
