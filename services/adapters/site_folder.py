"""The rendered public side as a folder of complete files: what the public service, nginx or an upload to an object store reads.

Files are not synced to the disk one by one: they are made of the journal, and a worker that starts renders them all anew. After a
power cut some may have lost their bytes: such a file reads as if it weren't there.
"""

import errno
import os
import secrets
import threading
from collections.abc import Collection, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from io import FileIO
from pathlib import Path

import msgspec

from services.adapters.site_names import file_name
from services.kernel.manifest import refuse_older, stamp_in
from services.kernel.ports.failures import Unavailable
from services.kernel.views import Stamp
from services.wire import SITE_MANIFEST

HEAD_BYTES = 4096
"""Two versions of a file mostly differ in their stamp, which stands at the head."""
HALF_WRITTEN = ".new-"
"""What the names of files begin with until they are complete."""
WRITERS = 4
"""Files written at a time."""
PATHS_MAX = 20_000
"""Paths whose spelling is remembered: a storm rewrites the same few thousand files again and again."""


class SiteFolder:
    """Meets `kernel.ports.SiteStore` and `SiteReader`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._token = secrets.token_hex(4)  # process ids are no names: workers in two containers may share the folder
        self._pool = ThreadPoolExecutor(WRITERS, "site-writer")  # starts no thread before it is used
        self._at = lru_cache(maxsize=PATHS_MAX)(self._spelled)

    def write(self, path: str, body: bytes) -> None:
        """Replace the file at `path` with `body`, by a rename; nothing where it holds these bytes already."""
        target = self._at(path)
        try:
            if not _holds(target, body):
                self._replace(target, body)
        except OSError as error:
            raise Unavailable(f"cannot write {path} in the site's folder: {error.strerror}. Is the disk full or read-only?") from error

    def write_all(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write them from several threads: each waits for the disk's journal, which a Redis on the same disk keeps busy."""
        for written in [self._pool.submit(self.write, path, body) for path, body in files]:
            written.result()

    def remove(self, path: str) -> None:
        """Take the file at `path` away."""
        try:
            os.unlink(self._at(path))
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"cannot remove {path} from the site's folder: {error.strerror}") from error

    def keep(self, under: str, paths: Collection[str]) -> None:
        """Take away every file in the folder `under` except those at `paths`; half-written ones of a killed worker go too."""
        kept = {os.path.basename(self._at(path)) for path in paths}
        try:
            for entry in os.scandir(self._at(under)):
                if entry.is_file(follow_symlinks=False) and entry.name not in kept:
                    os.unlink(entry.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"cannot tidy {under} in the site's folder: {error.strerror}") from error

    def sweep(self, before: datetime) -> None:
        """Take away the temporary files, in any folder, that were last written before then."""
        try:
            for half in self._root.rglob(f"{HALF_WRITTEN}*"):
                if half.stat().st_mtime < before.timestamp():
                    half.unlink()
        except FileNotFoundError:
            return  # its writer lives, or another swept it: what is left waits for the next sweep
        except OSError as error:
            raise Unavailable(f"cannot tidy the site's folder: {error.strerror}") from error

    def published(self) -> Stamp | None:
        """What the manifest says."""
        return stamp_in(self.read(SITE_MANIFEST))

    def publish(self, stamp: Stamp) -> None:
        """Write the manifest."""
        refuse_older(stamp, self.published())
        self.write(SITE_MANIFEST, msgspec.json.encode(stamp))

    def version(self, path: str) -> Hashable | None:
        """The file's number, size and time of change: a rename changes at least the first or the last."""
        try:
            found = os.stat(self._at(path))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as error:
            raise Unavailable(f"cannot look at {path}: {error.strerror}") from error
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def read(self, path: str) -> bytes | None:
        """The whole file."""
        try:
            body = Path(self._at(path)).read_bytes()
            return body if body[:1] > b"\0" < body[-1:] else None  # no document begins or ends so: a power cut came between name and bytes
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
            return None
        except OSError as error:
            raise Unavailable(f"cannot read {path}: {error.strerror}") from error

    def _spelled(self, path: str) -> str:
        return os.path.join(self._root, file_name(path))

    def _replace(self, target: str, body: bytes) -> None:
        folder = os.path.dirname(target)
        temporary = os.path.join(folder, f"{HALF_WRITTEN}{self._token}-{os.getpid()}-{threading.get_ident()}")
        try:
            handle = _create(temporary)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            handle = _create(temporary)
        try:
            with open(handle, "wb", buffering=0) as file:
                _reserve(handle, len(body))
                _write_all(file, body)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


def _holds(target: str, body: bytes) -> bool:
    try:
        with open(target, "rb", buffering=0) as file:
            same_size = os.fstat(file.fileno()).st_size == len(body)
            return same_size and file.read(HEAD_BYTES) == body[:HEAD_BYTES] and file.readall() == body[HEAD_BYTES:]
    except FileNotFoundError:
        return False


def _create(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)  # another user's nginx may read it


def _reserve(handle: int, size: int) -> None:
    """Give the file its blocks before its bytes. Without them, ext4 starts to write a file out when it is renamed over another
    (`auto_da_alloc`), which costs three times as much as all the rest, and Redis's next fsync waits for it (docs/performance.md)."""
    if not size or not hasattr(os, "posix_fallocate"):  # macOS has none
        return
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # a file system without it
            raise


def _write_all(file: FileIO, body: bytes) -> None:
    left = memoryview(body)
    while left:
        left = left[file.write(left) :]
