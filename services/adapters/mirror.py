"""The read replica of the views that voice holds in memory: fed by polling, started warm from its last snapshot. Meets `kernel.ports.ViewMirror`.

A question is answered from `shown`, a look-up that waits for nothing. Redis gone means that `shown` gets older; it is never empty again.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from services.kernel.areas import AreaName
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.outputs import ViewFeed
from services.kernel.views import Answers, Extent, Position, Shown, Stamp, View, ViewChanges, position_order
from services.kit import metrics
from services.kit.logs import log
from services.kit.settings import Settings

SNAPSHOT_VERSION = 2
SAVED_IN_ONE_GO = 100
"""Views or extents of a snapshot that are put in writing at a time."""


class Snapshot(Struct, frozen=True):
    """What a mirror saves for its next start."""

    version: int
    revision: int
    stamp: Stamp
    views: tuple[View, ...]
    overall: Answers
    extents: tuple[Extent, ...]


class Mirror:
    """One a process. `start` and `stop` belong to the service's lifespan."""

    def __init__(self, feed: ViewFeed, clock: Clock, settings: Settings, snapshot: Path | None = None) -> None:
        """Without a `snapshot` path nothing is saved or loaded."""
        self._feed, self._clock, self._settings, self._snapshot = feed, clock, settings, snapshot
        self.shown = Shown()
        self.revision = 0
        self._saved, self._saved_revision = Stamp(), 0
        self._behind = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Show the last snapshot, catch up, then go on in the background.

        A Redis that is away is waited for a moment, if the snapshot has all that was shown before: so it is soon after Redis went, since nothing changes
        then. An older snapshot would take back what was said before (I3), and without one there is nothing to say: then Redis is waited for as long as for
        one command. No longer, as answers with their age are better than none.
        """
        self.load()
        settings, current = self._settings, self.shown.stamp.as_of is not None and self._last_shown() == self.shown.stamp.position
        wait_s = settings.mirror_start_s if current else settings.redis_timeout_s
        try:
            async with asyncio.timeout(wait_s):
                await self._catch_up_patiently()
        except TimeoutError:
            log.warning("voice.mirror_delayed", reason="Redis did not answer", position=self.shown.stamp.position)
        self._task = asyncio.create_task(self._follow(), name="mirror")

    async def _catch_up_patiently(self) -> None:
        while True:
            try:
                return await self.catch_up()
            except Unavailable:
                await asyncio.sleep(self._settings.mirror_poll_s)

    async def stop(self) -> None:
        """Stop following, and save what is shown."""
        while self._task is not None and not self._task.done():
            self._task.cancel()  # again, as redis-py may swallow one that comes in the midst of a command
            await asyncio.wait({self._task}, timeout=self._settings.mirror_poll_s)
        if self.shown.stamp != self._saved:
            await self._save()

    async def catch_up(self) -> None:
        """Take over what changed since the last time. Raises `Unavailable`, with `shown` as it was."""
        changes = await self._feed.changes(self.revision)
        if changes is not None:
            self._take(changes)

    def _take(self, changes: ViewChanges) -> None:
        if position_order(changes.stamp.position) < position_order(self.shown.stamp.position):
            self._fell_back(changes.stamp)
            return
        if self._behind and not changes.whole:  # what came back may not be what was held when it went: take all of it, next time
            self._behind, self.revision = False, 0
            return
        self._behind = False
        self._note_shown(changes.stamp.position)
        if changes.revision != self.revision or changes.whole:
            views = changes.views if changes.whole else {**self.shown.views, **changes.views}
            overall = self.shown.overall if changes.overall is None else changes.overall
            self.shown = Shown(changes.stamp, views, overall, self._names(views, changes), self._extents(changes))
            self.revision = changes.revision
        else:
            self.shown = msgspec.structs.replace(self.shown, stamp=changes.stamp)

    def _note_shown(self, position: Position) -> None:
        """Leave word, beside the snapshot, of what is about to be shown: a snapshot takes too long to save each time."""
        if self._snapshot is None or position == self.shown.stamp.position:
            return
        try:
            self._snapshot.parent.mkdir(parents=True, exist_ok=True)
            _mark(self._snapshot).write_text(position, "ascii")
        except OSError as error:
            log.warning("voice.mark_failed", reason=str(error))

    def _last_shown(self) -> str:
        """The position that was shown last, by any process on this snapshot; '' where that is not known."""
        try:
            return _mark(self._snapshot).read_text("ascii") if self._snapshot is not None else ""
        except (OSError, UnicodeDecodeError):
            return ""

    def _fell_back(self, stamp: Stamp) -> None:
        """Say once that what is shown stays, and what ends it."""
        if not self._behind:
            log.error(
                "voice.mirror_overtook",
                shown=self.shown.stamp.position,
                offered=stamp.position,
                action="the journal was emptied or replaced by an older one: restore it, or send new events, which pass what is shown at once",
            )
        self._behind = True

    def _names(self, views: Mapping[AreaId, View], changes: ViewChanges) -> Mapping[AreaId, AreaName]:
        """The names held, or a new mapping where one changed: whoever prepared something of them sees it."""
        held = self.shown.names
        if len(views) == len(held) and all(held.get(area) == view.brief.named for area, view in changes.views.items()):
            return held
        return {area: view.brief.named for area, view in views.items()}

    def _extents(self, changes: ViewChanges) -> Mapping[OutageKey, Extent]:
        """The extents held, or a new mapping where one changed."""
        held = self.shown.extents
        if not changes.extents and not (changes.whole and held):
            return held
        merged = changes.extents if changes.whole else {**held, **changes.extents}
        return {key: extent for key, extent in merged.items() if extent is not None}

    async def _follow(self) -> None:
        settings, wait, save_in = self._settings, 0.0, 0.0
        while True:
            try:
                await self.catch_up()
                if wait:
                    log.info("voice.mirror_resumed", position=self.shown.stamp.position)
                wait = 0.0
            except Unavailable as error:
                if not wait:
                    log.warning("voice.mirror_delayed", reason=str(error), position=self.shown.stamp.position)
                wait = min(settings.mirror_retry_max_s, max(settings.mirror_poll_s, 2 * wait))
            except Exception as error:  # whatever it is, questions are still answered and the next try may work
                log.error("voice.mirror_failed", exc_info=error)
                wait = settings.mirror_retry_max_s
            self._observe()
            pause = max(wait, settings.mirror_poll_s)
            save_in -= pause
            if save_in <= 0 and self.revision != self._saved_revision:
                await self._save()
                save_in = settings.mirror_snapshot_s
            await asyncio.sleep(pause)

    def _observe(self) -> None:
        as_of = self.shown.stamp.as_of
        if as_of is not None:
            metrics.OUTPUT_AGE.labels("voice").set((self._clock.now() - as_of).total_seconds())

    def load(self) -> None:
        """Show the last snapshot; one that can't be read is passed over."""
        if self._snapshot is None or not self._snapshot.exists():
            return
        try:
            kept = msgspec.json.decode(self._snapshot.read_bytes(), type=Snapshot)
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("voice.snapshot_ignored", reason=str(error))
            return
        if kept.version == SNAPSHOT_VERSION:
            views = {view.brief.area: view for view in kept.views}
            names = {area: view.brief.named for area, view in views.items()}
            self.shown = Shown(kept.stamp, views, kept.overall, names, {extent.key: extent for extent in kept.extents})
            self.revision = self._saved_revision = kept.revision
            self._saved = kept.stamp

    async def _save(self) -> None:
        if self._snapshot is None:
            return
        shown, revision = self.shown, self.revision
        kept = Snapshot(SNAPSHOT_VERSION, revision, shown.stamp, tuple(shown.views.values()), shown.overall, tuple(shown.extents.values()))
        try:
            await asyncio.to_thread(_write, self._snapshot, kept)
        except OSError as error:
            log.warning("voice.snapshot_failed", reason=str(error))
        else:
            self._saved, self._saved_revision = shown.stamp, revision


def _mark(snapshot: Path) -> Path:
    return snapshot.with_suffix(".shown")


def _pieces(kept: Snapshot) -> Iterator[bytes]:
    """A snapshot as it is saved, a few views at a time: one call for all of it would keep every other thread waiting, 20 ms for 5,000 views."""
    encode = msgspec.json.encode
    yield b'{"version":%d,"revision":%d,"stamp":%b,"overall":%b' % (kept.version, kept.revision, encode(kept.stamp), encode(kept.overall))
    lists: tuple[tuple[bytes, Sequence[Struct]], ...] = ((b"views", kept.views), (b"extents", kept.extents))
    for name, listed in lists:
        yield b',"%b":[' % name
        for first in range(0, len(listed), SAVED_IN_ONE_GO):
            yield (b"," if first else b"") + encode(listed[first : first + SAVED_IN_ONE_GO])[1:-1]
        yield b"]"
    yield b"}"


def _write(path: Path, kept: Snapshot) -> None:
    """Put a complete file in place of the one before: a crash in between leaves that one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(_pieces(kept))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
