"""One contract for what the demo's authorization server keeps, in SQL and in memory."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.adapters.guarded import Guarded, bounds
from services.adapters.linked_accounts import LinkedAccounts
from services.adapters.links_memory import MemoryLinks
from services.adapters.links_sql import SqlLinks
from services.kernel.customers import CustomerId
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.links import Grant, Secret
from tests.builders import SetClock
from tests.contract.ledgers import empty_database


class Links:
    def __init__(self, store: Any, clock: SetClock) -> None:
        self.store, self.clock = store, clock

    def grant(self, family: str = "f", lives_s: float = 60, client: str = "demo") -> Grant:
        ends = self.clock.now() + timedelta(seconds=lives_s)
        return Grant(
            family=family, client=client, customer=CustomerId("cust-1"), scope="account", expires_at=ends, redirect_uri="http://127.0.0.1/", challenge="c"
        )


@pytest.fixture(params=["memory", "sql", "postgresql"])
def links(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Links]:
    clock = SetClock()
    if request.param == "memory":
        yield Links(MemoryLinks(clock, most=3), clock)
        return
    url = f"sqlite:///{tmp_path / 'links.sqlite3'}" if request.param == "sql" else empty_database(request)
    store = SqlLinks(url, 5.0, clock, most=3)
    yield Links(store, clock)
    store.close()


def test_a_login_code_names_its_customer(links: Links) -> None:
    links.store.add_login("AAAA-BBBB-CCCC", CustomerId("cust-1"))
    links.store.add_login("AAAA-BBBB-CCCC", CustomerId("cust-1"))
    assert links.store.login("AAAA-BBBB-CCCC") == "cust-1"
    assert links.store.login("AAAA-BBBB-CCCD") is links.store.login("") is None


def test_a_secret_is_good_for_its_kind_until_it_expires(links: Links) -> None:
    grant = links.grant()
    links.store.save(Secret.ACCESS, "s", grant)
    assert links.store.find(Secret.ACCESS, "s") == grant
    assert links.store.find(Secret.REFRESH, "s") is links.store.find(Secret.ACCESS, "t") is None
    links.clock.at += timedelta(seconds=60)
    assert links.store.find(Secret.ACCESS, "s") is links.store.use(Secret.ACCESS, "s", "demo") is None


def test_a_code_is_used_once_by_its_client_and_a_second_time_ends_all_that_came_of_it(links: Links) -> None:
    links.store.save(Secret.CODE, "code", links.grant())
    links.store.save(Secret.ACCESS, "token", links.grant())
    links.store.save(Secret.ACCESS, "another", links.grant("g"))
    assert links.store.use(Secret.CODE, "code", "thief") is None
    assert links.store.use(Secret.CODE, "code", "demo") == links.grant()
    assert links.store.find(Secret.CODE, "code") is None
    assert links.store.find(Secret.ACCESS, "token") is not None
    assert links.store.use(Secret.CODE, "code", "demo") is None
    assert links.store.find(Secret.ACCESS, "token") is None
    assert links.store.find(Secret.ACCESS, "another") is not None
    links.store.end("g")
    assert links.store.find(Secret.ACCESS, "another") is None


def test_a_refresh_token_that_was_used_takes_no_room_and_still_ends_its_family(links: Links) -> None:
    for number in range(20):
        links.store.save(Secret.REFRESH, f"f.{number}", links.grant())
        assert links.store.use(Secret.REFRESH, f"f.{number}", "demo") == links.grant()
    links.store.save(Secret.REFRESH, "f.now", links.grant())
    links.store.save(Secret.REFRESH, "g.now", links.grant("g"))
    assert links.store.use(Secret.REFRESH, "f.0", "thief") is None
    assert links.store.find(Secret.REFRESH, "f.now") is not None, "only the client's own"
    assert links.store.use(Secret.REFRESH, "f.0", "demo") is None
    assert links.store.find(Secret.REFRESH, "f.now") is None
    assert links.store.find(Secret.REFRESH, "g.now") is not None


def test_who_renews_without_end_takes_no_more_room(tmp_path: Path) -> None:
    clock = SetClock()
    sql = SqlLinks(f"sqlite:///{tmp_path / 'links.sqlite3'}", 5.0, clock, most=9)
    for store in (sql, MemoryLinks(clock, most=9)):
        links = Links(store, clock)
        for number in range(30):
            store.save(Secret.ACCESS, str(number), links.grant(lives_s=60 + number))
            store.save(Secret.REFRESH, f"f.{number}", links.grant())
            assert store.use(Secret.REFRESH, f"f.{number}", "demo") is not None
        assert [number for number in range(30) if store.find(Secret.ACCESS, str(number))] == [26, 27, 28, 29]
    sql.close()


def test_of_many_at_once_one_uses_a_code(links: Links) -> None:
    links.store.save(Secret.CODE, "code", links.grant())
    used: list[Grant | None] = []
    threads = [threading.Thread(target=lambda: used.append(links.store.use(Secret.CODE, "code", "demo"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(grant is not None for grant in used) == 1


def test_no_more_is_kept_than_may_be_and_what_expired_makes_room(links: Links) -> None:
    for number in range(3):
        links.store.save(Secret.ACCESS, str(number), links.grant(lives_s=60 + number))
    with pytest.raises(Unavailable):
        links.store.save(Secret.ACCESS, "3", links.grant())
    links.clock.at += timedelta(seconds=61)
    links.store.save(Secret.ACCESS, "3", links.grant())
    assert links.store.find(Secret.ACCESS, "3") is not None


def test_made_up_secrets_cost_a_look_and_wait_for_nobody_who_writes(tmp_path: Path) -> None:
    path, clock = tmp_path / "links.sqlite3", SetClock()
    store = SqlLinks(f"sqlite:///{path}", 0.1, clock, most=9)
    store.save(Secret.ACCESS, "good", Links(store, clock).grant())
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert store.find(Secret.ACCESS, "good") is not None
        assert store.find(Secret.ACCESS, "x") is store.use(Secret.CODE, "x", "demo") is store.use(Secret.REFRESH, "x.y", "demo") is store.login("x") is None
        with pytest.raises(Unavailable):
            store.use(Secret.REFRESH, "f.y", "demo")  # of a family that there is: that ends it
    store.close()


class Unread:
    def __getattr__(self, name: str) -> Any:
        raise AssertionError("looked up")


@pytest.mark.parametrize("token", ["", "x", "x" * 42, "x" * 44, "é" * 43, "x" * 42 + "\n", "x" * 10_000, "eyJh.eyJp.sig"])
def test_what_is_no_token_of_ours_is_not_even_looked_up(token: str) -> None:
    tokens = LinkedAccounts(Unread, Guarded("accounts", bounds(5, 5, 5, 5), SetClock()))
    assert asyncio.run(tokens.customer(token)) is None


def test_secrets_are_kept_as_hashes(tmp_path: Path) -> None:
    path = tmp_path / "links.sqlite3"
    store = SqlLinks(f"sqlite:///{path}", 5.0, SetClock(), most=9)
    links = Links(store, SetClock())
    store.add_login("AAAA-BBBB-CCCC", CustomerId("cust-1"))
    store.save(Secret.ACCESS, "very-secret-token", links.grant())
    store.close()
    assert not any(secret in path.read_bytes() for secret in (b"AAAA-BBBB", b"very-secret-token"))


def test_a_database_that_can_not_be_used_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        SqlLinks("sqlite:////proc/nowhere/links.sqlite3", 1.0, SetClock(), most=9).login("x")
