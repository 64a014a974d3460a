"""SIGKILL of a relay: what it had read is taken over, by its next life or by another relay, and nothing is lost."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from pydantic import SecretStr

from services import wire
from services.adapters.fold_redis import RedisFold
from services.adapters.redis_link import sync_link
from services.adapters.social_build import active
from services.kernel.views import Position
from services.kit.settings import Settings
from services.wire import Channel
from tests.processes import append, outages, pieces
from tests.tree import wait_until

AREAS = 40
TEXTS: dict[str, Any] = {"twilio_account_sid": "AC1", "twilio_auth_token": SecretStr("t"), "twilio_sender": "+16135550100"}
"""A sender of notices, or nothing falls due for their channel."""
CHANNELS = active(Settings(**TEXTS))
"""Those that have anything to do."""


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(journal_url=redis_url, data=tmp_path, relay_claim_idle_ms=500, **TEXTS)


@pytest.fixture
def link(settings: Settings) -> Iterator["redis.Redis"]:
    with sync_link(settings) as client:
        yield client


def due_areas(link: "redis.Redis") -> dict[Channel, set[bytes]]:
    return {channel: set(link.zrange(wire.due(channel), 0, -1)) for channel in CHANNELS}  # type: ignore[arg-type]


def all_folded(link: "redis.Redis", last: Position) -> bool:
    """Every entry was read and none is held."""
    group = link.xinfo_groups(wire.JOURNAL)[0]  # type: ignore[index]
    return bool(group["last-delivered-id"].decode() == last and group["pending"] == 0)


def everything(count: int = AREAS) -> dict[Channel, set[bytes]]:
    return {channel: {f"k{number}".encode() for number in range(count)} for channel in CHANNELS}


def test_another_relay_takes_over_when_one_dies_with_entries_in_hand(settings: Settings, link: "redis.Redis", tmp_path: Path) -> None:
    last = append(settings, outages(400, areas=AREAS))
    held = RedisFold(link).read("relay-that-died", 250, 10)  # read, and never committed
    assert len(held) == 250
    with pieces(settings, tmp_path / "log", ["relay"]):
        wait_until(lambda: all_folded(link, last), 15, "all entries are folded")
    assert due_areas(link) == everything()


@pytest.mark.parametrize("attempt", range(3))
def test_nothing_is_lost_when_relays_are_killed_while_events_arrive(settings: Settings, link: "redis.Redis", tmp_path: Path, attempt: int) -> None:
    with pieces(settings, tmp_path / "log", ["relay"], ["relay"]) as relays:
        for number, relay in enumerate((*relays, relays[0])):
            append(settings, outages(200, start=number * 200, areas=AREAS))
            relay.kill()
            append(settings, outages(7, start=10_000 + 10 * number + attempt, areas=AREAS))
            relay.start_again()
        last = append(settings, outages(1, start=20_000, areas=AREAS))
        wait_until(lambda: all_folded(link, last), 30, "all entries are folded")
    assert due_areas(link) == everything()


def test_a_relay_finds_its_own_entries_again_when_it_comes_back_before_anyone_takes_over(link: "redis.Redis", redis_url: str, tmp_path: Path) -> None:
    settings = Settings(journal_url=redis_url, data=tmp_path, relay_claim_idle_ms=3_600_000, **TEXTS)
    last = append(settings, outages(50, areas=AREAS))
    with pieces(settings, tmp_path / "log", ["relay"]) as (relay,):
        wait_until(lambda: all_folded(link, last), 15, "all entries are folded")
        name: bytes = link.xinfo_consumers(wire.JOURNAL, wire.RELAY_GROUP)[0]["name"]  # type: ignore[index]
        relay.kill()
        last = append(settings, outages(50, start=50, areas=AREAS))
        assert len(RedisFold(link).read(name.decode(), 50, 10)) == 50  # as if it had read them and died
        link.delete(*(wire.due(channel) for channel in CHANNELS))
        relay.start_again()
        wait_until(lambda: all_folded(link, last), 15, "what it held is folded")
    assert due_areas(link) == everything()


def test_a_relay_goes_on_by_itself_when_redis_was_away(tmp_path: Path) -> None:
    """Redis is killed under it: the process stays, says that it isn't ready, and catches up."""
    from services.cli.embedded_redis import running

    with running(tmp_path / "redis") as server:
        settings = Settings(journal_url=server.url, data=tmp_path)
        with pieces(settings, tmp_path / "log", ["relay"]) as (relay,):
            append(settings, outages(20))
            server.kill()
            wait_until(lambda: not relay.is_ready(), 15, "the relay says that it isn't ready")
            server.restart()
            last = append(settings, outages(20, start=20))
            with sync_link(settings) as link:
                wait_until(lambda: all_folded(link, last), 15, "all entries are folded")
            wait_until(relay.is_ready, 10, "the relay is ready again")
            assert relay.stop() == 0


def test_a_relay_that_is_told_to_stop_leaves_the_group(settings: Settings, link: "redis.Redis", tmp_path: Path) -> None:
    with pieces(settings, tmp_path / "log", ["relay"]) as (relay,):
        last = append(settings, outages(20))
        wait_until(lambda: all_folded(link, last), 15, "all entries are folded")
        relay.process.send_signal(signal.SIGTERM)
        assert relay.process.wait(10) == 0
    assert link.xinfo_consumers(wire.JOURNAL, wire.RELAY_GROUP) == []
