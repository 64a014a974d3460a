"""A memory of what was used last, of a size that no sender can make grow."""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Bounded(Generic[T]):
    """Keeps `most` entries by name; the one unused for longest makes room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[str, T] = OrderedDict()

    def get(self, name: str) -> T | None:
        """The entry, now the one used last."""
        entry = self._entries.get(name)
        if entry is not None:
            self._entries.move_to_end(name)
        return entry

    def put(self, name: str, entry: T) -> T:
        """Keep `entry`, in place of the one before."""
        self._entries[name] = entry
        self._entries.move_to_end(name)
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)
        return entry

    def forget(self, name: str) -> None:
        """Drop the entry, if there is one."""
        self._entries.pop(name, None)

    def entries(self) -> list[T]:
        """All of them, the one unused for longest first."""
        return list(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)
