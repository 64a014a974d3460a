"""A Celery worker's process: how it starts, shows that it turns, and stops."""

import os
import signal
import socket
import time
import warnings
from pathlib import Path
from threading import Event, Timer
from types import FrameType
from typing import Any

from celery import Celery, bootsteps, signals
from celery.exceptions import SecurityWarning
from celery.worker import state

from services.kit.hearing import Hearing
from services.kit.logs import log
from services.kit.settings import MIB, Settings
from services.kit.sidecar import Pulse

TURNED_EVERY_S = 1.0


def work(app: Celery, name: str, concurrency: int, pulse: Pulse, hearing: Hearing, settings: Settings) -> None:
    """Consume `app`'s queues until SIGTERM, so many tasks at once. Raises SystemExit where the worker ended by itself: the supervisor starts it anew.

    One that is deaf ends by itself, and so does one that has a task for longer than `task_time_limit_s`, or has grown beyond `worker_max_mib`.
    Tasks run in threads, which nobody can stop from outside; a pool of processes could, and takes another 70 MB for each (ADR 28).
    """
    asked = Event()
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of root, which is fine in a container: what it fears is pickle, and we take JSON only
    signals.setup_logging.connect(_ours, weak=False)
    app.steps["worker"].add(_leaving(asked, settings.worker_gone_s))
    app.steps["consumer"].add(_turning(pulse, hearing, settings))
    signals.task_received.connect(lambda **_: hearing.heard(), weak=False)
    worker = app.Worker(
        hostname=f"{name}@{socket.gethostname()}-{os.getpid()}",
        pool="threads",
        concurrency=concurrency,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    if not asked.is_set():
        raise SystemExit(worker.exitcode or 1)


def _ours(**_: Any) -> None:
    """Logs are set up already (kit/logs.py); that someone listens to the signal is what keeps Celery from setting up its own."""


def _leaving(asked: Event, gone_after_s: float) -> type[bootsteps.StartStopStep]:
    class Leaving(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery is not typed
        """Bounds how long SIGTERM takes. Celery's own way out waits for the broker, which may be away for good."""

        requires = ("celery.worker.components:Pool",)

        def start(self, _worker: Any) -> None:
            ends: Any = signal.getsignal(signal.SIGTERM)

            def leave(number: int, frame: FrameType | None) -> None:
                if not asked.is_set():
                    asked.set()
                    watchdog = Timer(gone_after_s, _begone)
                    watchdog.daemon = True
                    watchdog.start()
                ends(number, frame)

            signal.signal(signal.SIGTERM, leave)

    return Leaving


def _begone(reason: str = "it did not end in time", code: int = 0) -> None:
    """End now: all work is due until it is done."""
    log.warning("worker.abandoned", reason=reason)
    os._exit(code)


class Busy:
    """Which tasks run, and since when."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def begun(self, task_id: str) -> None:
        """A task begins."""
        self._since[task_id] = time.monotonic()

    def ended(self, task_id: str) -> None:
        """It has ended, well or not."""
        self._since.pop(task_id, None)

    def longest_s(self) -> float:
        """How long the oldest one has run, in seconds; 0 where none runs."""
        began = min(self._since.copy().values(), default=None)
        return 0.0 if began is None else time.monotonic() - began


def resident_mib() -> float:
    """The memory that this process has, in MiB; 0 where the system has no /proc to tell it.

    Not `ru_maxrss`: that one begins with the peak of the process that started this one (Linux, `exec_mmap`), which may be large.
    """
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
    except OSError:
        return 0.0


def _turning(pulse: Pulse, hearing: Hearing, settings: Settings) -> type[bootsteps.StartStopStep]:
    busy = Busy()
    signals.task_prerun.connect(lambda task_id, **_: busy.begun(task_id), weak=False)
    signals.task_postrun.connect(lambda task_id, **_: busy.ended(task_id), weak=False)

    class Turning(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery is not typed
        """Beats while the consumer is connected and its event loop turns. Stopped when the connection is lost."""

        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, consumer: Any) -> None:
            pulse.beat()
            self.timer = consumer.timer.call_repeatedly(TURNED_EVERY_S, self.turned)

        def turned(self) -> None:
            pulse.beat()
            if hearing.deaf(busy=bool(state.active_requests)):
                _begone("it does not hear its doorbells", 1)
            if busy.longest_s() > settings.task_time_limit_s:
                _begone(f"a task has not ended within {settings.task_time_limit_s} s", 1)
            if not state.active_requests and resident_mib() > settings.worker_max_mib:
                _begone(f"it has grown beyond {settings.worker_max_mib} MiB", 1)

        def stop(self, _consumer: Any) -> None:
            self.timer.cancel()
            pulse.stop()

    return Turning
