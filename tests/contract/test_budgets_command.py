"""`surgecast deliveries budgets`, as typed: it counts as the workers do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.adapters.budgets_redis import budgets_of
from services.adapters.redis_link import sync_link
from services.adapters.social_build import terms
from services.cli.app import app
from services.cli.failure import Failure
from services.kernel.planning.spending import Cost
from services.kit.clock import SystemClock
from services.kit.settings import Settings


def shown() -> str:
    return CliRunner().invoke(app, ["deliveries", "budgets"], catch_exceptions=False).output


def test_it_tells_what_the_workers_left(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text("accounts: [{service: apprise, name: crew, target: {env: NOT_SET}}]")
    for name, value in (("JOURNAL_URL", redis_url), ("DATA", str(tmp_path)), ("X_MONEY_PER_MONTH", "10"), ("ACCOUNTS", str(file))):
        monkeypatch.setenv(f"SURGECAST_{name}", value)
    monkeypatch.setenv("COLUMNS", "160")
    settings, now = Settings(), SystemClock().now()
    channel, account, told = terms(settings)[0]
    with sync_link(settings) as link:
        budgets = budgets_of(link, channel, account, told, 0.1, settings)
        assert budgets.take({str(number): Cost(1, 0.2) for number in range(12)}, now) is None
    rows = [" ".join(line.split()) for line in shown().splitlines()]
    assert rows[1].startswith("x-dry-run (social) 15 min 88 100 10 12 at ")
    assert rows[2].startswith("24 h 9,988 10,000 1,000 12 at ")
    assert rows[3].startswith("30 days $7.60 $10.00 $1.00 $2.40 at ")
    assert rows[4] == "crew (apprise) no limit is known"


def test_it_says_why_it_can_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURGECAST_DATA", str(tmp_path))
    monkeypatch.setenv("SURGECAST_JOURNAL_URL", "redis://127.0.0.1:1/0")
    with pytest.raises(Failure, match="Redis can't be reached"):
        shown()
