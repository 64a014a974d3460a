"""A doorbell whose acknowledgement fails, as Redis has just died, doesn't keep the worker from hearing the next one."""

import logging

from kombu import Queue

from services.cli.embedded_redis import Running
from services.kit.celery_config import celery_app
from services.kit.settings import Settings

QUEUE = "test.unacknowledged"


def test_a_doorbell_that_could_not_be_acknowledged_takes_no_place_for_ever(redis_to_kill: Running) -> None:
    app = celery_app(Settings(_env_file=None, journal_url=redis_to_kill.url), {}, [QUEUE])
    assert app.conf.worker_disable_prefetch, "Celery's own limit is what keeps a busy worker from taking more"
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        queue = Queue(QUEUE, routing_key=QUEUE)(channel)  # type: ignore[no-untyped-call]
        queue.declare()
        channel.basic_qos(0, app.conf.worker_prefetch_multiplier, False)
        connection.Producer().publish({}, routing_key=QUEUE, serializer="json")
        taken = queue.get()
        assert taken is not None
        redis_to_kill.kill()
        taken.ack_log_error(logging.getLogger("test"), connection.connection_errors + connection.channel_errors)
        assert channel.qos.can_consume()
        redis_to_kill.restart()
