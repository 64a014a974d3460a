"""The rendered public side in this process's memory: the folder's twin, for tests and drills."""

from collections.abc import Collection, Hashable, Sequence
from datetime import datetime

import msgspec

from services.kernel.manifest import refuse_older, stamp_in
from services.kernel.ports.failures import Unavailable
from services.kernel.views import Stamp
from services.wire import SITE_MANIFEST


class SiteMemory:
    """Meets `kernel.ports.SiteStore` and `SiteReader`. `full` makes it refuse to write, as a full disk does."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.full = False
        self._versions: dict[str, int] = {}
        self._writes = 0

    def write(self, path: str, body: bytes) -> None:
        """Replace the file at `path` with `body`; nothing where it holds these bytes already."""
        if "" in path.split("/"):
            raise ValueError("no file of the site has an empty name")
        if self.files.get(path) == body:
            return
        if self.full:
            raise Unavailable(f"cannot write {path}: the site is full")
        self._writes += 1
        self.files[path] = body
        self._versions[path] = self._writes

    def write_all(self, files: Sequence[tuple[str, bytes]]) -> None:
        """One after the other."""
        for path, body in files:
            self.write(path, body)

    def remove(self, path: str) -> None:
        """Take the file at `path` away."""
        self.files.pop(path, None)
        self._versions.pop(path, None)

    def keep(self, under: str, paths: Collection[str]) -> None:
        """Take away every file in the folder `under` except those at `paths`."""
        for path in [path for path in self.files if path.rpartition("/")[0] == under and path not in paths]:
            self.remove(path)

    def sweep(self, before: datetime) -> None:
        """Nothing is ever half written here."""

    def published(self) -> Stamp | None:
        """What the manifest says."""
        return stamp_in(self.files.get(SITE_MANIFEST))

    def publish(self, stamp: Stamp) -> None:
        """Write the manifest."""
        refuse_older(stamp, self.published())
        self.write(SITE_MANIFEST, msgspec.json.encode(stamp))

    def version(self, path: str) -> Hashable | None:
        """The number of the write that made the file."""
        return self._versions.get(path)

    def read(self, path: str) -> bytes | None:
        """The whole file."""
        return self.files.get(path)
