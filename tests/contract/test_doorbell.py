"""What a doorbell holds to, in memory and through Celery on Redis."""

import json
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from services import wire
from services.adapters.doorbell_celery import ROUTES, CeleryDoorbell, ringer
from services.adapters.doorbell_memory import MemoryDoorbell
from services.fanout.main import celery_app
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Doorbell
from services.kit.settings import Settings
from services.sources.main import application as poller_app
from services.wire import Channel
from tests.tree import free_port

WAITING_MAX = 3


@pytest.fixture(params=["memory", "celery"])
def doorbell(request: pytest.FixtureRequest) -> Iterator[Doorbell]:
    if request.param == "memory":
        yield MemoryDoorbell(WAITING_MAX)
        return
    app = ringer(Settings(journal_url=request.getfixturevalue("redis_url")))
    yield CeleryDoorbell(app, WAITING_MAX, 60)
    app.close()


@pytest.fixture
def heard(doorbell: Doorbell, request: pytest.FixtureRequest) -> Callable[[Channel], list[str]]:
    """The tasks that wait in a channel's queue, oldest first."""
    if isinstance(doorbell, MemoryDoorbell):
        return lambda channel: list(doorbell.queues.get(wire.queue(channel), ()))
    return lambda channel: _taken(request.getfixturevalue("redis_url"), channel)


def _taken(url: str, channel: Channel) -> list[str]:
    with Redis.from_url(url) as link:
        waiting = [json.loads(message) for message in link.lrange(wire.queue(channel), 0, -1)]
    return [message["headers"]["task"] for message in reversed(waiting)]


class TestDoorbell:
    def test_it_is_heard_in_its_own_queue_alone(self, doorbell: Doorbell, heard: Callable[[Channel], list[str]]) -> None:
        assert doorbell.send(Channel.SITE)
        assert heard(Channel.SITE) == ["site.render"]
        assert heard(Channel.SOCIAL) == heard(Channel.VOICE_CACHE) == []

    def test_a_full_queue_takes_no_more(self, doorbell: Doorbell, heard: Callable[[Channel], list[str]]) -> None:
        assert [doorbell.send(Channel.SOCIAL) for _ in range(5)] == [True] * WAITING_MAX + [False] * 2
        assert len(heard(Channel.SOCIAL)) == WAITING_MAX
        assert doorbell.send(Channel.SITE), "each queue has its own bound"

    def test_a_channel_that_there_is_not_is_refused(self, doorbell: Doorbell) -> None:
        with pytest.raises(ValueError, match="carrier-pigeon"):
            doorbell.send("carrier-pigeon")


def test_it_is_unavailable_when_the_twin_is_down() -> None:
    doorbell = MemoryDoorbell(WAITING_MAX)
    doorbell.down = True
    with pytest.raises(Unavailable):
        doorbell.send(Channel.SITE)


def test_it_is_unavailable_at_once_when_nobody_answers() -> None:
    doorbell = CeleryDoorbell(ringer(Settings(journal_url=f"redis://127.0.0.1:{free_port()}/0")), WAITING_MAX, 60)
    with pytest.raises(Unavailable, match="broker"):
        doorbell.send(Channel.SITE)


def test_it_rings_again_when_its_connection_was_cut(redis_url: str) -> None:
    app = ringer(Settings(journal_url=redis_url))
    doorbell = CeleryDoorbell(app, 10, 60)
    with Redis.from_url(redis_url) as link:
        assert doorbell.send(Channel.SITE)
        link.client_kill_filter(_type="normal", skipme=True)
        sent = 0
        for _ in range(2):  # the first may find out
            try:
                sent += doorbell.send(Channel.SITE)
            except Unavailable:
                continue
        assert sent >= 1
        assert link.llen(wire.queue(Channel.SITE)) == 1 + sent
    app.close()


def test_every_task_that_is_rung_for_has_a_worker_that_knows_it() -> None:
    workers = [celery_app(Settings()), poller_app(Settings(), {})]
    assert ROUTES.keys() <= {task for app in workers for task in app.tasks}
    assert sorted(queue for app in workers for queue in app.amqp.queues) == sorted({*ROUTES.values()})


def test_a_worker_consumes_only_what_it_was_asked_for_and_the_chores() -> None:
    urgent, routine = celery_app(Settings(), [Channel.SITE]), celery_app(Settings(), [Channel.SOCIAL])
    assert list(urgent.amqp.queues) == [wire.queue(Channel.SITE), wire.JANITOR_QUEUE]
    assert list(routine.amqp.queues) == [wire.queue(Channel.SOCIAL), wire.JANITOR_QUEUE, wire.HISTORY_QUEUE]
    assert wire.TASK[Channel.SITE] not in routine.tasks


def test_a_redelivery_comes_only_after_the_task_surely_ended() -> None:
    settings = Settings()
    options = celery_app(settings).conf.broker_transport_options
    assert options["visibility_timeout"] > 2 * settings.task_time_limit_s
    assert settings.task_retry_cap_s * 10 < options["visibility_timeout"]
    assert settings.task_busy_max_s + settings.redis_timeout_s < settings.task_time_limit_s
