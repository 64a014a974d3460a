"""Celery workers: one module a channel. A task is a doorbell; the work that is due is in the journal's Redis, not in the task."""
