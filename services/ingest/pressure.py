"""Whether the journal can take more: not where it is gone or can't write, lacks replicas, the relay is far behind, or memory runs out under all (I9)."""

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.types import Scope

from services.kernel.ports.failures import Unavailable
from services.kernel.ports.work import Backlog
from services.kit.logs import log
from services.kit.refusal import Refusal
from services.kit.settings import Settings

GONE = Refusal("journal-unavailable", "Journal unavailable", "The journal can't be reached")
UNWRITABLE = Refusal("journal-unavailable", "Journal unavailable", "The journal can't write to its disk")
MISSED = Refusal("journal-unavailable", "Journal unavailable", "The journal can't be written now. Nothing was acknowledged")


SNAPSHOTS = "/ingest/v1/snapshots/"


class Pressure:
    """What speaks against taking more, looked up in the background so that no request waits for it. A breaker: open while the journal is silent."""

    def __init__(
        self,
        ask: Callable[[], Backlog],
        settings: Settings,
        answered_at: Callable[[], float] = lambda: -math.inf,
        room_mib: Callable[[], float] = lambda: math.inf,
    ) -> None:
        """`ask` may block, and raise `Unavailable`. `answered_at` tells when the journal last took something (`time.monotonic`).

        `room_mib` tells what is left on its disk.
        """
        self._ask, self._settings, self._answered_at, self._room_mib = ask, settings, answered_at, room_mib
        self._single: Refusal | None = None
        self._bulk: Refusal | None = None
        self._failed = False
        """Whether a failure of ours was told, and stands."""

    def __call__(self, bulk: bool = False) -> Refusal | None:
        """The reason to refuse, as last seen. Bulk is refused earlier than single updates."""
        return self._bulk if bulk else self._single

    async def watch(self) -> None:
        """Go on asking until cancelled, whatever the answer."""
        thread = ThreadPoolExecutor(1, "pressure")  # its own: behind large bodies in the common ones, a question would be taken for one without an answer
        try:
            while True:
                wait_s = await self._looked(thread)
                await asyncio.sleep(wait_s)
        finally:
            thread.shutdown(wait=False)

    async def _looked(self, thread: ThreadPoolExecutor) -> float:
        """Ask once, in `thread`; the seconds after which to ask again."""
        asked = asyncio.get_running_loop().run_in_executor(thread, self._ask)
        answered, _ = await asyncio.wait({asked}, timeout=self._settings.ingest_silent_s)
        if not answered:
            self._gone("it doesn't answer")
        try:
            backlog = await asked
            self._single, self._bulk = self._against(backlog, 1.0), self._against(backlog, self._settings.ingest_bulk_room_share)
        except Unavailable as error:
            self._gone(str(error))
        except Exception as error:  # an answer that can't be used, such as that we may not ask: no verdict must stand for ever because of it
            if not self._failed:
                log.error("ingest.pressure_failed", exc_info=error)
            self._failed = True
            self._gone(str(error))
        else:
            self._failed = False
            return self._settings.ingest_pressure_every_s
        return self._settings.ingest_silent_retry_s

    def _gone(self, why: str) -> None:
        if time.monotonic() - self._answered_at() < self._settings.ingest_silent_s:
            return  # it is busy, not silent: what is taken proves it
        if self._single is not GONE:
            log.warning("ingest.journal_gone", error=why)
        self._single = self._bulk = GONE

    def _against(self, backlog: Backlog, room: float) -> Refusal | None:
        """`room` is the share of each limit that may be used."""
        most, share = self._settings.ingest_lag_max_entries, self._settings.ingest_memory_max_share
        if not backlog.writable:
            return UNWRITABLE
        if backlog.replicas < (needed := self._settings.journal_wait_replicas):  # each event would wait for them in vain
            return Refusal(
                "journal-unavailable",
                "Journal unavailable",
                f"{backlog.replicas} of the journal's replicas are there (SURGECAST_JOURNAL_WAIT_REPLICAS is {needed}): bring them back",
            )
        if (left := self._room_mib()) < (least := self._settings.ingest_disk_min_mib):  # full, Redis ends: it can't take back what it has not written
            return Refusal(
                "disk-full", "Disk nearly full", f"{left:.0f} MiB are left on the journal's disk (SURGECAST_INGEST_DISK_MIN_MIB is {least}): make room"
            )
        if backlog.lag > most * room:
            return _behind(f"the relay is behind by {backlog.lag} accepted events (SURGECAST_INGEST_LAG_MAX_ENTRIES is {most})")
        if backlog.memory_share > share * room:  # the rest is for the relay and the workers: what was accepted must still be shown
            return _behind(f"{backlog.memory_share:.0%} of the journal's memory is used (SURGECAST_INGEST_MEMORY_MAX_SHARE is {share:.0%})")
        return None


def _behind(why: str) -> Refusal:
    return Refusal("behind", "Behind", f"Too busy: {why}")


def bulk_from(bytes_min: int) -> Callable[[Scope], bool]:
    """Whether a request is bulk, as its head tells: a picture, or a body of more than `bytes_min` bytes or of unknown length."""

    def is_bulk(scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit():
                return int(value) > bytes_min or str(scope["path"]).startswith(SNAPSHOTS)
        return bool(scope["method"] == "POST")

    return is_bulk
