"""A journal under Redis Sentinel: with WAIT for all replicas, neither a master that dies nor a planned move loses what was acknowledged (I1)."""

from pathlib import Path

import httpx
import pytest

from services.adapters.keys_redis import RedisKeys
from services.adapters.redis_link import sync_link
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from services.kernel.views import ORIGIN, Position, position_order
from services.kit.settings import Settings
from services.wire import Channel
from tests.chaos.failing_over import JOURNAL, Told, Writers, lost, under_load
from tests.processes import Piece, pieces, reached
from tests.sentinels import PATIENCE_S, REPLICAS, Watched, watched
from tests.tree import TRUST, wait_until

PARTS = (["ingest"], ["relay"], ["beat"], ["worker", "--channel", "voice_cache"], ["voice"])


def supervised(parts: list[Piece]) -> bool:
    """As a supervisor does, start again what has ended: now and then Celery's consumer ends when its broker goes."""
    for part in parts:
        part.start_again()
    return True


def spoken(voice: Piece) -> Position:
    """The position that voice speaks of; the first of all while it doesn't answer."""
    try:
        answer = httpx.post(f"http://127.0.0.1:{voice.port}/voice/v1/ask", json={"text": "how many are out", "locale": "en-CA"}, timeout=10, verify=TRUST)
    except httpx.TransportError:
        return ORIGIN
    return Position(answer.json()["position"]) if answer.status_code == 200 else ORIGIN


def kept(group: Watched, told: Told) -> tuple[list[str], Position]:
    """What was acknowledged and isn't in the journal, and where that ends, on servers that are whole again."""
    wait_until(group.whole, PATIENCE_S, "all servers are back")
    with group.link(group.master(), timeout_s=60) as link:
        return lost(told, link), Position(link.xrevrange(JOURNAL, count=1)[0][0].decode())  # type: ignore[index]


@pytest.mark.timeout(600)
def test_no_failover_loses_what_was_acknowledged_once_all_replicas_had_it(tmp_path: Path) -> None:
    with watched(tmp_path / "redis", min_replicas=1) as group:
        settings = Settings(journal_url=group.url, data=tmp_path, journal_wait_replicas=REPLICAS, redis_timeout_s=2, heartbeat_s=1.0, relay_claim_idle_ms=500)
        with sync_link(settings) as link:
            key = RedisKeys(link).create(SourceName("oms"), SCOPES)
            wait_until(lambda: link.execute_command("WAIT", REPLICAS, 2_000) == REPLICAS, PATIENCE_S, "the replicas have the key")
        with pieces(settings, tmp_path / "log", *PARTS) as parts:
            with Writers(f"http://127.0.0.1:{parts[0].port}", key) as told:
                under_load(told, group.move)
                wait_until(group.whole, PATIENCE_S, "all servers are back")
                under_load(told, group.kill)
            assert told.failure is None
            missing, last = kept(group, told)
            assert missing == []
            wait_until(lambda: supervised(parts) and reached(settings, last, Channel.VOICE_CACHE), PATIENCE_S, "relay and worker follow the new master")
            # Later than `last` is well: what a writer had given up waiting for may have been taken since.
            wait_until(lambda: supervised(parts) and position_order(spoken(parts[-1])) >= position_order(last), PATIENCE_S, "voice follows the new master")
            assert told.refused, "it was never refused: nothing failed over"
