"""Which sources are heard from, and when they last were."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from services.kernel.ids import SourceName
from services.kernel.sources import Expected, Source


class Sources(Protocol):
    """When each source was last heard from, kept with the journal. Down: raises `Unavailable`."""

    def heard(self, name: SourceName, at: datetime) -> None:
        """`name` sent a picture, or said that its last one still holds. Never goes back."""
        ...

    def expect(self, expected: Mapping[SourceName, Expected]) -> None:
        """These, and no others, are polled from now on. One that was expected before keeps the moment since when it is."""
        ...

    def known(self) -> list[Source]:
        """Every source that was heard from or is expected, by name."""
        ...

    def forget(self, name: SourceName) -> bool:
        """`name` will not be heard from again, and is missed no longer. False where it isn't known."""
        ...

    def quiet(self, name: SourceName) -> bool:
        """Note that `name` is stale; whether that is news."""
        ...

    def back(self, name: SourceName) -> bool:
        """Note that `name` is not stale; whether that is news."""
        ...
