"""How much work may be at hand: beyond that, refuse early and cheaply (I9); what was let in is finished."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.kit.http import Problem


class Admission:
    """Counts the requests, and the bytes of their bodies, that are being worked on in this process."""

    def __init__(
        self,
        requests_max: int,
        bytes_max: int,
        retry_after_max_s: int,
        jitter: random.Random | None = None,
        pressure: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`pressure` tells, at once, what speaks against taking more."""
        self.requests_max, self.bytes_max, self.retry_after_max_s = requests_max, bytes_max, retry_after_max_s
        self._pressure = pressure
        self.requests = self.bytes = 0
        self._jitter = jitter or random.Random()

    @contextmanager
    def admit(self, slot: "Slot") -> Iterator[None]:
        """Keep a place for `slot`, given back however the request ends. Raises `Problem` 503 where all are taken."""
        if why := self._pressure():
            raise self.refusal(why, "behind")
        if self.requests >= self.requests_max:
            raise self.refusal(f"{self.requests} requests are being worked on")
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1
            self.bytes -= slot.held

    def refusal(self, why: str, name: str = "busy") -> Problem:
        """503 with a Retry-After that differs from sender to sender, so that those refused together don't come back together."""
        after = self._jitter.randint(1, self.retry_after_max_s)
        detail = f"Too busy: {why}. Nothing was taken; send the same again in {after} s: repeating is safe."
        return Problem(503, name, name.capitalize(), detail, {"Retry-After": str(after)})

    def unavailable(self) -> Problem:
        """503 for a journal that can't be reached, or refuses: its memory may be full."""
        after = self._jitter.randint(1, self.retry_after_max_s)
        detail = f"The journal can't be written now. Nothing was acknowledged; send the same again in {after} s: repeating is safe."
        return Problem(503, "journal-unavailable", "Journal unavailable", detail, {"Retry-After": str(after)})


class Slot:
    """One request's place, and the bytes that it holds."""

    def __init__(self, admission: Admission) -> None:
        self._admission, self.held = admission, 0

    def hold(self, total: int) -> None:
        """Hold `total` bytes, counting those held before. Raises `Problem` 503 where that is more than is left for all."""
        more = total - self.held
        if more <= 0:
            return
        if self._admission.bytes + more > self._admission.bytes_max:
            raise self._admission.refusal(f"{self._admission.bytes} bytes are being worked on")
        self._admission.bytes += more
        self.held = total
