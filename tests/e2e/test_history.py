"""A storm with a tiny window to keep, through the real relay, worker and scheduler; then every export has what was acknowledged, no more and no less."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from redis import Redis
from typer.testing import CliRunner

from services import wire
from services.adapters.journal_redis import RedisJournal
from services.adapters.ledger_upgrade import upgrade
from services.adapters.redis_link import async_link
from services.cli.app import app
from services.kernel.events import OutageEvent, decode_event
from services.kernel.ids import SourceName
from services.kernel.outage import Acceptance
from services.kit.settings import Settings
from tests.processes import pieces
from tests.tree import ROOT, wait_until

KEEP = 10


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SURGECAST_JOURNAL_URL", redis_url)
    monkeypatch.setenv("SURGECAST_DATA", str(tmp_path))
    for name, value in {"JOURNAL_KEEP_ENTRIES": str(KEEP), "TRIM_EVERY_S": "0.2", "HISTORY_EVERY_S": "0.2", "HISTORY_BATCH_ENTRIES": "50"}.items():
        monkeypatch.setenv(f"SURGECAST_{name}", value)
    made = Settings()
    upgrade(made.ledger)
    return made


def acknowledged(settings: Settings, events: list[OutageEvent]) -> list[str]:
    """Append as ingest does; the positions of those accepted."""

    async def write() -> list[str]:
        async with async_link(settings) as link:
            answers = await RedisJournal(link, settings.heard_events_max).append(SourceName("demo"), events)
        return [answer.position for answer in answers if answer.outcome is Acceptance.ACCEPTED and answer.position]

    return asyncio.run(write())


def export(*arguments: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(app, ["export", *arguments])
    assert done.exit_code == 0, (done.exception, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_exports_have_what_was_acknowledged_when_the_worker_is_killed_in_between(settings: Settings, tmp_path: Path) -> None:
    storm = [decode_event(line) for line in (ROOT / "loadtests/storms/demo.ndjson").read_bytes().splitlines()]
    told: list[str] = []
    with (
        pieces(settings, tmp_path / "log", ["relay"], ["worker", "--channel", "social"], ["beat"]) as (_, worker, _),
        Redis.from_url(settings.journal_url) as link,
    ):
        for start in range(0, len(storm), 100):
            told += acknowledged(settings, storm[start : start + 100])
            if start == 400:
                wait_until(lambda: link.xlen(wire.JOURNAL) < 400, 30, "the journal is trimmed")
                worker.kill()
                worker.start_again()
        halfway = [line["position"] for line in export()]
        assert halfway == told, "part in the archive, part in the journal"
        wait_until(lambda: link.xlen(wire.JOURNAL) == KEEP, 30, "Redis keeps the window only")
    lines = export()
    assert [line["position"] for line in lines] == told
    assert [line["number"] for line in lines] == list(range(1, len(told) + 1))
    export("--format", "parquet", "--out", str(tmp_path / "storm.parquet"))
    assert pq.read_table(tmp_path / "storm.parquet")["position"].to_pylist() == told
    outages = export("--what", "outages")
    assert {line["outage_id"] for line in outages} == {event.outage_id for event in storm}
    assert len(outages) == len({event.outage_id for event in storm})
