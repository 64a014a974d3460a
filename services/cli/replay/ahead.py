"""Reads ahead in a thread: the next request is decompressed and cut out while the one before is on its way."""

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Iterates over `items`, made in a thread, at most `depth` ahead; an error there is raised here, in its place."""

    def __init__(self, items: Iterable[T], depth: int = 2) -> None:
        self._queue: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(depth)
        self._over = threading.Event()
        threading.Thread(target=self._make, args=(items,), daemon=True, name="read-ahead").start()

    def __iter__(self) -> Iterator[T]:
        try:
            while (item := self._queue.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item[0]
        finally:
            self._over.set()

    def _make(self, items: Iterable[T]) -> None:
        try:
            for item in items:
                if not self._put((item,)):
                    return
            self._put(None)
        except BaseException as error:
            self._put(error)

    def _put(self, item: "tuple[T] | BaseException | None") -> bool:
        while not self._over.is_set():
            try:
                self._queue.put(item, timeout=0.5)
            except queue.Full:
                continue
            return True
        return False
