"""The scheduler's process: how it keeps time, shows that it turns, and stops."""

import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.beat import ScheduleEntry, Scheduler, Service

from services.kernel.ports.failures import Unavailable
from services.kit.logs import log
from services.kit.sidecar import Pulse

Send = Callable[[str, str], bool]
"""Sends the task of that name to that queue."""

TURNED_EVERY_S = 1.0


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
