"""The area catalogue: written by the command line, read by every ingest process; its names by whoever tells of areas."""

from collections.abc import Mapping
from typing import Protocol

from services.kernel.areas import AreaName, Catalogue
from services.kernel.ids import AreaId


class AreaStore(Protocol):
    """Where the catalogue is kept, for all processes alike. Down: raises `Unavailable`; who has read it goes on with what was read."""

    def revision(self) -> str:
        """The revision there is: cheap, so that it can be asked for often. Empty where nothing was ever loaded."""
        ...

    def read(self) -> Catalogue:
        """The whole catalogue, all of one revision."""
        ...

    def replace(self, catalogue: Catalogue, names: Mapping[AreaId, AreaName]) -> Catalogue:
        """Put `catalogue` in place of the one whose revision it bears, whole or not at all; gives it with its new revision.

        `names` are from then on what `JournalTail.area_names` says of the catalogue. Raises `CatalogueConflict`
        where another one was put there since.
        """
        ...
