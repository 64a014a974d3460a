"""Celery workers: one module a channel. A task is a doorbell; the work that is due is in the journal's Redis, not in the task."""

import os

os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")  # read once, when Celery is first imported: SIGTERM then ends a worker within a bounded time
