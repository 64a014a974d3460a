"""The areas' views in memory: the honest twin of `views_redis`, for one process. Meets `kernel.ports.ViewStore` and `ViewFeed`."""

from collections.abc import Iterable

from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.outputs import NO_EXTENTS, Extents
from services.kernel.views import Answers, Extent, Stamp, View, ViewChanges, position_order


class MemoryViews:
    """Both sides in one object."""

    def __init__(self) -> None:
        self._views: dict[AreaId, tuple[int, View]] = {}
        self._overall: tuple[int, Answers] = (0, {})
        self._extents: dict[OutageKey, tuple[int, Extent | None]] = {}
        self._stamp: Stamp | None = None
        self._revision = self._whole_at = 0

    def publish(self, views: Iterable[View], overall: Answers, stamp: Stamp, extents: Extents = NO_EXTENTS, *, whole: bool = False) -> bool:
        """Meets `ViewStore.publish`."""
        if self._stamp is not None and position_order(stamp.position) < position_order(self._stamp.position):
            return False
        new = {view.brief.area: view for view in views}
        following = self._revision + 1
        changed = {area: (following, view) for area, view in new.items() if self._held(area) != view}
        gone = self._views.keys() - new.keys() if whole else set()
        moved = self._moved(extents)
        if gone or self._stamp is None:
            self._whole_at = following
        if changed or gone or moved or overall != self._overall[1] or self._stamp is None:
            self._revision = following
        if overall != self._overall[1]:
            self._overall = (following, overall)
        self._views.update(changed)
        self._extents.update({key: (following, extent) for key, extent in moved.items()})
        for area in gone:
            del self._views[area]
        self._stamp = stamp
        return True

    async def changes(self, revision: int) -> ViewChanges | None:
        """Meets `ViewFeed.changes`."""
        if self._stamp is None:
            return None
        whole = not self._whole_at <= revision <= self._revision
        views = {area: view for area, (at, view) in self._views.items() if whole or at > revision}
        overall = self._overall[1] if whole or self._overall[0] > revision else None
        extents = {key: extent for key, (at, extent) in self._extents.items() if (extent is not None if whole else at > revision)}
        return ViewChanges(self._revision, self._stamp, views, overall, whole, extents)

    def _moved(self, extents: Extents) -> dict[OutageKey, Extent | None]:
        dropped = self._extents.keys() - extents.changed.keys() if extents.whole else set()
        given = {**extents.changed, **dict.fromkeys(dropped)}
        return {key: extent for key, extent in given.items() if self._extents.get(key, (0, None))[1] != extent}

    def _held(self, area: AreaId) -> View | None:
        return self._views[area][1] if area in self._views else None
