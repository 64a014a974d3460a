"""The Celery processes themselves: how a worker and the scheduler start, show that they turn, and stop."""

import os
import signal
import socket
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from threading import Event, Timer
from types import FrameType
from typing import Any

from billiard import active_children
from celery import Celery, bootsteps, signals
from celery.beat import ScheduleEntry, Scheduler, Service
from celery.exceptions import SecurityWarning

from services.kernel.ports.failures import Unavailable
from services.kit.logs import log
from services.kit.sidecar import Pulse

Send = Callable[[str, str], bool]
"""Sends the task of that name to that queue."""

TURNED_EVERY_S = 1.0


def work(app: Celery, name: str, concurrency: int, pulse: Pulse, gone_after_s: float) -> None:
    """Consume `app`'s queues until SIGTERM. Raises SystemExit where the worker ended by itself: the supervisor starts it anew.

    A process a channel (`concurrency`), so that a slow one holds no other up; each dies with this one (Celery asks the kernel).
    """
    asked = Event()
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of root, which is fine in a container: what it fears is pickle, and we take JSON only
    signals.setup_logging.connect(_ours, weak=False)
    app.steps["worker"].add(_leaving(asked, gone_after_s))
    app.steps["consumer"].add(_turning(pulse))
    worker = app.Worker(
        hostname=f"{name}@{socket.gethostname()}-{os.getpid()}",
        pool="prefork",
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


def _begone() -> None:
    """End now, children too: all work is due until it is done."""
    log.warning("worker.abandoned", reason="it did not end in time")
    for child in active_children():
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    os._exit(0)


def _turning(pulse: Pulse) -> type[bootsteps.StartStopStep]:
    class Turning(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery is not typed
        """Beats while the consumer is connected and its event loop turns. Stopped when the connection is lost."""

        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, consumer: Any) -> None:
            pulse.beat()
            self.timer = consumer.timer.call_repeatedly(TURNED_EVERY_S, pulse.beat)

        def stop(self, _consumer: Any) -> None:
            self.timer.cancel()
            pulse.stop()

    return Turning


def scheduler(app: Celery, every: Mapping[str, tuple[str, timedelta]], send: Send, pulse: Pulse) -> Service:
    """Sends each task of `every` (name -> queue and interval) when its interval has passed, from its `start` on.

    Nothing is kept on disk: after a restart all are sent at once, and two schedulers at once send twice. Both are harmless.
    """
    app.conf.beat_schedule = {task: {"task": task, "schedule": interval, "options": {"queue": queue}} for task, (queue, interval) in every.items()}
    return Service(app, scheduler_cls=_metronome(send, pulse), max_interval=TURNED_EVERY_S)


def schedule_until_term(service: Service) -> None:
    """Run `service` in this, the main thread."""
    signal.signal(signal.SIGTERM, _leave)
    service.start()


def _leave(*_: object) -> None:
    raise SystemExit(0)  # Celery's scheduler takes it as the word to stop


def _metronome(send: Send, pulse: Pulse) -> type[Scheduler]:
    class Metronome(Scheduler):  # type: ignore[misc]  # Celery is not typed
        """Keeps time whether or not the broker is there."""

        producer = None  # the base class would wait here for a broker that is down
        _works = True

        def setup_schedule(self) -> None:
            super().setup_schedule()
            for entry in self.schedule.values():
                entry.last_run_at -= entry.schedule.run_every  # due at once: the outputs may be old

        def tick(self, *args: Any, **options: Any) -> Any:
            pulse.beat()
            return super().tick(*args, **options)

        def apply_async(self, entry: ScheduleEntry, producer: object = None, advance: bool = True, **options: Any) -> None:
            if advance:
                self.reserve(entry)
            try:
                send(entry.task, entry.options["queue"])
            except Unavailable as error:
                if self._works:
                    log.warning("beat.interrupted", reason=str(error))
                self._works = False
            else:
                self._works = True

    return Metronome
