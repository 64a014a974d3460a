"""`surgecast up`, running: puts the tree, its supervisor and the origin together, and takes them apart again."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, partial

import httpx
import uvicorn
from redis import Redis

from services.adapters.areas_redis import RedisAreas
from services.adapters.messages_folder import spoken_by
from services.adapters.redis_link import sync_link
from services.cli.demo_customers import demo_url
from services.cli.embedded_redis import Server
from services.cli.failure import Failure
from services.cli.http_protocol import http_protocol
from services.cli.up import welcome
from services.cli.up.demo_key import ensure_demo_key, restore_demo_key
from services.cli.up.folder import DataFolder
from services.cli.up.front import Origin
from services.cli.up.proxy import Own, Proxy
from services.cli.up.readers import Readers
from services.cli.up.source_keys import ensure_source_keys
from services.cli.up.supervisor import StartFailed, Supervisor
from services.cli.up.tree import free_ports, parts
from services.kernel.polls import Polled
from services.kernel.ports.failures import Unavailable
from services.kit import logs
from services.kit.logs import log
from services.kit.settings import Settings
from services.public.main import build as build_public
from services.voice.shedding import refusals

VOICE_TOO = ("oauth", ".well-known", "mcp")
"""First folders of paths that voice serves besides its own."""
READY_ASK_S = 2.0
"""A part that doesn't say within this long whether it serves, doesn't."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: they end the whole tree, not it alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def run(settings: Settings, folder: DataFolder, listening: socket.socket, redis: Server | None, polled: Collection[Polled]) -> int:
    """Run the tree until a signal ends it; gives the exit code. Raises `Failure` where it doesn't come up."""
    logs.configure("up", "info" if settings.log_level == "info" and not welcome.for_people() else _calm(settings.log_level))
    tree = _Tree(settings, folder, listening, redis, polled)
    with asyncio.Runner(loop_factory=tree.loop_factory) as runner:
        return runner.run(tree.run())


def _calm(level: str) -> str:
    """On a terminal only what needs attention is said, unless more was asked for."""
    return "warning" if level == "info" else level


async def _prepare(demo: Sequence[str]) -> None:
    """Bring the ledger up to date, and load what is named of the demo. Raises `StartFailed`."""
    command = (sys.executable, "-m", "services.cli.prepare", *demo)
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        missing, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode != 0:
        raise StartFailed(said.decode(errors="replace").strip()[-500:])
    for reason in missing.decode(errors="replace").splitlines():
        log.warning("up.demo_incomplete", reason=reason)


class _Tree:
    """The supervisor, the origin, and the signal that ends both."""

    def __init__(self, settings: Settings, folder: DataFolder, listening: socket.socket, redis: Server | None, polled: Collection[Polled]) -> None:
        self._settings, self._folder, self._listening, self._polled = settings, folder, listening, polled
        self._own_redis = redis is not None
        self._asking = httpx.AsyncClient(timeout=READY_ASK_S, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        started = parts(redis, self._asking, polls=bool(polled), ingests=settings.up_ingest_processes)
        self.supervisor = Supervisor(started, settings, folder.logs, free_ports(settings))
        said = cache(lambda: refusals(spoken_by(settings, spoken=True), settings))
        own: Mapping[str, Own] = {"voice": said, "ingest": dict}
        self._proxies = {name: Proxy(name, partial(self.supervisor.ports, name), settings, its_own) for name, its_own in own.items()}
        passed_on = {**self._proxies, **dict.fromkeys(VOICE_TOO, self._proxies["voice"])}
        origin = Origin(build_public(settings), passed_on, self.supervisor.health, Readers(settings.metrics_readers))
        config = uvicorn.Config(
            origin,
            http=http_protocol(settings, origin),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies_trusted),
            forwarded_allow_ips=list(settings.proxies_trusted),
            backlog=settings.http_backlog,
            timeout_keep_alive=settings.http_keepalive_s,
            timeout_graceful_shutdown=settings.http_graceful_s,
        )
        self.loop_factory = config.get_loop_factory()
        self._server = _Server(config)
        self._end = asyncio.Event()

    async def run(self) -> int:
        """Start, serve until told to end, stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._end.set)
        serving = asyncio.create_task(self._server.serve(sockets=[self._listening]))
        coming_up, ending = asyncio.create_task(self._come_up()), asyncio.create_task(self._end.wait())
        try:
            await asyncio.wait({coming_up, ending, serving}, return_when=asyncio.FIRST_COMPLETED)
            if coming_up.done():
                coming_up.result()
                await asyncio.wait({ending, serving}, return_when=asyncio.FIRST_COMPLETED)
        except (StartFailed, Unavailable) as error:
            raise Failure(f"{error} (The logs are in {self._folder.logs}.)") from None
        finally:
            coming_up.cancel()
            ending.cancel()
            welcome.ending()
            self._server.should_exit = True
            await self.supervisor.stop()
            await serving
            await self._close()
        return 0

    async def _come_up(self) -> None:
        welcome.starting(self._folder.logs)
        await self.supervisor.start_foundation()
        await asyncio.gather(asyncio.to_thread(self._make_key), _prepare(await asyncio.to_thread(self._wanted_of_the_demo)))
        self.supervisor.chores.append(self._restore_key)
        self.supervisor.start_others()
        await self.supervisor.wait_ready()
        port = self._listening.getsockname()[1]
        welcome.ready(f"http://127.0.0.1:{port}", self._folder)

    def _wanted_of_the_demo(self) -> list[str]:
        """Its areas for a Redis of our own that never had any, its customers where no others are known."""
        areas = self._own_redis and self._settings.demo_areas and not self._has_areas()
        customers = bool(self._settings.linking_url) and self._settings.linking_url == demo_url(self._folder.path)
        return [name for name, wanted in (("areas", areas), ("customers", customers)) if wanted]

    def _has_areas(self) -> bool:
        with sync_link(self._settings) as link:
            return bool(RedisAreas(link).revision())

    def _make_key(self) -> None:
        with sync_link(self._settings) as link:
            ensure_demo_key(self._folder.key_file, link)
            self._make_source_keys(link)

    def _restore_key(self) -> None:
        with sync_link(self._settings) as link:
            if restore_demo_key(self._folder.key_file, link):
                log.warning("up.key_restored", reason="Redis has lost its data", key_file=str(self._folder.key_file))
                self._make_source_keys(link)

    def _make_source_keys(self, link: Redis) -> None:
        if self._polled:
            ensure_source_keys(self._settings.sources_keys_folder, self._polled, link)

    async def _close(self) -> None:
        await self._asking.aclose()
        for proxy in self._proxies.values():
            await proxy.close()
