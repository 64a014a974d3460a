"""A Celery worker's process: how it starts, shows that it turns, and stops."""

import os
import signal
import socket
import warnings
from contextlib import suppress
from threading import Event, Timer
from types import FrameType
from typing import Any, Literal

from billiard import active_children
from celery import Celery, bootsteps, signals
from celery.exceptions import SecurityWarning
from celery.worker import state

from services.kit.hearing import Hearing
from services.kit.logs import log
from services.kit.sidecar import Pulse

TURNED_EVERY_S = 1.0


def work(
    app: Celery, name: str, concurrency: int, pulse: Pulse, gone_after_s: float, hearing: Hearing, pool: Literal["prefork", "threads"] = "prefork"
) -> None:
    """Consume `app`'s queues until SIGTERM, so many tasks at once. Raises SystemExit where the worker ended by itself: the supervisor starts it anew.

    One that is deaf ends by itself.

    Processes (`prefork`) die with this one (Celery asks the kernel). Threads are for tasks that wait more than they work, and bound their time themselves.
    """
    asked = Event()
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of root, which is fine in a container: what it fears is pickle, and we take JSON only
    signals.setup_logging.connect(_ours, weak=False)
    app.steps["worker"].add(_leaving(asked, gone_after_s))
    app.steps["consumer"].add(_turning(pulse, hearing))
    signals.task_received.connect(lambda **_: hearing.heard(), weak=False)
    worker = app.Worker(
        hostname=f"{name}@{socket.gethostname()}-{os.getpid()}",
        pool=pool,
        concurrency=concurrency,
        optimization="fair",  # a doorbell goes to a child that is free, never into the pipe of one that is busy
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
    """End now, children too: all work is due until it is done."""
    log.warning("worker.abandoned", reason=reason)
    for child in active_children():
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    os._exit(code)


def _turning(pulse: Pulse, hearing: Hearing) -> type[bootsteps.StartStopStep]:
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

        def stop(self, _consumer: Any) -> None:
            self.timer.cancel()
            pulse.stop()

    return Turning
