"""How one service runs as its own process."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from services.cli.failure import Failure
from services.kit import logs
from services.wire import Channel

if TYPE_CHECKING:
    from services.kit.settings import Settings


def prepare(service: str, settings: "Settings") -> "Settings":
    """What every service does first."""
    logs.configure(service, settings.log_level)
    return settings


def serve(service: str, build: Callable[["Settings"], Any], settings: "Settings", host: str | None, port: int | None) -> None:
    """Serve the application that `build` makes, until SIGTERM; requests under way are finished."""
    import uvicorn

    prepare(service, settings)
    uvicorn.run(
        build(settings),
        workers=1,  # whatever WEB_CONCURRENCY says: more of them are more processes of this command
        host=host or settings.host,
        port=settings.port if port is None else port,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=settings.http_backlog,
        timeout_keep_alive=settings.http_keepalive_s,
        timeout_graceful_shutdown=settings.http_graceful_s,
    )


def channels_named(names: Iterable[str]) -> list[Channel]:
    """The channels with these names; all where none is named. Raises `Failure` for one that there isn't."""
    known = {channel.value: channel for channel in Channel}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise Failure(f"There is no channel {wrong[0]}. The channels are {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)] or list(Channel)
