"""The site's files in memory. A read is a look-up; whether a file has changed is asked a few times a second, not for each reader."""

import asyncio
import time
from collections.abc import Callable, Hashable

from msgspec import Struct

from services.kernel.ports.failures import Unavailable
from services.kernel.ports.outputs import SiteReader
from services.kit.logs import log
from services.kit.settings import Settings
from services.public.document import Document, document


class _Slot(Struct):
    document: Document
    version: Hashable
    looked_at: float
    """By `monotonic`."""
    current_at: float
    """When it was last known to be the newest version."""


class Shelf:
    """Holds each file that was asked for since it was there: no more than the site has. What the folder can't give, it goes on serving."""

    def __init__(self, reader: SiteReader, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._reader, self._settings, self._monotonic = reader, settings, monotonic
        self._slots: dict[str, _Slot] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._dark = False

    async def fetch(self, path: str) -> Document | None:
        """As `find`, but waits for a large file's new version where the one before was not the newest within `public_refresh_s`."""
        found = self.find(path)
        if found is not None and (loading := self._loading.get(path)) and self._monotonic() - self._slots[path].current_at > self._settings.public_refresh_s:
            await asyncio.wait({loading})  # unlike awaiting it, this leaves it running for others when one reader goes away
            return self.find(path)
        return found

    def refresh(self) -> None:
        """Begin to load the large files that have changed, so that the first reader after a quiet time need not wait."""
        for path in [path for path, slot in self._slots.items() if self._is_large(slot)]:
            self.find(path)

    def find(self, path: str) -> Document | None:
        """The file at `path`, no older than `public_check_s`; of a large one that has changed, the version before until the new one is loaded."""
        slot, now = self._slots.get(path), self._monotonic()
        if slot is not None and now - slot.looked_at < self._settings.public_check_s:
            return slot.document
        try:
            return self._look(path, slot, now)
        except Unavailable as error:
            if not self._dark:
                log.error("public.folder_lost", reason=str(error))
            self._dark = True
            return slot.document if slot else None

    def _look(self, path: str, slot: _Slot | None, now: float) -> Document | None:
        version = self._reader.version(path)
        self._dark = False
        if version is None:
            self._slots.pop(path, None)
            return None
        if slot is not None:
            slot.looked_at = now
            if version == slot.version:
                slot.current_at = now
                return slot.document
            if self._is_large(slot):
                self._load_beside(path, version)
                return slot.document
        return self._shelve(path, version, self._read(path))

    def _is_large(self, slot: _Slot) -> bool:
        return len(slot.document.raw) > self._settings.public_inline_max_bytes

    def _read(self, path: str) -> Document | None:
        body = self._reader.read(path)
        return None if body is None else document(path, body, self._settings)

    def _shelve(self, path: str, version: Hashable, found: Document | None) -> Document | None:
        if found is None:
            self._slots.pop(path, None)
        else:
            now = self._monotonic()
            self._slots[path] = _Slot(found, version, now, now)
        return found

    def _load_beside(self, path: str, version: Hashable) -> None:
        """Read and compress a large file in a thread: meanwhile the event loop serves, of this file the version before."""
        if path in self._loading:
            return

        async def load() -> None:
            try:
                self._shelve(path, version, await asyncio.to_thread(self._read, path))
            except Unavailable as error:
                log.error("public.folder_lost", reason=str(error))
            finally:
                del self._loading[path]

        self._loading[path] = asyncio.get_running_loop().create_task(load())
