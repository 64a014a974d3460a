"""A storm with a tiny window to keep, through the real relay, worker and scheduler; then every export has what was acknowledged, no more and no less."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from redis import Redis

from services import wire
from services.adapters.journal_redis import RedisJournal
from services.adapters.ledger_upgrade import upgrade
from services.adapters.redis_link import async_link
from services.kernel.events import OutageEvent, decode_event
from services.kernel.ids import SourceName
from services.kernel.outage import Acceptance
from services.kit.settings import Settings
from tests.processes import pieces
from tests.tree import ROOT, wait_until

KEEP = 10


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {"JOURNAL_KEEP_ENTRIES": str(KEEP), "TRIM_EVERY_S": "0.2", "HISTORY_EVERY_S": "0.2", "HISTORY_BATCH_ENTRIES": "50"}.items():
        monkeypatch.setenv(f"SURGECAST_{name}", value)
    made = Settings(journal_url=redis_url, data=tmp_path)
    upgrade(made.ledger)
    return made


def acknowledged(settings: Settings, events: list[OutageEvent]) -> list[str]:
    """Append as ingest does; the positions of those accepted."""

    async def write() -> list[str]:
        async with async_link(settings) as link:
            answers = await RedisJournal(link, settings.heard_events_max).append(SourceName("demo"), events)
        return [answer.position for answer in answers if answer.outcome is Acceptance.ACCEPTED and answer.position]

    return asyncio.run(write())


def export(settings: Settings, *arguments: str) -> bytes:
    env = {**os.environ, "SURGECAST_JOURNAL_URL": settings.journal_url, "SURGECAST_DATA": str(settings.data)}
    done = subprocess.run([sys.executable, "-m", "services", "export", *arguments], cwd=ROOT, env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.timeout(120)
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
        halfway = [json.loads(line)["position"] for line in export(settings).splitlines()]
        assert halfway == told, "part in the archive, part in the journal"
        wait_until(lambda: link.xlen(wire.JOURNAL) == KEEP, 30, "Redis keeps the window only")
    lines = [json.loads(line) for line in export(settings).splitlines()]
    assert [line["position"] for line in lines] == told
    assert [line["number"] for line in lines] == list(range(1, len(told) + 1))
    export(settings, "--format", "parquet", "--out", str(tmp_path / "storm.parquet"))
    assert pq.read_table(tmp_path / "storm.parquet")["position"].to_pylist() == told
    outages = [json.loads(line) for line in export(settings, "--what", "outages").splitlines()]
    assert {line["outage_id"] for line in outages} == {event.outage_id for event in storm}
    assert len(outages) == len({event.outage_id for event in storm})
