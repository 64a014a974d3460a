"""The index of the extents that a mirror shows."""

import asyncio
from collections.abc import Mapping

from services.kernel.extent_index import ExtentIndex
from services.kernel.ids import OutageKey
from services.kernel.views import Extent, Shown

IN_A_THREAD_FROM = 100
"""Shapes made anew at a time from which on a thread makes them: other questions are answered meanwhile."""


class Locator:
    """Keeps the index of what a mirror shows: made when it is asked for, anew when the extents changed."""

    def __init__(self, close_m: float) -> None:
        self._close_m = close_m
        self._of: Mapping[OutageKey, Extent] | None = None
        self._index = ExtentIndex({}, close_m)
        self._making = asyncio.Lock()

    async def index(self, shown: Shown, *, by_place: bool) -> ExtentIndex:
        """The index of `shown`; `by_place`: places can be looked up in it at once."""
        if shown.extents is not self._of:
            self._index, self._of = ExtentIndex(shown.extents, self._close_m, self._index), shown.extents
        index = self._index
        if by_place and index.costly >= IN_A_THREAD_FROM:
            async with self._making:
                await asyncio.to_thread(index.prepare)
        return index
