"""How one service runs as its own process. Each imports what it needs when it runs.

`surgecast <service>` and `python -m services.cli.serving <service>` are the same; the second spares each part of the embedded
tree what only a person at a terminal needs (8 MB).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from services.cli.failure import Failure
from services.wire import Channel

if TYPE_CHECKING:
    from services.kit.settings import Settings


def ingest(settings: "Settings", host: str | None, port: int | None) -> None:
    """Take events and pictures in, until SIGTERM. Raises `Failure` for an operator's table of a format that can't be used."""
    from services.ingest.formats import MappingError
    from services.ingest.main import build

    try:
        _serve("ingest", build, settings, host, port)
    except MappingError as error:
        raise Failure(f"SURGECAST_INGEST_MAPPINGS: {error}. docs/adapters.md has what a table may say.") from None


def public(settings: "Settings", host: str | None, port: int | None) -> None:
    """Serve feeds and pages, until SIGTERM."""
    from services.public.main import build

    _serve("public", build, settings, host, port)


def voice(settings: "Settings", host: str | None, port: int | None) -> None:
    """Answer questions, until SIGTERM. Raises `Failure` for a tariff that can't be used."""
    import sys

    from services.kit import collector

    collector.rest()
    sys.setswitchinterval(settings.voice_thread_turn_s)
    from services.adapters.tariff_file import TariffError
    from services.voice.main import build

    try:
        _serve("voice", build, settings, host, port)
    except TariffError as error:
        raise Failure(f"SURGECAST_TARIFF: {error}. docs/tariffs.md has what a tariff says.") from None


def relay(settings: "Settings", port: int | None, *, with_beat: bool = False) -> None:
    """Fold the journal and ring, until SIGTERM; `with_beat`: by the clock too, in this one process."""
    _log_as("relay", settings)
    from services.relay.main import run

    beside = None
    if with_beat:
        from services.fanout.main import beat_beside

        beside = beat_beside(settings)
    run(settings, _port(settings, port), beside)


def worker(settings: "Settings", channels: Sequence[Channel], port: int | None) -> None:
    """Answer doorbells, until SIGTERM."""
    _log_as("worker", settings)
    from services.fanout.main import worker as work

    work(settings, channels, _port(settings, port))


def beat(settings: "Settings", port: int | None) -> None:
    """Ring by the clock, until SIGTERM."""
    _log_as("beat", settings)
    from services.fanout.main import beat as ring

    ring(settings, _port(settings, port))


def sources(settings: "Settings", port: int | None) -> None:
    """Poll sources, until SIGTERM. Raises `Failure` where the file that names them can't be used."""
    _log_as("sources", settings)
    from services.sources.config import ConfigError
    from services.sources.main import run

    try:
        run(settings, _port(settings, port))
    except ConfigError as error:
        raise Failure(str(error)) from None


def channels_named(names: Iterable[str]) -> list[Channel]:
    """The channels with these names; all where none is named. Raises `Failure` for one that there isn't."""
    known = {channel.value: channel for channel in Channel}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise Failure(f"There is no channel {wrong[0]}. The channels are {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] or list(Channel)


def _serve(service: str, build: Callable[["Settings"], Any], settings: "Settings", host: str | None, port: int | None) -> None:
    """Serve the application that `build` makes; at the end, requests under way are finished."""
    import uvicorn

    from services.cli.http_protocol import http_protocol
    from services.kit import collector

    _log_as(service, settings)
    app = build(settings)
    collector.settle(settings)
    uvicorn.run(
        app,
        http=http_protocol(settings, app),
        ws="none",
        workers=1,  # whatever WEB_CONCURRENCY says: more of them are more processes of this command
        host=host or settings.host,
        port=_port(settings, port),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies_trusted),
        forwarded_allow_ips=list(settings.proxies_trusted),
        backlog=settings.http_backlog,
        timeout_keep_alive=settings.http_keepalive_s,
        timeout_graceful_shutdown=settings.http_graceful_s,
    )


def _log_as(service: str, settings: "Settings") -> None:
    from services.kit import logs

    logs.configure(service, settings.log_level)


def _port(settings: "Settings", port: int | None) -> int:
    return settings.port if port is None else port


def _main() -> None:
    """One service, its port, and a worker's channels, or what the relay has beside it. The arguments are the supervisor's: `surgecast` is what people use."""
    import sys

    sys.modules["rich"] = None  # type: ignore[assignment]  # structlog would load it, 5 MB, to colour a log that is a file here
    from services.kit.settings import Settings

    service, port, *more = sys.argv[1:]
    settings = Settings()
    if service == "worker":
        worker(settings, channels_named(more), int(port))
    elif service == "relay":
        relay(settings, int(port), with_beat="beat" in more)
    elif service == "sources":
        sources(settings, int(port))
    else:
        {"ingest": ingest, "voice": voice}[service](settings, None, int(port))


if __name__ == "__main__":
    _main()
