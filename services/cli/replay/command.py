"""`surgecast replay` and `surgecast demo`."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from services.cli import storm
from services.cli.failure import Failure
from services.cli.replay import outputs, report
from services.cli.replay.ahead import Ahead
from services.cli.replay.frames import Frame, batched, frames
from services.cli.replay.pace import Pace, speed_of
from services.cli.replay.sender import Sender
from services.cli.up.folder import KEY_NAME
from services.kernel.events import encode_event
from services.kit.clock import SystemClock
from services.kit.settings import Settings


def replay(settings: Settings, files: Sequence[Path], format_name: str | None, speed: str, url: str | None, key: str | None, key_file: Path | None) -> int:
    """Send `files` again, one after the other; gives the exit code: 1 where an output did not show the end. Raises `Failure`."""
    factor = speed_of(speed)
    window_s = _window_s(settings, factor)
    requests = (frame for path in files for frame in frames(path, format_name, settings.replay_batch_events, window_s))
    return _run(settings, requests, factor, url, key or key_from(key_file or settings.data / KEY_NAME))


def demo(settings: Settings, speed: str, url: str | None, key_file: Path | None) -> int:
    """Let the demo storm begin now; as `replay`."""
    factor = speed_of(speed)
    events = ((event.occurred_at, encode_event(event)) for event in storm.from_now(storm.storm(), SystemClock().now()))
    requests = batched(events, settings.replay_batch_events, _window_s(settings, factor))
    return _run(settings, requests, factor, url, key_from(key_file or settings.data / KEY_NAME))


def _window_s(settings: Settings, speed: float) -> float:
    """In the storm's time: without a pace to keep, only their number parts the events."""
    return settings.replay_window_s * speed if speed else math.inf


def key_from(path: Path) -> str:
    """The key in `path`. Raises `Failure`."""
    try:
        key = path.read_text().strip()
    except OSError as error:
        raise Failure(f"No ingest key in {path}: {error.strerror}. Start `surgecast up` first, or give one with --key or --key-file.") from None
    if not key or not key.isascii() or " " in key:
        raise Failure(f"{path} doesn't hold an ingest key. `surgecast keys create NAME` makes one.")
    return key


def _run(settings: Settings, requests: Iterator[Frame], speed: float, url: str | None, key: str) -> int:
    origin = url or f"http://127.0.0.1:{settings.port}"
    pace, raw_bytes, started = Pace(speed), 0, time.monotonic()
    with httpx.Client(base_url=origin, timeout=settings.replay_timeout_s, trust_env=False) as client:
        sender = Sender(client, key, settings, SystemClock())
        with report.Bar() as bar:
            for frame in Ahead(requests):
                pace.wait_for(frame.at)
                sender.send(frame)
                raw_bytes += frame.raw_bytes
                bar.show(frame, sender.tally)
        answered = time.monotonic()
        reached = outputs.wait(client, sender.tally.position, answered, settings.replay_outputs_s)
    report.tell(sender.tally, answered - started, raw_bytes, reached)
    return 1 if None in reached.values() else 0
