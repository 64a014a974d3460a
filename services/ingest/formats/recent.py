"""Records read lately, so that what a picture repeats (mostly everything) is not read again."""

from collections.abc import Callable
from typing import Generic, TypeVar

Read = TypeVar("Read")


class Recent(Generic[Read]):
    """What was made of each record of the last picture, by the record's bytes. Holds one picture; not for two threads at once."""

    def __init__(self) -> None:
        self._last: dict[bytes, Read] = {}

    def read_all(self, records: list[bytes], read: Callable[[list[bytes]], list[Read]]) -> list[Read]:
        """What `read` makes of the records, in their order; it is asked, once, for those that the last picture did not have."""
        last = self._last
        new = [record for record in records if record not in last]
        read_now = iter(read(new))
        results = [last[record] if record in last else next(read_now) for record in records]
        self._last = dict(zip(records, results, strict=True))
        return results
