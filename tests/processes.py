"""Relay, workers and scheduler as processes of their own, on a real server: the pieces that chaos tests kill."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import redis
from pydantic import SecretStr

from services.adapters.journal_redis import RedisJournal
from services.adapters.redis_link import async_link, sync_link
from services.adapters.rounds_redis import RedisRounds
from services.kernel.events import OutageEvent, Status
from services.kernel.ids import AreaId, OutageId, SourceName
from services.kernel.views import ORIGIN, Position, position_order
from services.kit.settings import Settings
from services.wire import Channel
from tests.tree import PATIENCE, ROOT, TRUST, free_port, wait_until

T0 = datetime(2018, 9, 21, 21, 0, tzinfo=UTC)


def _told(value: object) -> str:
    """A setting as the environment has it."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


class Piece:
    """One process of the product, and the port of its health checks."""

    def __init__(self, words: Sequence[str], settings: Settings, log: Path) -> None:
        self.words, self.settings, self.log, self.port = words, settings, log, free_port()
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        env = os.environ | {f"SURGECAST_{name.upper()}": _told(getattr(self.settings, name)) for name in self.settings.model_fields_set}
        env |= {"SURGECAST_RELAY_CLAIM_IDLE_MS": str(self.settings.relay_claim_idle_ms), "SURGECAST_HEARTBEAT_S": str(self.settings.heartbeat_s)}
        command = [sys.executable, "-m", "services", *self.words, "--port", str(self.port)]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"{self.words} ended with {self.process.returncode}: {self.log.read_text()[-3000:]}"
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5, verify=TRUST).status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self) -> "Piece":
        wait_until(self.is_ready, 30, f"{self.words} is ready")
        return self

    def kill(self) -> None:
        """SIGKILL, to the process itself: nobody tidies up."""
        self.process.kill()
        self.process.wait(10)

    def start_again(self) -> None:
        """As a supervisor does where it has ended."""
        if self.process.poll() is not None:
            self.process = self._start()

    def stop(self, within_s: float = 15) -> int:
        """SIGTERM; its exit code. `within_s` is for two idle cores."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within_s * PATIENCE)
        finally:
            if self.process.poll() is None:
                self.process.kill()


@contextmanager
def pieces(settings: Settings, log: Path, *commands: Sequence[str]) -> Iterator[list[Piece]]:
    """These commands, ready; killed at the end."""
    started: list[Piece] = []
    try:
        for words in commands:
            started.append(Piece(words, settings, log))  # noqa: PERF401 - those that started are ended where one did not
        yield [piece.wait_ready() for piece in started]
    finally:
        for piece in started:
            if piece.process.poll() is None:
                piece.kill()


def outages(count: int, start: int = 0, areas: int = 10, status: Status = Status.ACTIVE) -> list[OutageEvent]:
    """Events of as many outages, spread over `areas` areas."""
    return [
        OutageEvent(
            event_id=f"{status}-{number}",
            outage_id=OutageId(f"o{number}"),
            occurred_at=T0 + timedelta(seconds=number),
            status=status,
            customers_affected=10 + number,
            areas=(AreaId(f"k{number % areas}"),),
        )
        for number in range(start, start + count)
    ]


def append(settings: Settings, events: Sequence[OutageEvent]) -> Position:
    """Append as ingest does; the position of the last event."""

    async def write() -> Position:
        async with async_link(settings) as link:
            answers = await RedisJournal(link, settings.heard_events_max).append(SourceName("test"), events)
        position = answers[-1].position
        assert position is not None
        return position

    return asyncio.run(write())


def reached(settings: Settings, position: Position, *channels: Channel) -> bool:
    """Whether these channels have published `position`. False while Redis is away."""
    with sync_link(settings) as link:
        try:
            shown = [RedisRounds(link).published(channel) for channel in channels]
        except Exception:
            return False
    return all(position_order(stamp.position if stamp else ORIGIN) >= position_order(position) for stamp in shown)


def due_left(settings: Settings, channel: Channel) -> int:
    from services import wire

    with redis.Redis.from_url(settings.journal_url) as link:
        return int(link.zcard(wire.due(channel)))
