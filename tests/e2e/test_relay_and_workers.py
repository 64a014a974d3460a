"""From an appended event to what every channel published, through the real relay, real Celery and a real server."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from pydantic import SecretStr

from services import wire
from services.adapters.ledger_upgrade import upgrade
from services.adapters.social_build import active
from services.kernel.events import Status
from services.kit.settings import Settings
from services.wire import Channel
from tests.processes import append, due_left, outages, pieces, reached
from tests.tree import TRUST, wait_until


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    sender: dict[str, Any] = {"twilio_account_sid": "AC1", "twilio_auth_token": SecretStr("t"), "twilio_sender": "+16135550100"}  # or notices rest
    made = Settings(journal_url=redis_url, data=tmp_path, heartbeat_s=1.0, **sender)
    upgrade(made.ledger)
    return made


def test_every_channel_reaches_the_last_position_when_events_are_appended(settings: Settings, tmp_path: Path) -> None:
    commands = (["relay"], ["worker", "--channel", "voice_cache", "--channel", "site"], ["worker", "--channel", "social", "--channel", "notices"], ["beat"])
    with pieces(settings, tmp_path / "log", *commands) as started:
        position = append(settings, outages(500))
        wait_until(lambda: reached(settings, position, Channel.VOICE_CACHE, Channel.SITE), 15, "voice and site show the first events")
        position = append(settings, outages(250, status=Status.RESTORED))

        def behind() -> str:
            late = [channel for channel in active(settings) if not reached(settings, position, channel)]
            return f"Behind: {late}. {(tmp_path / 'log').read_text()[-4000:]}"

        wait_until(lambda: reached(settings, position, *active(settings)), 20, "every channel shows the last event", behind)
        wait_until(lambda: not due_left(settings, Channel.SITE), 10, "nothing is due for the site")
        summary = json.loads((settings.site_folder / wire.site_feed("en", "summary.json")).read_bytes())
        assert summary["outages"] == 250
        metrics = httpx.get(f"http://127.0.0.1:{started[0].port}/metrics").text
        assert "surgecast_relay_folded_entries_total 750.0" in metrics
        assert [piece.stop() for piece in reversed(started)] == [0, 0, 0, 0]


def test_the_work_is_done_when_every_doorbell_is_lost(settings: Settings, tmp_path: Path) -> None:
    """Doorbells rung while nobody listens are taken away: what is due is rung for again."""
    with pieces(settings, tmp_path / "log", ["relay"]), redis.Redis.from_url(settings.journal_url) as link:
        position = append(settings, outages(10))
        queue = wire.queue(Channel.VOICE_CACHE)
        wait_until(lambda: link.llen(queue), 10, "a doorbell waits")
        link.delete(queue)
        with pieces(settings, tmp_path / "worker.log", ["worker", "--channel", "voice_cache"]):
            wait_until(lambda: reached(settings, position, Channel.VOICE_CACHE), 15, "the voice channel shows the events")


def test_doorbells_do_not_pile_up_when_no_worker_listens(settings: Settings, tmp_path: Path) -> None:
    with pieces(settings, tmp_path / "log", ["relay"], ["beat"], ["beat"]) as (relay, *_), redis.Redis.from_url(settings.journal_url) as link:
        append(settings, outages(10))
        full = 'surgecast_doorbells_total{channel="site",reason="queue_full"}'
        wait_until(lambda: full in httpx.get(f"http://127.0.0.1:{relay.port}/metrics", verify=TRUST).text, 30, "the relay finds the queue full")
        assert link.llen(wire.queue(Channel.SITE)) <= settings.doorbells_waiting_max + 2  # three ring without a lock between them
