"""A process that sends a post in two languages, and kills itself at a named point. What it leaves is in the ledger, in Redis and on the service."""

import os
import signal
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import apprise
import redis
from msgspec import Struct

from services.adapters.announced_redis import RedisAnnounced
from services.adapters.ledger_sql import SqlLedger
from services.wire import Channel
from tests.builders import NOW, SetClock, event
from tests.simulators.social import feed
from tests.unit.fanout.social_stage import Stage

apprise.Apprise.instantiate("json://localhost")  # looks through more than a hundred modules: here, once for all that are forked
POINTS = {
    "before the claim": ("start", "before"),
    "claimed": ("start", "after"),
    "sent, not taken": ("came", ""),
    "taken, not answered": ("taken", ""),
    "answered, not recorded": ("post", "after"),
    "recorded, not remembered": ("say", "before"),
}
"""What the process was about to call, or came back from; `came` and `taken` are the service's to tell, which kills it then."""


class Job(Struct, frozen=True):
    """One process's work: to finish what the last one left, then one more post."""

    channel: Channel
    service: str
    ledger: str
    redis: str
    timeout_s: float
    news: tuple[tuple[str, int, int], ...]
    """Areas, the minute in which they are heard of, and customers affected: what the last process was at, and what is new."""
    point: str = ""
    """Where it is killed; empty: it ends well."""
    language: int = 1
    """In which of the post's languages: 1 or 2."""


class _Killed:
    """Passes calls on; the process ends at one of them."""

    def __init__(self, inner: object, job: Job) -> None:
        self._inner, self._job = inner, job
        self._left = 1 if job.point == "recorded, not remembered" else job.language

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        call, when = POINTS.get(self._job.point, ("", ""))
        return self._deadly(method, when) if name == call else method

    def _deadly(self, method: Any, when: str) -> Any:
        def called(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0 and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = method(*args, **kwargs)
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return called


def main(job: Job, parent: Connection) -> None:
    """The process: it finishes what it finds, waits until it may go on, and tells the news."""
    clock = SetClock()
    ledger = SqlLedger(job.ledger, 10.0)
    announced = RedisAnnounced(redis.Redis.from_url(job.redis), str(job.channel))
    stage = Stage(feed(job.channel, job.service, clock, job.timeout_s), ledger, announced, channel=job.channel, clock=clock)
    for last, (area, minute, customers) in enumerate(job.news, 1 - len(job.news)):
        stage.settle()
        if last == 0:
            parent.send_bytes(b"what is found is finished")
            parent.recv_bytes()
        clock.at = NOW + timedelta(minutes=minute)
        stage.hear(event(area, minute=minute, areas=(area,), customers_affected=customers))
    if job.point:
        stage.feed, stage.ledger, stage.announced = (_Killed(one, job) for one in (stage.feed, ledger, announced))  # type: ignore[assignment]
        _again(stage)
    stage.settle()


def _again(stage: Stage) -> None:
    """A channel on the stage's killers, which looks at the same journal."""
    due = stage.due
    stage.restart()
    stage.due = due
