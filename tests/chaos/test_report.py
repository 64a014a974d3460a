"""What the verdict of a storm of faults rests on: from when a recovery is measured, and what makes a run fail."""

from dataclasses import replace

import pytest

from tests.chaos import record
from tests.chaos.record import Recovery
from tests.chaos.report import Report, recovered

ENOUGH = Report(minutes=30, seed=1, ingests=2, kills=100, recovery_s={"all": {"kills": 100, "min": 0.1, "median": 1.0, "max": 4.99}})


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its one number is the time."""
    now = [0.0]
    monkeypatch.setattr(record.time, "monotonic", lambda: now[0])
    return now


def test_of_kills_that_overlap_the_first_is_measured_from_itself_and_what_was_sent_before_a_kill_tells_nothing(at: list[float]) -> None:
    recovery = Recovery()
    recovery.fault("ingest", "kill")
    at[0] = 4.0
    recovery.fault("redis", "stop")
    at[0] = 5.0
    recovery.fault("redis", "kill all")
    at[0] = 6.0
    recovery.ack(sent_at=-1.0, events=1)
    assert not recovery.whole
    at[0] = 7.0
    recovery.ack(sent_at=5.5, events=1)
    assert recovery.whole
    found = recovered(recovery)
    assert {part: (times["kills"], times["max"]) for part, times in found.items()} == {
        "all": (2, 7.0),
        "since last": (2, 2.0),
        "ingest": (1, 7.0),
        "redis": (1, 2.0),
    }


def test_a_run_passes_with_what_was_asked_for() -> None:
    assert ENOUGH.missed == []
    assert ENOUGH.words().endswith("PASSED")


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (replace(ENOUGH, kills=99), "99 kills; at least 100"),
        (replace(ENOUGH, minutes=31), "100 kills; at least 104"),
        (replace(ENOUGH, recovery_s={"all": {"kills": 100, "min": 0.1, "median": 1.0, "max": 5.0}}), "5.00 s from a kill"),
        (replace(ENOUGH, wrong=["I1: 1 acknowledged events are lost"]), "WRONG: I1"),
    ],
    ids=["too few", "too few for the time", "too slow", "lost"],
)
def test_a_run_fails_with_the_reason(report: Report, said: str) -> None:
    assert report.missed or report.wrong
    assert said in report.words()
    assert report.words().endswith("FAILED")
