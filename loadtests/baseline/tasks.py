"""Its worker: each task brings one channel up to date with one event."""

import os
from typing import Any

from celery import Celery
from redis import Redis

URL = os.environ.get("NAIVE_REDIS_URL", "redis://127.0.0.1:6379/0")
CHANNELS = ("voice_cache", "site", "social")

celery = Celery("naive", broker=URL)
celery.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=64, task_serializer="json", broker_connection_retry_on_startup=True)
redis = Redis.from_url(URL)


@celery.task(name="naive.deliver")
def deliver(channel: str, event: dict[str, Any]) -> None:
    """The newest state of the outage, as the channel shows it."""
    state = {"status": event["status"], "customers": event["customers_affected"], "at": event["occurred_at"]}
    with redis.pipeline(transaction=True) as both:
        both.hset(f"naive:{channel}:{event['outage_id']}", mapping=state)
        both.incr("naive:delivered")
        both.execute()
