"""An ingest process on an embedded Redis of its own (appendfsync always), for benchmarks that come through the front door."""

import http.client
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from msgspec import Struct

from services import wire
from services.adapters.keys_redis import RedisKeys
from services.cli.embedded_redis import running
from services.kernel.ids import SourceName
from services.kernel.keys import SCOPES
from tests.tree import ROOT, free_port, wait_until


class Served(Struct):
    """What a benchmark needs of it."""

    port: int
    key: str
    pid: int
    link: redis.Redis
    folder: Path

    redis_pid: int

    def pin(self, core: int, redis_core: int) -> None:
        """Run ingest on one core alone, and its Redis on another."""
        for pid, its_core in ((self.pid, core), (self.redis_pid, redis_core)):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {its_core})

    def kept(self) -> int:
        """Entries in the journal: what was acknowledged must be there."""
        return int(self.link.xlen(wire.JOURNAL))  # type: ignore[arg-type]

    def cpu_s(self) -> float:
        """Processor time that the ingest process has used."""
        return cpu_s(self.pid)

    def peak_mib(self) -> float:
        """Most memory that the ingest process has held so far."""
        return self._status_mib("VmHWM")

    def now_mib(self) -> float:
        """Memory that it holds."""
        return self._status_mib("VmRSS")

    def _status_mib(self, field: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


@contextmanager
def ingest(**settings: str) -> Iterator[Served]:
    """The service with `settings`; the lag limit is off, as no relay runs."""
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as server, redis.Redis.from_url(server.url) as link:
        folder = Path(name)
        key, port = RedisKeys(link).create(SourceName("bench"), SCOPES), free_port()
        told = {"journal_url": server.url, "ingest_lag_max_entries": "10000000", "data": name, **settings}
        environment = {**os.environ, **{f"SURGECAST_{setting.upper()}": value for setting, value in told.items()}}
        with (folder / "ingest.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, "-m", "services", "ingest", "--port", str(port)], cwd=ROOT, env=environment, stderr=log)
        try:
            wait_until(lambda: ready(port), 20, "the ingest service to be ready")
            yield Served(port, key, process.pid, link, folder, server.pid)
        finally:
            process.terminate()
            process.wait(20)


def cpu_s(pid: int) -> float:
    """Processor time that a process and those that it started have used, user and system."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            if int(stat.parent.name) == pid or int(fields[1]) == pid:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ready(port: int) -> bool:
    """Whether the service answers that it is ready."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
