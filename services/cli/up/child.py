"""One part's process: started on a leash, started again when it dies or hangs, stopped with all that it started."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from services.cli.up.logfile import LogFile
from services.cli.up.pacing import Pacing
from services.cli.up.part import Part
from services.kit import metrics
from services.kit.logs import log
from services.kit.settings import Settings

LEASH = str(Path(__file__).with_name("leash.py"))
NOT_STARTED = "not started yet"
MISSES_MIN = 3
"""A part is never killed for fewer answers missed: it may be the supervisor that was held up."""


class Child:
    """A `Part` and the process that it is now, if any."""

    def __init__(self, part: Part, settings: Settings, logs: Path, free_port: Callable[[], int]) -> None:
        self.part, self._settings, self._free_port = part, settings, free_port
        self.log = LogFile(logs, part.name, settings.up_log_max_bytes)
        self.port = part.port or 0
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self._stopping = False
        self._pacing = Pacing(settings)

    async def run(self, may_start: Callable[[], Awaitable[None]]) -> None:
        """Keep the part alive until `stop`; before each start wait for `may_start`."""
        while not self._stopping:
            await may_start()
            started = time.monotonic()
            process = await self._spawn()
            if process is None:  # the machine is out of processes or descriptors
                await asyncio.sleep(self._pacing.wait_s(lived_s=0.0))
                continue
            watching = asyncio.create_task(self._kill_if_hung(process))
            try:
                code = await process.wait()
            finally:
                watching.cancel()
            self._sweep(process.pid)
            metrics_forget(process.pid)
            if not self._stopping:
                self.restarts += 1
                metrics.RESTARTS.labels(self.part.name).inc()
                log.warning("up.died", part=self.part.name, code=code, log=str(self.log.path), last_words=self.log.last_words())
                await asyncio.sleep(self._pacing.wait_s(time.monotonic() - started))

    @property
    def runs(self) -> bool:
        """Whether there is a process; it may not serve yet."""
        return self.process is not None and self.process.returncode is None

    async def unready(self) -> str:
        """Why this part does not serve; empty where it does."""
        if not self.runs:
            return f"not running; its log is {self.log.path}" if self.restarts else NOT_STARTED
        return await self.part.ready(self.port)

    async def stop(self, grace_s: float) -> None:
        """SIGTERM, then after `grace_s` SIGKILL to the process and all in its group. Returns when it is gone."""
        self._stopping = True
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), grace_s)
        except TimeoutError:
            log.warning("up.killed", part=self.part.name, after_s=grace_s)
            self._sweep(process.pid)
            await process.wait()
        self._sweep(process.pid)

    async def _spawn(self) -> asyncio.subprocess.Process | None:
        self.port = self.part.port or self._free_port()
        output = self.log.open()
        command = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), *self.part.command(self.port)]
        try:
            self.process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.part.environment},
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone, which stops the parts in order
            )
        except OSError as error:
            log.error("up.start_failed", part=self.part.name, error=str(error))
            return None
        finally:
            os.close(output)
        if self._stopping:  # `stop` came while the process was being made, and did not see it
            self._sweep(self.process.pid)
        return self.process

    async def _kill_if_hung(self, process: asyncio.subprocess.Process) -> None:
        """End a process that was alive and has not answered for too long: `run` then starts it again like one that died."""
        alive, answered_at, misses = self.part.alive, None, 0
        while alive is not None:
            await asyncio.sleep(self._settings.up_alive_every_s)
            if await alive(self.port):
                answered_at, misses = time.monotonic(), 0
                continue
            misses += 1
            silent_s = 0.0 if answered_at is None else time.monotonic() - answered_at
            if silent_s >= self._settings.up_hung_s and misses >= MISSES_MIN and not self._stopping:
                log.warning("up.hung", part=self.part.name, silent_s=round(silent_s), log=str(self.log.path))
                self._sweep(process.pid)
                return

    def _sweep(self, group: int) -> None:
        """Kill what is left of the part's process group: Celery's pool processes outlive a parent that was killed."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def metrics_forget(pid: int) -> None:
    """Tell the shared metrics that a process is gone: its live gauges go, its counters stay counted."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]
