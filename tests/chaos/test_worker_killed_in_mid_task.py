"""SIGKILL of a worker in the middle of its work: the work stays due, and is done by whoever comes next."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from services import wire
from services.adapters.redis_link import sync_link
from services.cli.embedded_redis import running
from services.kit.settings import Settings
from services.wire import Channel
from tests.examples import examples
from tests.processes import append, due_left, outages, pieces, reached
from tests.tree import PATIENCE, wait_until

AREAS = 1_500
"""Enough that a round of work takes long enough to be hit."""
WORKER = ["worker", "--channel", "voice_cache", "--channel", "site"]
CHANNELS = (Channel.VOICE_CACHE, Channel.SITE)


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    return Settings(journal_url=redis_url, data=tmp_path)


@pytest.fixture
def link(settings: Settings) -> Iterator["redis.Redis"]:
    with sync_link(settings) as client:
        yield client


def wait_in_mid_task(link: "redis.Redis", channel: Channel) -> None:
    """Until a worker holds `channel`, and areas are due: it is at work on them."""
    deadline = time.monotonic() + 20 * PATIENCE
    while not (link.exists(wire.lock(channel)) and link.zcard(wire.due(channel))):
        assert time.monotonic() < deadline, "no worker began"


def all_done(settings: Settings) -> bool:
    return not any(due_left(settings, channel) for channel in CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_due_work_is_done_after_a_restart_when_the_whole_worker_is_killed(settings: Settings, link: "redis.Redis", tmp_path: Path, channel: Channel) -> None:
    with pieces(settings, tmp_path / "log", ["relay"], WORKER) as (_, worker):
        position = append(settings, outages(AREAS, areas=AREAS))
        wait_in_mid_task(link, channel)
        worker.kill()
        assert not reached(settings, position, channel)
        worker.start_again()
        wait_until(lambda: reached(settings, position, *CHANNELS), 30, "the outputs show the last event")
        wait_until(lambda: all_done(settings), 15, "nothing is due")


def test_a_worker_ends_in_time_and_leaves_its_work_due_when_stopped_in_mid_task(settings: Settings, link: "redis.Redis", tmp_path: Path) -> None:
    with pieces(settings, tmp_path / "log", ["relay"], WORKER) as (_, worker):
        position = append(settings, outages(AREAS, areas=AREAS))
        wait_in_mid_task(link, Channel.SITE)
        assert worker.stop(within_s=12) == 0
        worker.start_again()
        wait_until(lambda: reached(settings, position, *CHANNELS), 30, "the outputs show the last event")


@pytest.mark.parametrize("attempt", range(examples(1)))
def test_relay_and_workers_go_on_when_redis_is_killed(tmp_path: Path, attempt: int) -> None:
    """Celery's worker ends by itself at some restarts of Redis: a supervisor starts it again, as `start_again` does here."""
    with running(tmp_path / "redis") as server:
        settings = Settings(journal_url=server.url, data=tmp_path, heartbeat_s=1.0)
        with pieces(settings, tmp_path / "log", ["relay"], WORKER, ["beat"]) as started:
            append(settings, outages(200, areas=AREAS))
            server.kill()
            server.restart()
            position = append(settings, outages(200, start=200, areas=AREAS))

            def shown() -> bool:
                for piece in started:
                    piece.start_again()
                return reached(settings, position, *CHANNELS)

            wait_until(shown, 40, "the outputs show the last event")
            assert started[0].process.poll() is None, "the relay needed no supervisor"
            assert started[2].process.poll() is None, "nor did the scheduler"


def test_every_process_ends_in_time_when_told_to_while_redis_is_away(tmp_path: Path) -> None:
    with running(tmp_path / "redis") as server:
        settings = Settings(journal_url=server.url, data=tmp_path)
        with pieces(settings, tmp_path / "log", ["relay"], WORKER, ["beat"]) as started:
            server.kill()
            wait_until(lambda: not started[0].is_ready(), 15, "the relay says that it isn't ready")
            began = time.monotonic()
            for piece in started:
                if piece.process.poll() is None:
                    piece.process.send_signal(signal.SIGTERM)
            for piece in started:
                piece.process.wait(14 * PATIENCE)
            assert time.monotonic() - began < 14 * PATIENCE
