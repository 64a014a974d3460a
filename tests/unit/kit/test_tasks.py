from collections.abc import Callable

import pytest
from celery import Celery
from celery.exceptions import Reject

from services.kit import metrics
from services.kit.tasks import ServiceTask


class Away(Exception):
    """What passes by itself."""


def task(run: Callable[[], str], tried: int | None = None) -> ServiceTask:
    """A task as a worker runs it for the try after `tried` others; called by hand where that is None."""
    app = Celery(set_as_current=False, broker="memory://", backend=None)

    def body() -> str:
        return run()

    made: ServiceTask = app.task(name="test.run", base=ServiceTask, shared=False, max_retries=2, again_for=(Away,))(body)
    made.push_request(called_directly=tried is None, retries=tried or 0)
    return made


def counted(outcome: str) -> float:
    return float(metrics.TASKS.labels("test.run", outcome)._value.get())


def away() -> str:
    raise Away


@pytest.mark.parametrize("outcome", ["done", "held_elsewhere"])
def test_what_became_of_a_task_is_its_outcome_in_the_metrics(outcome: str) -> None:
    before = counted(outcome)
    assert task(lambda: outcome)() == outcome
    assert counted(outcome) == before + 1


def test_an_error_is_counted_and_goes_on_to_celery() -> None:
    def broken() -> str:
        raise ValueError("broken")

    before = counted("failed")
    with pytest.raises(ValueError, match="broken"):
        task(broken)()
    assert counted("failed") == before + 1


def test_what_passes_by_itself_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    made, waits = task(away, tried=1), []
    monkeypatch.setattr(made, "retry", lambda exc, countdown, throw: waits.append(countdown))
    assert made() == "retried"
    assert 0 <= waits[0] <= ServiceTask.retry_cap_s


def test_it_is_given_up_after_the_last_try_and_work_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    made = task(away, tried=2)
    monkeypatch.setattr(made, "retry", lambda **_: pytest.fail("tried once more"))
    assert made() == "given_up"


def test_it_is_given_up_when_the_broker_is_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made = task(away, tried=0)

    def refused(**_: object) -> None:
        raise Reject("no broker", requeue=False)

    monkeypatch.setattr(made, "retry", refused)
    assert made() == "given_up"
