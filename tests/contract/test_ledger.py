"""What any ledger does: SQL (SQLite, and PostgreSQL where it can be had), and its twin. And the ledger's schema."""

import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.adapters.ledger_engine import engine
from services.adapters.ledger_memory import MemoryLedger
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_tables import metadata
from services.adapters.ledger_upgrade import is_current, upgrade
from services.kernel.delivery import HeldFor, Outcome, Written
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Facts, Kind, Post, Said
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Ledger
from services.kernel.views import Position
from tests.builders import NOW
from tests.contract.ledgers import empty_ledger

LATER = NOW + timedelta(minutes=5)
TEXTS = {"en": "Power outage", "fr": "Panne"}
AT = Position("5-1")
Make = Callable[[], Ledger]


def post(post_id: str = "K2G:first_report:1", area: str = "K2G", kind: Kind = Kind.FIRST_REPORT) -> Post:
    said = Said(post_id, post_id, kind, NOW, 1250, NOW + timedelta(hours=3, microseconds=7))
    return Post(post_id, AreaId(area), kind, "because", Facts(outages=1), said)


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    made = SqlLedger(empty_ledger(request, request.param, tmp_path), 5)
    yield made
    made.close()


def write(ledger: Ledger, made: Post, account: str = "x") -> tuple[Written, int]:
    return ledger.write("social", account, made, TEXTS, AT, NOW)


def newest(ledger: Ledger, *areas: str, account: str = "x") -> dict[AreaId, Written]:
    return ledger.newest("social", account, [AreaId(area) for area in areas])


class TestLedger:
    def test_a_post_is_found_as_it_was_written(self, ledger: Ledger) -> None:
        written, folded = write(ledger, post())
        assert newest(ledger, "K2G", "K2J") == {AreaId("K2G"): written}
        assert (written.said, written.before, written.position, written.created_at, folded) == (post().said, None, AT, NOW, 0)
        assert [(one.lang, one.text, one.outcome, one.attempts) for one in written.deliveries] == [
            (lang, TEXTS[lang], Outcome.QUEUED, 0) for lang in ("en", "fr")
        ]

    def test_nothing_changes_when_a_post_is_written_again(self, ledger: Ledger) -> None:
        written, _ = write(ledger, post())
        ledger.start(written.deliveries[0].id, LATER)
        again, folded = ledger.write("social", "x", post(), {"en": "other words", "fr": "autre"}, AT, LATER)
        assert (again, folded) == (newest(ledger, "K2G")[AreaId("K2G")], 0)
        assert [one.outcome for one in again.deliveries] == [Outcome.SENDING, Outcome.QUEUED]
        assert again.deliveries[0].text == TEXTS["en"]

    def test_older_texts_are_folded_when_they_are_not_out_yet(self, ledger: Ledger) -> None:
        older, _ = write(ledger, post())
        ledger.mark(older.deliveries[0].id, Outcome.HELD, NOW, held_for=HeldFor.REFUSED)
        newer, folded = write(ledger, post("K2G:growth:2", kind=Kind.GROWTH))
        assert (folded, newest(ledger, "K2G")) == (2, {AreaId("K2G"): newer})
        assert not write(ledger, post())[0].is_open

    @pytest.mark.parametrize(
        ("outcome", "held_for"), [(Outcome.DELIVERED, None), (Outcome.SENDING, None), (Outcome.HELD, HeldFor.UNCERTAIN), (Outcome.HELD, HeldFor.DRY_RUN)]
    )
    def test_what_is_or_may_be_out_is_never_folded(self, ledger: Ledger, outcome: Outcome, held_for: HeldFor | None) -> None:
        older, _ = write(ledger, post())
        for one in older.deliveries:
            ledger.mark(one.id, outcome, NOW, held_for=held_for)
        assert write(ledger, post("K2G:growth:2"))[1] == 0
        assert {one.outcome for one in write(ledger, post())[0].deliveries} == {outcome}

    def test_what_had_been_said_before_is_kept(self, ledger: Ledger) -> None:
        later = Post("K2G:growth:2", AreaId("K2G"), Kind.GROWTH, "because", Facts(), post().said, post().said)
        assert write(ledger, later)[0].before == post().said

    def test_other_areas_and_accounts_are_left_alone(self, ledger: Ledger) -> None:
        here, _ = write(ledger, post())
        elsewhere, _ = write(ledger, post("K2J:first_report:1", "K2J"))
        other, folded = write(ledger, post(), "y")
        assert folded == 0
        assert newest(ledger, "K2G", "K2J") == {here.area: here, elsewhere.area: elsewhere}
        assert newest(ledger, "K2G", account="y") == {other.area: other}

    def test_each_start_counts_as_an_attempt(self, ledger: Ledger) -> None:
        first = write(ledger, post())[0].deliveries[0].id
        ledger.start(first, NOW)
        ledger.mark(first, Outcome.QUEUED, LATER, error="429")
        ledger.start(first, LATER)
        ledger.mark(first, Outcome.DELIVERED, LATER, remote_id="77")
        stored = newest(ledger, "K2G")[AreaId("K2G")].deliveries[0]
        assert (stored.outcome, stored.attempts, stored.remote_id, stored.at, stored.error) == (Outcome.DELIVERED, 2, "77", LATER, "")
        assert ledger.remote_id("social", "x", post().id, "en") == "77"
        assert ledger.remote_id("social", "x", post().id, "fr") is None
        assert ledger.remote_id("social", "y", post().id, "en") is None

    def test_only_one_of_two_workers_that_read_the_same_begins(self, ledger: Ledger) -> None:
        first = write(ledger, post())[0].deliveries[0]
        assert [ledger.start(first.id, at, first.attempts) for at in (NOW, LATER)] == [TEXTS["en"], None]
        stored = newest(ledger, "K2G")[AreaId("K2G")].deliveries[0]
        assert (stored.outcome, stored.attempts, stored.at) == (Outcome.SENDING, 1, NOW)
        assert ledger.start(first.id, LATER, stored.attempts) == TEXTS["en"], "who reads that it is begun goes on with it"

    def test_more_areas_can_be_asked_for_than_one_statement_takes(self, ledger: Ledger) -> None:
        written, _ = write(ledger, post())
        assert newest(ledger, *(f"area-{number}" for number in range(3_000)), "K2G") == {written.area: written}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_exactly_the_tables_of_the_code(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> None:
    made = engine(empty_ledger(request, kind, tmp_path), 5)
    with made.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    made.dispose()


def test_one_waits_for_the_other_when_two_upgrade_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/ledger.sqlite3"
    spawn = multiprocessing.get_context("spawn")
    starters = [spawn.Process(target=upgrade, args=(url,)) for _ in range(3)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(60)
    assert [starter.exitcode for starter in starters] == [0, 0, 0]
    assert is_current(url)


def test_an_upgrade_changes_nothing_when_repeated_and_keeps_what_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    assert not is_current(url)
    assert not (tmp_path / "ledger.sqlite3").exists(), "asking must make nothing"
    upgrade(url)
    made = SqlLedger(url, 5)
    written, _ = write(made, post())
    upgrade(url)
    assert newest(made, "K2G") == {written.area: written}


def test_an_operator_is_told_what_to_run_when_the_ledger_is_not_set_up(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="surgecast migrate"):
        newest(SqlLedger(f"sqlite:///{tmp_path}/ledger.sqlite3", 1), "K2G")


def test_the_ledger_is_unavailable_and_unchanged_when_another_holds_its_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    upgrade(url)
    made = SqlLedger(url, 0.1)
    with sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            write(made, post())
        other.execute("ROLLBACK")
    assert newest(made, "K2G") == {}


def test_the_newest_posts_are_listed_newest_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    upgrade(url)
    made = SqlLedger(url, 5)
    for number in range(4):
        write(made, post(f"K2G:growth:{number}"), account="x" if number else "y")
    assert [(account, written.post) for account, written in made.recent(3)] == [("x", f"K2G:growth:{number}") for number in (3, 2, 1)]
    assert made.recent(3, AreaId("K9Z")) == []
