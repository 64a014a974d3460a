"""A limit of time that costs nothing where nothing is waited for."""

import asyncio
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


async def within(coming: Coroutine[Any, Any, T], timeout_s: float) -> T:
    """What `coming` gives. Raises TimeoutError where it waits for longer.

    It is begun before any timer is set: most bodies are there already when they are read, and a timer set and cleared costs several times as much as that.
    """
    try:
        waits_for = coming.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    async with asyncio.timeout(timeout_s):
        return await _Begun(coming, waits_for)


def at_once(coming: Coroutine[Any, Any, T]) -> T:
    """What `coming` gives, which is known to wait for nothing. Raises RuntimeError where it waits after all: nobody could go on with it."""
    try:
        coming.send(None)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
    coming.close()
    raise RuntimeError(f"{coming} waits")


class _Begun(Generic[T]):
    """A coroutine that has begun, to be awaited: the loop gets what it waits for, and it gets what comes of that (as `yield from` would, PEP 380)."""

    def __init__(self, coming: Coroutine[Any, Any, T], waits_for: Any) -> None:
        self._coming, self._waits_for = coming, waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                came = yield waits_for
                go_on = partial(self._coming.send, came)
            except BaseException as error:
                go_on = partial(self._coming.throw, error)
            try:
                waits_for = go_on()
            except StopIteration as ended:
                return ended.value  # type: ignore[no-any-return]
