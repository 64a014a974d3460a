"""Celery's configuration, for those who ring and those who answer: every setting that matters, and why.

What a setting can't give: Celery on Redis loses a task now and then (a crash between BRPOP and `unacked`), so no task here is
the only copy of anything. The measurements behind the numbers are in docs/decisions.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from celery import Celery
from kombu import Queue  # type: ignore[attr-defined]

from services.kit.sentinel import Group, group_of
from services.kit.settings import Settings

NEVER_CREATED = "fanout.unrouted"
"""The default queue: nothing is sent to it and nobody listens. Every task names its own."""


def celery_app(settings: Settings, routes: Mapping[str, str], queues: Iterable[str]) -> Celery:
    """An application whose tasks go to the queues of `routes` (task name -> queue), and that consumes only `queues`."""
    app = Celery("surgecast", broker=broker_url(settings), set_as_current=False, backend=None)
    app.conf.update(_DELIVERY | _TALK | _worker(settings))
    app.conf.update(
        task_default_queue=NEVER_CREATED,
        task_queues=[_queue(name) for name in queues],
        task_routes={task: {"queue": queue, "routing_key": queue} for task, queue in routes.items()},
        task_create_missing_queues=True,  # a sender doesn't declare the queues of others; a typo can't happen: names come from wire
        broker_transport_options=_transport(settings),
        broker_connection_timeout=settings.redis_timeout_s,
    )
    return app


def broker_url(settings: Settings) -> str:
    """As kombu wants it: one `sentinel://` URL for each Sentinel, with the master's password."""
    group = group_of(settings.broker)
    if group is None:
        return settings.broker
    login = f"{quote(group.username or '', '')}:{quote(group.password, '')}@" if group.password else ""
    return ";".join(f"sentinel://{login}{_bracketed(host)}:{port}/{group.db}" for host, port in group.sentinels)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _queue(name: str) -> Any:
    return Queue(name, routing_key=name)  # type: ignore[no-untyped-call]


_DELIVERY: dict[str, Any] = {
    "task_acks_late": True,  # a doorbell is acknowledged when it has been answered
    "task_acks_on_failure_or_timeout": True,  # the work stays due in Redis: the doorbell itself needn't come back
    "task_ignore_result": True,  # nobody reads results: no backend, a tenth more throughput
    "task_store_errors_even_if_ignored": False,
    "worker_disable_prefetch": True,  # a doorbell in a busy worker's pocket is heard by nobody
    "worker_prefetch_multiplier": 0,  # the line above is the limit; kombu's own counts a doorbell whose acknowledgement failed for ever: deaf after one
    "task_serializer": "json",
    "accept_content": ["json"],  # never pickle: a broker that is broken into must not run code here
    "task_publish_retry": False,  # the relay rings again by itself; a retry inside may send twice
}

_TALK: dict[str, Any] = {
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # for ever: a worker outlives any outage of its broker
    "broker_channel_error_retry": True,  # a master demoted to replica answers READONLY: find the new one
    "worker_cancel_long_running_tasks_on_connection_loss": False,  # the work is idempotent; let it end
    "worker_send_task_events": False,  # a quarter of the throughput; our own metrics say more
    "task_send_sent_event": False,
    "worker_enable_remote_control": False,  # pidbox: one more connection, one more way to stop a worker
    "beat_enable_remote_control": False,
    "worker_hijack_root_logger": False,  # logs are ours (kit/logs.py)
    "worker_redirect_stdouts": False,
    "enable_utc": True,
    "timezone": "UTC",
}


def _worker(settings: Settings) -> dict[str, Any]:
    return {
        "worker_soft_shutdown_timeout": settings.worker_stop_s,
        "worker_enable_soft_shutdown_on_idle": False,  # an idle worker stops at once
    }


def _transport(settings: Settings) -> dict[str, Any]:
    """Options of kombu's Redis transport. Without `socket_timeout` a half-open connection hangs for minutes, health checks or not."""
    return {
        "visibility_timeout": settings.visibility_timeout_s,  # the shortest of all applications on a Redis wins: here there is one
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,  # with the default of 10, a dead worker's doorbells come back 100 s late
        "socket_timeout": settings.redis_timeout_s,
        "socket_connect_timeout": settings.redis_timeout_s,
        "socket_keepalive": True,
        "health_check_interval": 5,
        "retry_on_timeout": False,
        "queue_order_strategy": "priority",  # queues in the order given: urgent lanes first
        **(_sentinels(settings, group) if (group := group_of(settings.broker)) else {}),
    }


def _sentinels(settings: Settings, group: Group) -> dict[str, Any]:
    wait_s = settings.sentinel_timeout_s
    return {"master_name": group.master, "sentinel_kwargs": {"password": group.sentinel_password, "socket_timeout": wait_s, "socket_connect_timeout": wait_s}}
