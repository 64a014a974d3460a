"""What readers read: views for voice, files for the public side."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.ids import OutageKey
from services.kernel.views import Answers, Extent, Shown, Stamp, View, ViewChanges


class Extents(Struct, frozen=True):
    """How far outages extend, as far as that changed."""

    changed: Mapping[OutageKey, Extent | None] = {}
    """None: it is over, or nothing is known of it any more."""
    whole: bool = False
    """These are all there are: drop every other."""


NO_EXTENTS = Extents()


class ViewStore(Protocol):
    """The areas' views, as their renderer writes them for the mirrors. Down: raises `Unavailable`; mirrors go on with what they hold."""

    def publish(self, views: Iterable[View], overall: Answers, stamp: Stamp, extents: Extents = NO_EXTENTS, *, whole: bool = False) -> bool:
        """Store `views`, the answers for all areas together, `extents` and what they reflect, in one atomic step; `whole` drops all other views.

        False, and nothing is stored, where a later position is there already; the same one is always renewed, for clocks may be
        set back. Safe twice.
        """
        ...


class ViewFeed(Protocol):
    """The same views as a mirror reads them, in its event loop. Down: raises `Unavailable`; the mirror answers with what it holds, and its age tells."""

    async def changes(self, revision: int) -> ViewChanges | None:
        """What changed after `revision`, all of one moment; None before the first publication. A revision from another life of the store gets everything."""
        ...


class ViewMirror(Protocol):
    """The views in this process's memory. Down: nothing can be; `shown` gets older, and its stamp says by how much."""

    @property
    def shown(self) -> Shown:
        """What is known now. Empty, with no `as_of`, until the first synchronisation or snapshot."""
        ...


class SiteStore(Protocol):
    """The rendered public side. Down (disk full, read-only): raises `Unavailable`; what was published stays as it was."""

    def write(self, path: str, body: bytes) -> None:
        """Put a complete file in place of the one at `path`, in one atomic step."""
        ...

    def write_all(self, files: Sequence[tuple[str, bytes]]) -> None:
        """`write` each of `files`, in any order, several at a time. Where one can't be written the others may be in place."""
        ...

    def remove(self, path: str) -> None:
        """Take the file at `path` away; one that isn't there is no error."""
        ...

    def keep(self, under: str, paths: Collection[str]) -> None:
        """Take away every file in the folder `under` except those at `paths`."""
        ...

    def sweep(self, before: datetime) -> None:
        """Take away what killed writers left half written before then."""
        ...

    def read(self, path: str) -> bytes | None:
        """The whole file; None where there is none, or only a part of it."""
        ...

    def published(self) -> Stamp | None:
        """What the files were last said to reflect; None where nothing was published, or nobody can read what was."""
        ...

    def publish(self, stamp: Stamp) -> None:
        """Say that every file now reflects `stamp`: last, when all are in place. Raises `Overtaken` where a later position is there."""
        ...


class SiteReader(Protocol):
    """The rendered public side as its HTTP service reads it. Down: raises `Unavailable`; the service goes on with what it holds."""

    def version(self, path: str) -> Hashable | None:
        """Something that differs whenever the file at `path` does; None where there is no file. Cheap: asked several times a second."""
        ...

    def read(self, path: str) -> bytes | None:
        """The whole file; None where there is none."""
        ...
