"""When a worker ends by itself, to be started anew."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from celery import signals
from celery.worker import state

from services.kit import celery_worker
from services.kit.hearing import Hearing
from services.kit.settings import MIB, Settings
from services.kit.sidecar import Pulse
from tests.tree import ROOT

Turn = Callable[[], None]
Begin = Callable[..., Turn]


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Why the worker would have ended."""
    said: list[str] = []
    monkeypatch.setattr(celery_worker, "_begone", lambda reason, code: said.append(reason))
    return said


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Gives a worker's once-a-second look at itself, under these settings. The process of the tests may be large itself: that ends no worker here."""

    def begun(**settings: Any) -> Turn:
        step = celery_worker._turning(Pulse("consumer", 60), Hearing(lambda: 0, 60), Settings(**{"worker_max_mib": 1_000_000, **settings}))
        turns: list[Turn] = []
        consumer = SimpleNamespace(timer=SimpleNamespace(call_repeatedly=lambda _every_s, turned: turns.append(turned)))
        step(consumer).start(consumer)
        return turns[0]

    yield begun
    signals.task_prerun.receivers.clear()
    signals.task_postrun.receivers.clear()


def test_a_worker_whose_task_does_not_end_ends_itself(begin: Begin, ends: list[str]) -> None:
    turn = begin(task_time_limit_s=0.000001)
    signals.task_prerun.send(sender=None, task_id="stuck")
    signals.task_prerun.send(sender=None, task_id="newer")
    signals.task_postrun.send(sender=None, task_id="newer")
    turn()
    assert ends == ["a task has not ended within 1e-06 s"]


def test_a_worker_whose_tasks_end_goes_on(begin: Begin, ends: list[str]) -> None:
    turn = begin(task_time_limit_s=0.000001)
    signals.task_prerun.send(sender=None, task_id="quick")
    signals.task_postrun.send(sender=None, task_id="quick")
    turn()
    assert not ends


def test_a_worker_that_has_grown_ends_between_tasks(begin: Begin, ends: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    turn = begin(worker_max_mib=1)
    monkeypatch.setattr(state, "active_requests", {"busy"})
    turn()
    assert not ends
    monkeypatch.setattr(state, "active_requests", set())
    turn()
    assert ends == ["it has grown beyond 1 MiB"]


def test_a_worker_has_not_grown_by_what_its_starter_has() -> None:
    held = bytearray(300 * MIB)
    held[:: os.sysconf("SC_PAGE_SIZE")] = b"1" * len(held[:: os.sysconf("SC_PAGE_SIZE")])  # resident, not only promised
    code = "from services.kit.celery_worker import resident_mib; print(resident_mib())"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 5 < float(told) < 250
    assert celery_worker.resident_mib() > 300
