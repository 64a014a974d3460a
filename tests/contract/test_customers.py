"""One contract for directories of customers: in SQL, behind HTTP, and in memory; and what a bad day of theirs costs, which is little."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from services.adapters import customers_rows
from services.adapters.customers_guarded import GuardedCustomers
from services.adapters.customers_http import Api, HttpCustomers
from services.adapters.customers_memory import MemoryCustomers
from services.adapters.customers_sql import SqlCustomers
from services.adapters.guarded import Guarded, bounds
from services.kernel.customers import Account, Customer, CustomerId, Plan, Premise
from services.kernel.ids import AreaId
from services.kernel.ports.customers import CustomerDirectory
from services.kernel.ports.failures import Unavailable
from tests.builders import SetClock
from tests.contract.ledgers import empty_database
from tests.contract.test_views import NOW
from tests.simulators.customers_api import CLIENT, SECRET, Fault, SimulatedApi, customers_api

HOME = Premise("p-1", "12 Example Street", AreaId("Greywater"), (-75.51, 45.3), ("station:Greywater", "feeder:7F12", "transformer:T9"))
SHOP = Premise("p-2", "1 Market Row", AreaId("Lowtown"))
ONE = Customer(CustomerId("cust-1"), (HOME, SHOP), Account(12_345, "CAD", date(2018, 10, 3), 4_200, date(2018, 10, 1), Plan.TOU))
TWO = Customer(CustomerId("cust/2?é"), (msgspec.structs.replace(HOME, id="p-3"),))
CUSTOMERS = {customer.id: customer for customer in (ONE, TWO)}
Make = Callable[[], CustomerDirectory]


@pytest.fixture
def api() -> Iterator[SimulatedApi]:
    with customers_api({name: msgspec.to_builtins(customer) for name, customer in CUSTOMERS.items()}) as simulated:
        yield simulated


def over_http(api: SimulatedApi, timeout_s: float = 5.0) -> HttpCustomers:
    return HttpCustomers(Api(f"{api.url}/v1/", f"{api.url}/token", CLIENT, SECRET, "customers", 10_000), timeout_s)


@pytest.fixture(params=["memory", "sql", "postgresql", "http"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "memory":
        return lambda: MemoryCustomers(CUSTOMERS.values())
    if request.param == "http":
        simulated = request.getfixturevalue("api")
        return lambda: over_http(simulated)
    url = f"sqlite:///{tmp_path / 'customers.sqlite3'}" if request.param == "sql" else empty_database(request)
    customers_rows.load(url, CUSTOMERS.values())
    customers_rows.load(url, CUSTOMERS.values())  # again changes nothing
    return lambda: SqlCustomers(url, 5.0, 2)


@asynccontextmanager
async def using(directory: Any) -> AsyncIterator[Any]:
    try:
        yield directory
    finally:
        await directory.close()


def test_a_customer_is_found_whole_and_one_that_is_not_there_is_none(make: Make) -> None:
    async def look() -> list[Customer | None]:
        async with using(make()) as directory:
            return [await directory.find(CustomerId(name)) for name in ("cust-1", "cust/2?é", "cust-3", "' OR 1=1 --", "../cust-1")]

    assert asyncio.run(look()) == [ONE, TWO, None, None, None]


def test_many_may_ask_at_once(make: Make) -> None:
    async def look() -> list[Customer | None]:
        async with using(make()) as directory:
            return await asyncio.gather(*(directory.find(ONE.id) for _ in range(20)))

    assert asyncio.run(look()) == [ONE] * 20


def test_the_database_is_only_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'customers.sqlite3'}"
    customers_rows.load(url, [ONE])
    made = customers_rows.reader(url, 1.0)
    with pytest.raises(Exception, match="readonly"), made.begin() as connection:
        connection.execute(text("DELETE FROM accounts"))
    made.dispose()


@pytest.mark.parametrize("url", ["sqlite:////proc/nowhere/customers.sqlite3", "sqlite:///{}/empty.sqlite3", "postgresql://127.0.0.1:1/x"])
def test_a_database_that_can_not_be_used_is_unavailable(url: str, tmp_path: Path) -> None:
    async def look() -> None:
        async with using(SqlCustomers(url.format(tmp_path), 1.0, 1)) as directory:
            await directory.find(ONE.id)

    with pytest.raises(Unavailable) as told:
        asyncio.run(look())
    assert "cust-1" not in str(told.value)


def test_one_token_serves_all_requests_and_is_renewed_before_it_ends_or_once_where_it_is_refused(api: SimulatedApi) -> None:
    async def look() -> None:
        async with using(over_http(api)) as directory:
            await asyncio.gather(*(directory.find(ONE.id) for _ in range(10)))
            assert api.given == 1
            api.expire()
            assert await directory.find(ONE.id) == ONE
            assert api.given == 2
            api.lives_s = 0.0
            api.expire()
            await directory.find(ONE.id)
            await directory.find(ONE.id)
            assert api.given == 4  # each ended as it was given

    asyncio.run(look())


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SLOW])
def test_whatever_the_api_does_wrong_is_unavailable_and_tells_nothing_of_the_customer(api: SimulatedApi, fault: Fault) -> None:
    async def look() -> None:
        async with using(over_http(api)) as directory:
            api.fault = fault
            with pytest.raises(Unavailable) as told:
                await directory.find(ONE.id)
            assert not {"cust-1", "Example", "12345"} & set(str(told.value).split())
            api.fault = None
            assert await directory.find(ONE.id) == ONE

    asyncio.run(look())


class Stage:
    """A guarded directory over a simulated API, at a time that a test sets."""

    def __init__(self, inner: CustomerDirectory, timeout_s: float = 0.2, at_once: int = 3) -> None:
        self.clock = SetClock(NOW)
        guarded = Guarded("customers", bounds(timeout_s, at_once, open_after=2, open_s=10), self.clock)
        self.directory = GuardedCustomers(inner, guarded, self.clock, fresh_s=30, kept=100)

    async def unavailable(self, name: str = "cust-1") -> None:
        with pytest.raises(Unavailable):
            await self.directory.find(CustomerId(name))


def test_a_directory_that_hangs_is_given_up_and_then_left_alone_until_one_question_tries_it_again(api: SimulatedApi) -> None:
    async def storm() -> None:
        stage = Stage(over_http(api))
        async with using(stage.directory):
            api.fault = Fault.SLOW
            await stage.unavailable()
            await stage.unavailable()
            asked = api.asked
            await asyncio.gather(*(stage.unavailable() for _ in range(200)))
            assert api.asked == asked  # the breaker is open: nobody waits, and it is spared
            stage.clock.at += timedelta(seconds=11)
            await asyncio.gather(*(stage.unavailable() for _ in range(20)))
            assert api.asked == asked + 1  # one probe
            api.fault = None
            stage.clock.at += timedelta(seconds=11)
            assert await stage.directory.find(ONE.id) == ONE
            assert await stage.directory.find(TWO.id) == TWO

    asyncio.run(storm())


def test_a_customer_is_remembered_for_a_moment_and_no_more_wait_than_may() -> None:
    class Slow(MemoryCustomers):
        asked = 0

        async def find(self, customer: CustomerId) -> Customer | None:
            self.asked += 1
            await asyncio.sleep(0.02)
            return await super().find(customer)

    async def look() -> None:
        inner = Slow(CUSTOMERS.values())
        stage = Stage(inner, timeout_s=5)
        found = await asyncio.gather(*(stage.directory.find(ONE.id) for _ in range(5)), return_exceptions=True)
        assert [ONE if answer == ONE else type(answer) for answer in found] == [ONE, ONE, ONE, Unavailable, Unavailable]
        asked = inner.asked
        assert await stage.directory.find(ONE.id) == ONE
        assert inner.asked == asked
        stage.clock.at += timedelta(seconds=31)
        inner.down = True
        await stage.unavailable()
        assert await stage.directory.find(CustomerId("x" * 201)) is None  # no customer's id is that long

    asyncio.run(look())
