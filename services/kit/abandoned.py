"""A limit of time for a call that can't be stopped: it is left behind. For libraries that wait without a limit of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def or_abandoned(call: Callable[[], T], timeout_s: float, name: str) -> T:
    """What `call` gives, or raises. Raises TimeoutError where it takes longer: it goes on in a thread called `name` that keeps no process alive,
    and what it gives then is lost."""
    coming: Future[T] = Future()

    def run() -> None:
        try:
            coming.set_result(call())
        except BaseException as error:  # whatever it is: whoever waits gets it
            coming.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return coming.result(timeout_s)
