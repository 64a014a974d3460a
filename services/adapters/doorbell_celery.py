"""Doorbells as Celery tasks, rung by name: whoever rings needn't have the code of whoever answers. Meets `kernel.ports.Doorbell`."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from services import wire
from services.adapters.redis_link import sync_link, told
from services.kernel.ports.failures import Unavailable
from services.kit.celery_config import celery_app
from services.kit.hearing import Hearing
from services.kit.settings import Settings
from services.wire import Channel

ROUTES = {wire.TASK[channel]: wire.queue(channel) for channel in Channel} | {
    wire.JANITOR_TASK: wire.JANITOR_QUEUE,
    wire.ARCHIVE_TASK: wire.HISTORY_QUEUE,
    wire.PURGE_TASK: wire.HISTORY_QUEUE,
    wire.ASKED_TASK: wire.HISTORY_QUEUE,
    wire.POLL_TASK: wire.POLL_QUEUE,
}
"""Which queue each task goes to."""
HEARING_TIMEOUT_S = 1.0
"""Longest that a worker's event loop waits for the lengths of its queues."""


def ringer(settings: Settings) -> Celery:
    """An application that sends and consumes nothing."""
    return celery_app(settings, ROUTES, ())


class CeleryDoorbell:
    """Rings through `app`'s broker, one connection, from one thread."""

    def __init__(self, app: Celery, waiting_max: int, expires_s: float) -> None:
        """`waiting_max` bounds each queue; a doorbell older than `expires_s` isn't answered: newer ones have been rung since."""
        self._app, self._waiting_max, self._expires_s = app, waiting_max, expires_s

    def send(self, channel: str) -> bool:
        """Meets `Doorbell.send`."""
        task = wire.TASK[Channel(channel)]
        return self.send_task(task, ROUTES[task])

    def send_task(self, task: str, queue: str) -> bool:
        """Send the task named `task`; False where `queue` is full."""
        with _told(), self._app.producer_or_acquire() as producer:
            producer.connection.ensure_connection(max_retries=0, reraise_as_library_errors=True)
            if producer.channel.client.llen(queue) >= self._waiting_max:
                return False
            self._app.send_task(task, queue=queue, producer=producer, retry=False, expires=self._expires_s, ignore_result=True)
        return True


@contextmanager
def _told() -> Iterator[None]:
    """Every way in which the broker is away, as `Unavailable`."""
    try:
        yield
    except (OperationalError, redis.RedisError, OSError) as error:
        raise Unavailable(f"The broker can't be reached: {error or type(error).__name__}") from error


def hearing(settings: Settings, app: Celery) -> Hearing:
    """Whether a worker of `app` hears what waits in its queues; asked over a link of its own, as the worker's own may be what has gone deaf."""
    link = sync_link(settings.model_copy(update={"redis_timeout_s": HEARING_TIMEOUT_S}), settings.broker, retries=0)
    queues = [queue.name for queue in app.conf.task_queues]

    def waiting() -> int:
        try:
            with told():
                return sum(int(link.llen(queue)) for queue in queues)
        except Unavailable:
            return 0

    return Hearing(waiting, settings.worker_deaf_s)
