"""Records read lately, so that what a picture repeats (mostly everything) is not read again."""

from collections.abc import Callable
from typing import Generic, TypeVar

Read = TypeVar("Read")


class Recent(Generic[Read]):
    """What was made of each record of the last picture, by the record's bytes. Holds one picture; not for two threads at once."""

    def __init__(self) -> None:
        self._last: dict[bytes, Read] = {}

    def read_all(self, records: list[bytes], read: Callable[[bytes], Read]) -> list[Read]:
        """What `read` makes of each record, asked only for records that the last picture did not have."""
        last, now = self._last, {}
        results = []
        for record in records:
            result = last.get(record)
            if result is None:
                result = read(record)
            now[record] = result
            results.append(result)
        self._last = now
        return results
