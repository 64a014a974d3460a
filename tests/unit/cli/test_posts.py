"""`surgecast posts`."""

from pathlib import Path

import pytest

from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from services.cli.posts import posts
from services.kernel.delivery import Outcome
from services.kernel.ids import AreaId
from services.kernel.planning.posts import Facts, Kind, Post, Said
from services.kernel.views import Position
from services.kit.settings import Settings
from tests.builders import NOW


@pytest.fixture
def ledger_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    monkeypatch.setenv("SURGECAST_LEDGER_URL", url)
    monkeypatch.setenv("COLUMNS", "200")
    return url


def test_each_text_is_listed_with_what_became_of_it(ledger_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    upgrade(ledger_url)
    ledger = SqlLedger(ledger_url, 5)
    made = Post("p", AreaId("K2G"), Kind.GROWTH, "", Facts(), Said("p", "p", Kind.GROWTH, NOW, 9))
    written, _ = ledger.write("social", "x", made, {"en": "Outage [bold]", "fr": "Panne"}, Position("1-0"), NOW)
    ledger.mark(written.deliveries[0].id, Outcome.DEAD_LETTERED, NOW, error="400 [too long]")
    assert posts(Settings(), 5, "") == 0
    shown = capsys.readouterr().out
    for fact in ("K2G", "growth", "dead_lettered", "400 [too long]", "en  ", "Outage [bold]", "queued", "fr  ", "Panne"):
        assert fact in shown


def test_an_empty_ledger_says_so(ledger_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    upgrade(ledger_url)
    assert posts(Settings(), 5, "K9Z") == 0
    assert capsys.readouterr().out == "Nothing was posted about K9Z.\n"


def test_it_says_what_to_run_when_there_is_no_ledger_yet(ledger_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert posts(Settings(), 5, "") == 1
    assert "surgecast migrate" in capsys.readouterr().err.replace("\n", " ")
