"""Reads customers from SQL, and writes made-up ones. It blocks: called in threads."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, event, select
from sqlalchemy.exc import SQLAlchemyError

from services.adapters import customers_tables as tables
from services.adapters.ledger_engine import engine
from services.kernel.customers import Account, Customer, CustomerId, Plan, Premise
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable

PREMISES_MAX = 20
"""Of one customer; a chain of shops asks its account manager."""


def reader(url: str, timeout_s: float) -> Engine:
    """An engine that can't write, and on which no statement takes longer than `timeout_s`."""
    made = engine(url, timeout_s)
    backend = made.url.get_backend_name()
    limits = {
        "sqlite": ["PRAGMA query_only = ON"],
        "postgresql": ["SET default_transaction_read_only = on", f"SET statement_timeout = {int(timeout_s * 1000)}"],
    }

    def limit(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for statement in limits.get(backend, []):
            cursor.execute(statement)
        cursor.close()
        if backend == "postgresql":
            connection.commit()

    event.listen(made, "connect", limit)
    return made


def find(made: Engine, customer: CustomerId) -> Customer | None:
    """The customer. Raises `Unavailable`, whose text holds nothing of them."""
    try:
        with made.connect() as connection:
            return _read(connection, customer)
    except (SQLAlchemyError, ValueError) as error:
        raise Unavailable(f"The customer database can't be read ({type(error).__name__})") from error


def _read(connection: Connection, customer: CustomerId) -> Customer | None:
    if connection.execute(select(tables.customers.c.id).where(tables.customers.c.id == customer)).first() is None:
        return None
    joined = tables.premises.outerjoin(tables.feeders)
    query = select(tables.premises, tables.feeders.c.station).select_from(joined).where(tables.premises.c.customer_id == customer)
    rows = connection.execute(query.order_by(tables.premises.c.id).limit(PREMISES_MAX)).all()
    row = connection.execute(select(tables.accounts).where(tables.accounts.c.customer_id == customer)).first()
    return Customer(customer, tuple(map(_premise, rows)), None if row is None else _account(row))


def _premise(row: Row[Any]) -> Premise:
    point = None if row.longitude is None or row.latitude is None else (row.longitude, row.latitude)
    return Premise(row.id, row.address, AreaId(row.area), point, tuple(filter(None, (row.station, row.feeder_id, row.transformer))))


def _account(row: Row[Any]) -> Account:
    plan = Plan(row.plan) if row.plan else None
    return Account(row.balance_cents, row.currency, row.due_on, row.next_payment_cents, row.next_payment_on, plan)


def load(url: str, customers: Iterable[Customer], timeout_s: float = 30.0) -> None:
    """Make the tables where they are missing, and put `customers` in place of those of the same ids. Device paths are station, feeder, transformer.

    Raises `Unavailable`.
    """
    made = engine(url, timeout_s)
    try:
        with made.begin() as connection:
            tables.metadata.create_all(connection)
            for customer in customers:
                _put(connection, customer)
    except SQLAlchemyError as error:
        raise Unavailable(f"The customer database can't be written ({type(error).__name__})") from error
    finally:
        made.dispose()


def _put(connection: Connection, customer: Customer) -> None:
    for table in (tables.accounts, tables.premises):
        connection.execute(table.delete().where(table.c.customer_id == customer.id))
    connection.execute(tables.customers.delete().where(tables.customers.c.id == customer.id))
    connection.execute(tables.customers.insert().values(id=customer.id))
    for premise in customer.premises:
        station, feeder, transformer = _path(premise.devices)
        if feeder and connection.execute(select(tables.feeders.c.id).where(tables.feeders.c.id == feeder)).first() is None:
            connection.execute(tables.feeders.insert().values(id=feeder, station=station))
        lon, lat = premise.point or (None, None)
        values = {"address": premise.address, "area": premise.area, "longitude": lon, "latitude": lat, "feeder_id": feeder, "transformer": transformer}
        connection.execute(tables.premises.insert().values(id=premise.id, customer_id=customer.id, **values))
    if customer.account is not None:
        account = customer.account
        named = {field: getattr(account, field) for field in account.__struct_fields__}
        connection.execute(tables.accounts.insert().values(customer_id=customer.id, **named))


def _path(devices: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    kinds = {device.partition(":")[0]: device for device in devices}
    return kinds.get("station"), kinds.get("feeder"), kinds.get("transformer")
