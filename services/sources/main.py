"""Starts the poller: settings -> adapters -> a Celery worker whose threads each poll one source at a time."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache, partial

from celery import Celery

from services import wire
from services.adapters.doorbell_celery import ROUTES, hearing
from services.adapters.fetch_http import HttpFetcher
from services.adapters.front_door_http import HttpFrontDoor, KeyOf
from services.adapters.polls_redis import RedisPolls
from services.adapters.redis_link import sync_link
from services.adapters.sources_redis import redis_sources
from services.kernel.ids import SourceName
from services.kernel.polls import Pacing, Polled
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.polls import Busy
from services.kernel.sources import Expected
from services.kit import celery_worker, sidecar
from services.kit.celery_config import celery_app
from services.kit.clock import SystemClock
from services.kit.logs import log
from services.kit.settings import Settings
from services.kit.tasks import ServiceTask
from services.sources.config import ConfigError, load
from services.sources.poller import Poller

KEY_MISSING_WAIT_S = 30.0


def run(settings: Settings, port: int) -> None:
    """Poll until SIGTERM; `/healthz`, `/readyz` and `/metrics` on `port`. Raises `ConfigError`."""
    polled = configured(settings)
    pulse = sidecar.Pulse("consumer", settings.worker_stuck_s)
    sidecar.serve("sources", settings.host, port, pulse.reasons, pulse.hung)
    app = application(settings, polled)
    log.info("sources.started", sources=sorted(polled), port=port)
    celery_worker.work(app, "sources", settings.sources_threads, pulse, hearing(settings, app), settings)


def configured(settings: Settings) -> dict[SourceName, Polled]:
    """The sources to poll. Raises `ConfigError`."""
    if settings.sources is None:
        raise ConfigError("No sources are named. Set SURGECAST_SOURCES to the file that names them; docs/pull-sources.md has an example.")
    return load(settings.sources)


def application(settings: Settings, polled: Mapping[SourceName, Polled]) -> Celery:
    """The application whose worker polls `polled`, which its first doorbell makes known: Redis may be down until then."""
    poller, busy = compose(settings, polled), timedelta(seconds=settings.sources_busy_max_s)
    announced = cache(partial(announce, settings, polled))  # nothing is kept of a call that raises
    polls = RedisPolls(sync_link(settings))

    def poll() -> str:
        announced()
        if not polls.all():  # Redis has lost its data
            announce(settings, polled)
        return poller.answer(busy)

    app = celery_app(settings, ROUTES, [wire.POLL_QUEUE])
    app.task(name=wire.POLL_TASK, base=ServiceTask, shared=False, max_retries=0, again_for=(Unavailable,))(poll)
    return app


def announce(settings: Settings, polled: Mapping[SourceName, Polled]) -> None:
    """Make known that these sources, and no others, are polled and expected. Raises `Unavailable`."""
    now = SystemClock().now()
    with sync_link(settings) as link:
        RedisPolls(link).sync(polled.keys(), now)
        redis_sources(link, settings).expect({name: Expected(now, source.stale_after_s, source.labels) for name, source in polled.items()})


def compose(settings: Settings, polled: Mapping[SourceName, Polled]) -> Poller:
    """A poller on Redis and HTTP."""
    link, clock = sync_link(settings), SystemClock()
    fetcher = HttpFetcher(clock, settings.sources_connect_s, settings.sources_read_s)
    door = HttpFrontDoor(settings.sources_door, key_of(settings), settings.sources_door_timeout_s)
    return Poller(polled, RedisPolls(link), fetcher, door, redis_sources(link, settings), clock, pacing(settings), settings.sources_claim_s)


def key_of(settings: Settings) -> KeyOf:
    """Reads a source's ingest key from its file at each poll, so that one that is replaced is used at once."""

    def read(name: SourceName) -> str:
        path = settings.sources_keys_folder / f"{name}.key"
        try:
            return path.read_text().strip()
        except OSError as error:
            raise Busy(f"its ingest key can't be read ({path}: {error.strerror}): `surgecast keys create {name}` makes one", KEY_MISSING_WAIT_S) from None

    return read


def pacing(settings: Settings) -> Pacing:
    """How failing sources are left alone, as the settings have it."""
    return Pacing(
        backoff_s=settings.sources_backoff_s,
        backoff_max_s=settings.sources_backoff_max_s,
        open_after=settings.sources_open_after,
        open_s=settings.sources_open_s,
        retry_after_max_s=settings.sources_retry_after_max_s,
        settle_pictures=settings.grace_pictures,
        settle_s=settings.grace_source_time_s,
    )
