"""Doorbells in memory: the twin of doorbell_celery."""

from collections import deque

from services import wire
from services.kernel.ports.failures import Unavailable
from services.wire import Channel


class MemoryDoorbell:
    """Meets `kernel.ports.Doorbell`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, waiting_max: int) -> None:
        self.down = False
        self._waiting_max = waiting_max
        self.queues: dict[str, deque[str]] = {}
        """Queue -> the names of the tasks that wait there, oldest first."""

    def send(self, channel: str) -> bool:
        """Meets `Doorbell.send`."""
        if self.down:
            raise Unavailable("The broker in memory is set down.")
        waiting = self.queues.setdefault(wire.queue(Channel(channel)), deque())
        if len(waiting) >= self._waiting_max:
            return False
        waiting.append(wire.TASK[Channel(channel)])
        return True
