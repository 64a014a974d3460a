"""Gives outages without areas theirs, by where they are; follows the catalogue without a restart."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Protocol, TypeVar

import msgspec
import shapely

from services.ingest.areas.index import Areas, Index
from services.kernel.events import AnyGeometry, Condition, Point
from services.kernel.ports.areas import AreaStore
from services.kernel.ports.failures import Unavailable
from services.kit.logs import log
from services.kit.metrics import CATALOGUE_AREAS, LOCATED
from services.kit.settings import Settings
from services.kit.shared import Shared

Outage = TypeVar("Outage", bound=Condition)
_FOUND, _NOWHERE = LOCATED.labels("found"), LOCATED.labels("none")
_encode = msgspec.msgpack.Encoder().encode


class Placing(Protocol):
    """Finds the areas of what has only a place."""

    async def ready(self) -> None:
        """Return once the catalogue was read. Raises `Unavailable` where it never was and can't be now: nothing may be placed nowhere by mistake."""
        ...

    def of(self, geometry: AnyGeometry) -> Areas:
        """The areas that `geometry` lies in; none where it is outside of all."""
        ...

    def placed(self, outages: Sequence[Outage]) -> Sequence[Outage]:
        """`outages` in their order; those that have a geometry and no areas with the areas it lies in. Safe in any thread."""
        ...


class Nowhere:
    """Meets `Placing` where there is no catalogue: outages stay as they are."""

    async def ready(self) -> None:
        """Meets `Placing.ready`."""

    def of(self, _geometry: AnyGeometry) -> Areas:
        """Meets `Placing.of`."""
        return ()

    def placed(self, outages: Sequence[Outage]) -> Sequence[Outage]:
        """Meets `Placing.placed`."""
        return outages


class _Held:
    """One revision's index, and what was found in it: pictures show the same shapes poll after poll."""

    def __init__(self, revision: str, index: Index) -> None:
        self.revision, self.index = revision, index
        self.found: OrderedDict[bytes, Areas] = OrderedDict()


class Places:
    """Meets `Placing`. Holds one revision until the next is whole in memory; a batch is placed by one revision throughout."""

    def __init__(self, store: AreaStore, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._held: _Held | None = None
        self._refreshing, self._finding = threading.Lock(), threading.Lock()
        self._thread = ThreadPoolExecutor(1, "places")  # its own, and one: many who wait for the catalogue must not hold the threads that bodies are read in
        self._refreshed = Shared(lambda: asyncio.get_running_loop().run_in_executor(self._thread, self.refresh))

    async def ready(self) -> None:
        """Meets `Placing.ready`."""
        if self._held is None:
            await self._refreshed()

    async def watch(self) -> None:
        """Go on following the catalogue until cancelled."""
        while True:
            try:
                await self._refreshed()
            except Unavailable as error:
                log.debug("ingest.areas_delayed", reason=str(error))  # the journal is in the same Redis: what is down is told there
            except Exception as error:  # whatever it is, the one held is good and the next try may work
                log.error("ingest.areas_failed", exc_info=error)
            await asyncio.sleep(self._settings.area_check_s)

    def refresh(self) -> None:
        """Take over the catalogue if it is another one than is held. Blocks. Raises `Unavailable`, with the one held as it was.

        One that can't be read is passed over: what is held goes on, and no event waits for somebody to mend it.
        """
        with self._refreshing:
            revision = self._store.revision()
            if self._held is not None and revision == self._held.revision:
                return
            try:
                catalogue = self._store.read()
                index = Index(catalogue.counted, self._settings.area_overlap_share)
            except (msgspec.MsgspecError, shapely.errors.ShapelyError) as error:
                log.error("ingest.areas_unreadable", revision=revision, reason=str(error), action="load the catalogue again: surgecast areas load")
                index = self._held.index if self._held is not None else Index((), self._settings.area_overlap_share)
                self._held = _Held(revision, index)
                return
            self._held = _Held(catalogue.revision, index)
        CATALOGUE_AREAS.set(len(index))
        if catalogue.revision:
            log.info("ingest.areas_loaded", revision=catalogue.revision, layers=catalogue.layers, areas=len(index))

    def of(self, geometry: AnyGeometry) -> Areas:
        """Meets `Placing.of`."""
        held = self._held
        if held is None or not len(held.index):
            return ()
        return held.index.of(geometry) if isinstance(geometry, Point) else self._of_shape(held, geometry)

    def placed(self, outages: Sequence[Outage]) -> Sequence[Outage]:
        """Meets `Placing.placed`."""
        held = self._held
        if held is None or not len(held.index):
            return outages
        asked = {at: outage.geometry for at, outage in enumerate(outages) if not outage.areas and outage.geometry is not None}
        if not asked:
            return outages
        points = {at: geometry.coordinates for at, geometry in asked.items() if isinstance(geometry, Point)}
        areas = dict(zip(points, held.index.of_points(list(points.values())), strict=True))
        areas |= {at: self._of_shape(held, geometry) for at, geometry in asked.items() if at not in points}
        found = list(outages)
        for at, its_areas in areas.items():
            if its_areas:
                found[at] = msgspec.structs.replace(found[at], areas=its_areas)
        placed = sum(map(bool, areas.values()))
        _FOUND.inc(placed)
        _NOWHERE.inc(len(areas) - placed)
        return found

    def _of_shape(self, held: _Held, geometry: AnyGeometry) -> Areas:
        key = blake2b(_encode(geometry), digest_size=16).digest()
        with self._finding:
            known = held.found.get(key)
            if known is not None:
                held.found.move_to_end(key)
                return known
        try:
            areas = held.index.of(geometry)
        except shapely.errors.GEOSException as error:  # a shape that can't be reckoned with is nowhere, and loses nothing
            log.warning("ingest.shape_not_placed", reason=str(error))
            areas = ()
        with self._finding:
            held.found[key] = areas
            while len(held.found) > self._settings.area_cache_max:
                held.found.popitem(last=False)
        return areas
