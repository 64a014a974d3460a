"""What `surgecast up` starts, in which order, and how each part says that it serves."""

import asyncio
import random
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence

import httpx

from services.cli.embedded_redis import Server
from services.cli.up.front import reasons_in
from services.cli.up.part import Part
from services.kit.settings import Settings
from services.wire import SOCIAL, Channel

WORKERS: dict[str, tuple[Channel, ...]] = {
    "worker-voice_cache": (Channel.VOICE_CACHE,),
    "worker-site": (Channel.SITE,),
    "worker-social": (*SOCIAL, Channel.NOTICES),
}
"""A worker for each channel that readers wait for, so that a slow remote can't take a place that a voice answer waits for; those that send to
remotes share one, which spares 60 MB. What a channel remembers is in one process, never out of date in another."""

INGEST = "ingest"
_SHARED = {"SURGECAST_HOST": "127.0.0.1", "SURGECAST_PROXIES_TRUSTED": "127.0.0.1", "SURGECAST_RELAY_NAME": "embedded"}
"""Whatever the settings say: the origin is the only way in, and says who a client is. The relay's name stays the same, on whichever port it listens:
under it, it finds what it held.
"""


def parts(redis: Server | None, client: httpx.AsyncClient, *, polls: bool = False, ingests: int = 1) -> list[Part]:
    """All parts but the origin, in the order in which they start. `redis` is None where the settings name one that runs already.

    The poller is one of them where there is anything to poll. `ingests` are how many processes take events in.
    """
    return [*([_redis_part(redis)] if redis else []), *_services(client, polls, ingests)]


def _redis_part(redis: Server) -> Part:
    async def ready(_port: int) -> str:
        return "" if await alive(_port) else "does not answer, or still loads its data"

    async def alive(_port: int) -> bool:
        return await asyncio.to_thread(redis.ready)

    return Part("redis", lambda _port: redis.argv, ready, alive, port=redis.port, foundation=True)


def _services(client: httpx.AsyncClient, polls: bool, ingests: int) -> list[Part]:
    ready, alive = _asks_readyz(client), _asks_healthz(client)
    commands: dict[str, tuple[str, ...]] = dict.fromkeys((INGEST, *(f"{INGEST}-{number}" for number in range(2, ingests + 1))), (INGEST,))
    commands |= {"voice": ("voice",), "relay": ("relay", "beat")}  # these two only ring: one process spares 60 MB
    for name, channels in WORKERS.items():
        commands[name] = ("worker", *channels)
    if polls:
        commands["sources"] = ("sources",)
    return [Part(name, _command(*words), ready, alive, environment=_SHARED, service=INGEST if words == (INGEST,) else "") for name, words in commands.items()]


def _command(service: str, *channels: str) -> Callable[[int], Sequence[str]]:
    return lambda port: (sys.executable, "-m", "services.cli.serving", service, str(port), *channels)


def _asks_readyz(client: httpx.AsyncClient) -> Callable[[int], Awaitable[str]]:
    async def ready(port: int) -> str:
        try:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
        except httpx.HTTPError as error:
            return f"does not answer ({type(error).__name__})"
        return "" if answer.status_code == 200 else reasons_in(answer)

    return ready


def _asks_healthz(client: httpx.AsyncClient) -> Callable[[int], Awaitable[bool]]:
    async def alive(port: int) -> bool:
        try:
            return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
        except httpx.HTTPError:
            return False

    return alive


def free_ports(settings: Settings) -> Callable[[], int]:
    """Gives a port at a time that nobody listens on, from a range that the system doesn't hand out to outgoing connections by itself."""

    def free_port() -> int:
        choices = list(range(settings.up_ports_min, settings.up_ports_max))
        random.shuffle(choices)
        for port in choices:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port
        raise OSError(f"no free port from {settings.up_ports_min} to {settings.up_ports_max}: widen SURGECAST_UP_PORTS_MIN and SURGECAST_UP_PORTS_MAX")

    return free_port
