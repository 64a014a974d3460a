"""The area catalogue in this process: the twin of areas_redis."""

import secrets
from collections.abc import Mapping

import msgspec

from services.adapters.journal_memory import MemoryJournal
from services.kernel.areas import AreaName, Catalogue
from services.kernel.ids import AreaId
from services.kernel.ports.failures import CatalogueConflict, Unavailable


class MemoryAreas:
    """Meets `kernel.ports.AreaStore`; the names go to `journal`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, journal: MemoryJournal | None = None) -> None:
        self.down = False
        self._journal = journal or MemoryJournal()
        self._catalogue = Catalogue()

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The areas in memory are set down.")

    def revision(self) -> str:
        """Meets `AreaStore.revision`."""
        self._up()
        return self._catalogue.revision

    def read(self) -> Catalogue:
        """Meets `AreaStore.read`."""
        self._up()
        return self._catalogue

    def replace(self, catalogue: Catalogue, names: Mapping[AreaId, AreaName]) -> Catalogue:
        """Meets `AreaStore.replace`."""
        self._up()
        if catalogue.revision != self._catalogue.revision:
            raise CatalogueConflict("Another area catalogue was loaded meanwhile.")
        number = int(catalogue.revision.partition("-")[0] or 0) + 1
        areas = tuple(sorted(catalogue.areas, key=lambda area: (area.kind, area.id)))
        self._catalogue = msgspec.structs.replace(catalogue, revision=f"{number}-{secrets.token_hex(4)}", areas=areas)
        self._journal.catalogue_names = dict(names)
        return self._catalogue
