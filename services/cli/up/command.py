"""`surgecast up`, before anything heavy is imported: the folder, the port and the environment that all parts share."""

import os
import socket
from pathlib import Path

from services.cli import alexa_dev
from services.cli.demo_customers import demo_url
from services.cli.embedded_link import FOLDER
from services.cli.embedded_redis import NoServer, Server, prepare
from services.cli.failure import Failure
from services.cli.up.folder import DataFolder
from services.kernel.polls import Polled
from services.kit.settings import Settings
from services.sources.config import ConfigError
from services.sources.config import load as load_sources

_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "262144"}
"""For glibc's malloc: by default it keeps eight arenas a core, mostly empty, and after a large picture never gives its memory back."""


def up(settings: Settings, port: int) -> int:
    """Run the whole tree until SIGTERM or Ctrl-C; gives the exit code. Raises `Failure`."""
    polled = _polled(settings)
    _look_at_accounts(settings)
    folder = DataFolder(settings.data)
    listening = listen(port, settings.http_backlog)
    redis = None if "journal_url" in settings.model_fields_set else _prepared(settings, folder.path)
    share_environment(settings, folder.fresh_metrics(), folder.path, listening.getsockname()[1], redis)

    from services.cli.up.run import run  # only now: the metrics library looks at the environment when it is imported

    return run(Settings(), folder, listening, redis, polled)


def _polled(settings: Settings) -> list[Polled]:
    """The sources that are to be polled. Raises `Failure`."""
    if settings.sources is None:
        return []
    try:
        return list(load_sources(settings.sources).values())
    except ConfigError as error:
        raise Failure(str(error)) from None


def _look_at_accounts(settings: Settings) -> None:
    """Raises `Failure` where the file of accounts that posts go to, or the policy of what is worth a post, can't be read. One bad account is told, and
    keeps nobody from starting."""
    if settings.accounts is None and settings.social_policy is None:
        return
    from services.adapters.accounts_file import AccountsError, read
    from services.adapters.policy_file import PolicyError, policy

    try:
        read(settings.accounts)
        policy(settings)
    except AccountsError as error:
        raise Failure(f"SURGECAST_ACCOUNTS: {error}") from None
    except PolicyError as error:
        raise Failure(f"SURGECAST_SOCIAL_POLICY: {error}") from None


def listen(port: int, backlog: int) -> socket.socket:
    """A socket on loopback, listening. Raises `Failure` where the port is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio turns Nagle off only where TCP is named
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(backlog)
    except OSError as error:
        listening.close()
        raise Failure(f"Port {port} can't be used: {error.strerror}. Stop what listens there, or name another port, such as PORT={port + 1}.") from None
    return listening


def _prepared(settings: Settings, data: Path) -> Server:
    try:
        return prepare(data / FOLDER, named=settings.redis_server, maxmemory_mib=settings.redis_maxmemory_mib)
    except NoServer as error:
        raise Failure(str(error)) from None


def share_environment(settings: Settings, metrics: Path, data: Path, port: int, redis: Server | None) -> None:
    """Set what this process and all parts must agree on."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    os.environ["SURGECAST_DATA"] = str(data)
    for name, value in _MALLOC.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("SURGECAST_SOURCES_INGEST_URL", f"http://127.0.0.1:{port}")
    if redis is not None:
        os.environ["SURGECAST_JOURNAL_URL"] = redis.url
        os.environ["SURGECAST_JOURNAL_FOLDER"] = str(redis.folder)
    if not settings.alexa_skill_ids:
        os.environ.update(alexa_dev.environment(data))
    if settings.demo_customers and not settings.knows_customers:
        os.environ["SURGECAST_CUSTOMERS_URL"] = os.environ["SURGECAST_LINKING_URL"] = demo_url(data)
    if "public_url" not in settings.model_fields_set:
        os.environ["SURGECAST_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
