"""A master, two replicas and three Sentinels on loopback, as an operator would set them up: what failover tests kill."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import redis
from redis.sentinel import Sentinel

from services.cli.embedded_redis import CONFIG_NAME, PASSWORD_NAME, Running, find_server, prepare
from services.kit.settings import Settings
from tests.tree import free_port, wait_until

MASTER, PASSWORD = "surgecast", "between-us"
REPLICAS, SENTINELS = 2, 3
PATIENCE_S = 90.0
"""How long states are waited for: a failover that takes 13 s on an idle machine takes several times as long on one that others use."""

_REPLICATION = """
masterauth {password}
repl-diskless-sync-delay 0
repl-timeout 10
min-replicas-max-lag 5
min-replicas-to-write {min_replicas}
"""

_SENTINEL = """
port {port}
bind 127.0.0.1
dir "{folder}"
sentinel monitor {master} 127.0.0.1 {master_port} 2
sentinel auth-pass {master} {password}
sentinel down-after-milliseconds {master} 1000
sentinel failover-timeout {master} 6000
sentinel parallel-syncs {master} 2
"""


class Watched:
    """The servers by port, and the Sentinels over them."""

    def __init__(self, servers: dict[int, Running], ports: list[int]) -> None:
        self.servers, self.ports = servers, ports
        self.sentinels = Sentinel([("127.0.0.1", port) for port in ports], sentinel_kwargs={"socket_timeout": 2})

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"redis+sentinel://:{PASSWORD}@{hosts}/{MASTER}"

    def master(self) -> Running:
        """Whom the Sentinels name; waits while they agree on none, as they may whenever the machine is too busy for a master to answer them in time."""
        return cast("Running", wait_until(self._named, PATIENCE_S, "a master that the Sentinels agree on"))

    def _named(self) -> Running | None:
        try:
            return self.servers[self.sentinels.discover_master(MASTER)[1]]
        except redis.RedisError:
            return None

    def link(self, server: Running, timeout_s: float = 2) -> "redis.Redis":
        return redis.Redis.from_url(server.url, socket_timeout=timeout_s)

    def whole(self) -> bool:
        """The master has all its replicas, and each Sentinel knows them and the other Sentinels."""
        try:
            with self.link(self._named() or next(iter(self.servers.values()))) as link:
                info: Any = link.info("replication")
            online = [info[f"slave{number}"]["state"] == "online" for number in range(info["connected_slaves"])]
            seen = [sentinel.sentinel_masters()[MASTER] for sentinel in self.sentinels.sentinels]
        except (redis.RedisError, KeyError):
            return False
        one = len({state["port"] for state in seen}) == 1
        return one and sum(online) == REPLICAS and all((state["num-slaves"], state["num-other-sentinels"]) == (REPLICAS, SENTINELS - 1) for state in seen)

    def kill(self) -> None:
        """kill -9 of the master; it is started again, as a supervisor would, once another is promoted."""
        old = self.master()
        old.kill()
        self._await_another_than(old)
        old.restart()

    def kill_rejoining(self) -> None:
        """The same, but whoever starts it again asks the Sentinels first, and starts it as a replica of the new master."""
        old = self.master()
        old.kill()
        self._await_another_than(old)
        with (old.server.folder / CONFIG_NAME).open("a") as config:
            config.write(f"replicaof 127.0.0.1 {self.master().server.port}\n")
        old.restart()

    def move(self, *how: str) -> None:
        """A planned move, to its end: `SENTINEL FAILOVER`."""
        old = self.master()
        wait_until(lambda: self._takes_the_order(how), PATIENCE_S, "a Sentinel that begins the move")
        self._await_another_than(old)

    def _takes_the_order(self, how: tuple[str, ...]) -> bool:
        """False while one that the Sentinels began themselves is under way, or no replica is fit to take over."""
        try:
            self.sentinels.sentinels[0].execute_command("SENTINEL", "FAILOVER", MASTER, *how)
        except redis.ResponseError as error:
            if not str(error).startswith(("INPROG", "NOGOODSLAVE")):
                raise
            return False
        return True

    def move_coordinated(self) -> None:
        """The same, but the old master hands over before it is demoted (Valkey 9; a server that can't raises `ResponseError`)."""
        self.move("COORDINATED")

    def stall(self) -> None:
        """The master stands still for so long that another is promoted, and goes on as if nothing had been."""
        old = self.master()
        os.kill(old.pid, signal.SIGSTOP)
        try:
            self._await_another_than(old)
        finally:
            os.kill(old.pid, signal.SIGCONT)

    def _await_another_than(self, old: Running) -> None:
        wait_until(lambda: (self._named() or old) is not old, PATIENCE_S, "another master")


@contextmanager
def watched(folder: Path, min_replicas: int = 0) -> Iterator[Watched]:
    """All of them, up and acquainted; ended by their ids at the end."""
    with ExitStack() as stack:
        servers = [_server(folder / f"server-{number}", min_replicas) for number in range(1 + REPLICAS)]
        for server in servers:
            stack.callback(server.stop)
        for replica in servers[1:]:
            with redis.Redis.from_url(replica.url) as link:
                link.replicaof("127.0.0.1", servers[0].server.port)
                link.config_rewrite()
        ports = [_sentinel(folder / f"sentinel-{number}", servers[0].server.port, stack) for number in range(SENTINELS)]
        group = Watched({server.server.port: server for server in servers}, ports)
        wait_until(group.whole, PATIENCE_S, "master, replicas and Sentinels know each other")
        yield group


def _server(folder: Path, min_replicas: int) -> Running:
    folder.mkdir(parents=True)
    (folder / PASSWORD_NAME).write_text(PASSWORD)
    server = prepare(folder, named=Settings().redis_server)
    with (folder / CONFIG_NAME).open("a") as config:
        config.write(_REPLICATION.format(password=PASSWORD, min_replicas=min_replicas))
    return Running(server)


def _sentinel(folder: Path, master_port: int, stack: ExitStack) -> int:
    folder.mkdir(parents=True)
    port, config = free_port(), folder / "sentinel.conf"
    config.write_text(_SENTINEL.format(port=port, folder=folder, master=MASTER, master_port=master_port, password=PASSWORD))
    log = stack.enter_context((folder / "sentinel.log").open("ab"))
    argv = [find_server(Settings().redis_server).path, str(config), "--sentinel"]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    stack.callback(_end, process)
    return port


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
