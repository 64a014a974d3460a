"""The one Celery task class: counted, timed, named in every log line, and tried again for what passes by itself."""

import time
from typing import Any, ClassVar

from celery import Task
from celery.exceptions import Reject, Retry

from services.kit import metrics
from services.kit.logs import bound, log
from services.kit.retry import full_jitter


class ServiceTask(Task):  # type: ignore[misc]  # Celery is not typed
    """A task whose `run` returns what became of it, one of a closed list of names: the outcome in the metrics."""

    abstract = True
    again_for: ClassVar[tuple[type[Exception], ...]] = ()
    """What passes by itself: tried again, a bounded number of times, after a wait with full jitter."""
    retry_base_s: ClassVar[float] = 0.25
    retry_cap_s: ClassVar[float] = 4.0
    """Far below the visibility timeout: a countdown beyond it would run again and again. Anything later is a due time in Redis."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run the task under observation."""
        started, outcome = time.perf_counter(), "failed"
        with bound(task=self.name, task_id=self.request.id):
            try:
                outcome = str(self.run(*args, **options))
                return outcome
            except Retry:
                outcome = "retried"
                raise
            except self.again_for as error:
                outcome = self._later(error)
                return outcome
            finally:
                metrics.TASKS.labels(self.name, outcome).inc()
                metrics.TASK_DURATION.labels(self.name).observe(time.perf_counter() - started)

    def _later(self, error: Exception) -> str:
        """Plan another try, or give the doorbell up: the work stays due, and is rung for again."""
        tried = self.request.retries
        if self.request.called_directly or tried >= (self.max_retries or 0):
            log.warning("task.given_up", tries=tried + 1, reason=str(error))
            return "given_up"
        wait_s = full_jitter(tried, self.retry_base_s, self.retry_cap_s)
        log.info("task.postponed", tries=tried + 1, wait_s=round(wait_s, 3), reason=str(error))
        try:
            self.retry(exc=error, countdown=wait_s, throw=False)
        except Reject:  # the broker is away too
            return "given_up"
        return "retried"
