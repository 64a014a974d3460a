"""Starts the relay: settings -> adapters -> loop, until SIGTERM."""

import signal
import socket
from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Event

from services.adapters.doorbell_celery import CeleryDoorbell, ringer
from services.adapters.fold_redis import RedisFold
from services.adapters.redis_link import sync_link
from services.adapters.social_build import active
from services.adapters.sources_redis import redis_sources
from services.kernel.ports.failures import Unavailable
from services.kit import sidecar
from services.kit.clock import SystemClock
from services.kit.logs import log
from services.kit.retry import full_jitter
from services.kit.settings import Settings
from services.relay.loop import Limits, Relay
from services.relay.pace import Pace
from services.relay.watch import Watch
from services.wire import SOCIAL

BACKOFF_BASE_S = 0.1


def run(settings: Settings, port: int, beside: sidecar.Pulse | None = None) -> None:
    """Relay until SIGTERM or SIGINT; `/healthz`, `/readyz` and `/metrics` on `port`, also for what else runs in this process."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    pulse = sidecar.Pulse("loop", settings.relay_stuck_s)
    pulses = [pulse] if beside is None else [pulse, beside]
    server = sidecar.serve("relay", settings.host, port, lambda: _all(each.reasons for each in pulses), lambda: _all(each.hung for each in pulses))
    relay = compose(settings, settings.relay_name or f"{socket.gethostname()}-{port}")
    log.info("relay.started", port=port)
    watch = watching(settings)

    def step() -> None:
        relay.step()
        watch.look()

    turn(step, pulse, stop, settings.relay_backoff_max_s)
    _leave(relay)
    server.shutdown()
    log.info("relay.stopped")


def _all(told: Iterable[sidecar.Reasons]) -> dict[str, str]:
    return {name: why for reasons in told for name, why in reasons().items()}


def compose(settings: Settings, consumer: str) -> Relay:
    """A relay on Redis. `consumer` must be its own and stay the same: under it, what was held before a restart is found again."""
    doorbell = CeleryDoorbell(ringer(settings), settings.doorbells_waiting_max, settings.visibility_timeout_s)
    return Relay(RedisFold(sync_link(settings, retries=0)), doorbell, SystemClock(), consumer, limits(settings))


def watching(settings: Settings) -> Watch:
    """Who looks for sources that have gone quiet."""
    clock = SystemClock()
    return Watch(redis_sources(sync_link(settings, retries=0), settings), clock, Pace(clock, timedelta(seconds=settings.source_watch_s)))


def limits(settings: Settings) -> Limits:
    """The relay's pace, as the settings have it."""
    return Limits(
        batch=settings.relay_batch_max,
        block_ms=settings.relay_block_ms,
        claim_idle_ms=settings.relay_claim_idle_ms,
        ring_again_ms=int(settings.ring_again_s * 1000),
        waits={channel.value: timedelta(seconds=settings.social_coalesce_s if channel in SOCIAL else 0) for channel in active(settings)},
    )


def turn(step: Callable[[], object], pulse: sidecar.Pulse, stop: Event, backoff_max_s: float) -> None:
    """Call `step` until `stop`. While Redis is down: say so once, and try again after waits with full jitter."""
    failures = 0
    while not stop.is_set():
        try:
            step()
        except Unavailable as error:
            if not failures:
                log.warning("relay.interrupted", reason=str(error))
            pulse.stop()
            stop.wait(full_jitter(failures, BACKOFF_BASE_S, backoff_max_s))
            failures += 1
            continue
        if failures:
            log.info("relay.resumed", tries=failures)
        failures = 0
        pulse.beat()


def _leave(relay: Relay) -> None:
    try:
        relay.leave()
    except Unavailable as error:  # the name stays in the group, and is used again
        log.warning("relay.name_left", reason=str(error))
