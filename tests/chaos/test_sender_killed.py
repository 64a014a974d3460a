"""SIGKILL of a process that sends posts, at every point of a delivery, on each service: the next one leaves every post out once, and in its thread.

Real processes, the product's own clients over HTTP, SQLite and Redis. The service itself kills the process where the point lies between request and answer.
"""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import msgspec

from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.ids import AreaId
from services.wire import Channel
from tests.builders import NOW, SetClock
from tests.chaos.killed_sender import POINTS, Job, main
from tests.simulators.social import BLIND, CHANNELS, THREADED, Hooks, Out, Simulated, simulated

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.chaos.rehearsed"])
IN_DOUBT = {"claimed", "sent, not taken", "taken, not answered", "answered, not recorded"}


class Victims:
    """Starts the processes, one after the other, and lets the service kill one."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.hooks = Hooks(lambda: self._met("came"), lambda: self._met("taken"))
        self._pid, self._point, self._left = 0, "", 0

    def run(self, job: Job) -> None:
        """One process, to its end, which must be the one that the job says."""
        victim, there = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=main, args=(job, there), daemon=True)
        process.start()
        self._clock.at = NOW + timedelta(minutes=job.news[0][1])
        victim.recv_bytes()
        self._pid, self._point, self._left = process.pid or 0, POINTS.get(job.point, ("", ""))[0], job.language
        self._clock.at = NOW + timedelta(minutes=job.news[-1][1])
        victim.send_bytes(b"go")
        process.join(60)
        assert process.exitcode == (-signal.SIGKILL if job.point else 0), (job, process.exitcode)

    def _met(self, point: str) -> None:
        if point != self._point:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(self._pid, signal.SIGKILL)
            raise ConnectionAbortedError("nobody is there to be answered")


def walk(channel: Channel, service: Simulated, victims: Victims, ledger: str, redis_url: str) -> None:
    """For each point an area of its own: killed there in the first language of its first report, and in the second one of the update."""
    job, before = Job(channel, service.url, ledger, redis_url, 30.0, ()), ()
    for number, point in enumerate(POINTS, 1):
        for language, news in ((1, (f"K{number}", 120 * number, 1_000 + number)), (2, (f"K{number}", 120 * number + 40, 9_000 + number))):
            victims.run(msgspec.structs.replace(job, news=(*before, news), point=point, language=language))
            before = (news,)
    victims.run(msgspec.structs.replace(job, news=before))


def judge(channel: Channel, out: list[Out], kept: SqlLedger) -> None:
    """Each area's first report and its update, in two languages: out once, the update in the first one's thread."""
    for number, point in enumerate(POINTS, 1):
        area = AreaId(f"K{number}")
        of_area = [written for _, written in kept.recent(1_000, area)][::-1]
        assert [written.kind for written in of_area] == ["first_report", "growth"], (point, of_area)
        for written in of_area:
            for at, delivery in enumerate(written.deliveries):
                found = [post for post in out if post.text == delivery.text]
                if (delivery.outcome, delivery.held_for) == (Outcome.HELD, HeldFor.UNCERTAIN):
                    assert channel in BLIND, point
                    assert point in IN_DOUBT
                    continue
                assert (delivery.outcome, len(found)) == (Outcome.DELIVERED, 1), (point, delivery)
                begun = of_area[0].deliveries[at]
                threaded = written is not of_area[0] and channel in THREADED
                assert found[0].answers == (begun.text if threaded else None), point
    texts = [post.text for post in out]
    assert len(texts) == len(set(texts))


def test_every_post_is_out_exactly_once_wherever_the_sender_is_killed(tmp_path: Path, redis_url: str) -> None:
    upgrade(f"sqlite:///{tmp_path}/new.sqlite3")

    def walked(channel: Channel) -> None:
        clock = SetClock()
        victims, ledger = Victims(clock), f"sqlite:///{copyfile(tmp_path / 'new.sqlite3', tmp_path / f'{channel}.sqlite3')}"
        with simulated(channel, clock, victims.hooks) as service:
            walk(channel, service, victims, ledger, redis_url)
            kept = SqlLedger(ledger, 10.0)
            judge(channel, service.out(), kept)
            kept.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(walked, CHANNELS))
